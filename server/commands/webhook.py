"""`run.py webhook`: manage signed webhooks for other programs.

A webhook is an address that receives events by POST, signed as Standard Webhooks
defines it. `add` prints its secret, which is shown only this once; `rotate` makes a
new one, and for a day messages are signed with both; `test` sends a message now and
prints the result. A webhook that answers 410 is disabled, as by `disable`, until
`enable`: it gets no new events, and waiting ones are kept.

Events wait until the webhook has accepted them. Those it did not accept within
three days are parked: `status` lists them, `retry` sends them again, `drop` deletes
them. A server may be running.
"""

import argparse
import time
from typing import Any, Final

from server.cli.opening import CommandContext, open_keyring, with_store
from server.cli.parked import add_parked_verbs, print_failing, settle_parked
from server.storage.lease_queue import PARKED, PENDING
from server.webhooks import endpoints
from server.webhooks.events import TYPES
from server.webhooks.outbox import OUTBOX
from server.webhooks.requests import send_test

EPILOG = "events: " + ", ".join(TYPES)
_LISTED: Final = 20  # records that `status` lists


def add_arguments(parser: Any) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB", dest="verb")
    add = verbs.add_parser("add", help="add a webhook")
    add.add_argument("url", metavar="URL", help="https://…")
    add.add_argument(
        "--event",
        action="append",
        default=[],
        metavar="EVENT",
        help="addon.created, addon.*; may be repeated; default: all",
    )
    verbs.add_parser("list", help="list webhooks, their events and what waits for them")
    for verb, help in (
        ("remove", "remove a webhook and what waits for it"),
        ("disable", "stop sending to a webhook for now"),
        ("enable", "send to a disabled webhook again"),
        ("rotate", "make a new secret and print it"),
        ("test", "send a message now"),
    ):
        verbs.add_parser(verb, help=help).add_argument("id", type=int, metavar="ID", help="id from `list`")
    verbs.add_parser("status", help="count waiting events, list failing ones")
    add_parked_verbs(verbs, "as status lists them")


@with_store
async def run(args: argparse.Namespace, context: CommandContext) -> int:
    match args.verb:
        case "add":
            await _add(context, args)
        case "list":
            await _list(context)
        case "status":
            await _status(context)
        case "retry" | "drop":
            await settle_parked(args, context.store, ["webhooks"])
        case "test":
            return await _test(context, args.id)
        case _:
            await _change(context, args)
    return 0


async def _add(context: CommandContext, args: argparse.Namespace) -> None:
    keyring, private = await open_keyring(context), context.settings.webhook_private
    endpoint, secret = await endpoints.add_endpoint(
        context.store, keyring, args.url, args.event, private=private
    )
    print(f"webhook: {endpoint['_id']}\nsecret: {secret}")


async def _change(context: CommandContext, args: argparse.Namespace) -> None:
    """Verbs about one endpoint."""
    if args.verb == "rotate":
        _, secret = await endpoints.rotate_secret(context.store, await open_keyring(context), args.id)
        print(f"secret: {secret}\nthe one before signs beside it for a day")
    elif args.verb == "disable":
        await endpoints.disable(context.store, args.id, "by run.py")
        print(f"webhook {args.id} receives nothing until run.py webhook enable {args.id}")
    elif args.verb == "enable":
        await endpoints.enable(context.store, args.id)
        print(f"webhook {args.id} receives events again")
    else:
        print(
            f"webhook {args.id} removed, and {await endpoints.remove(context.store, args.id)} waiting events"
        )


async def _list(context: CommandContext) -> None:
    for endpoint in await endpoints.list_endpoints(context.store):
        waiting = await context.store.count(OUTBOX, {"endpoint": endpoint["_id"]})
        state = f"disabled: {endpoint['disabled']}" if endpoint["disabled"] else "enabled"
        wants = ", ".join(endpoint["events"]) or "all events"
        print(f"{endpoint['_id']}  {endpoint['url']}  {wants}  {state}  {waiting} waiting")


async def _status(context: CommandContext) -> None:
    counts = [await context.store.count(OUTBOX, {"state": state}) for state in (PENDING, PARKED)]
    print(f"{counts[0]} pending, {counts[1]} parked")
    await print_failing(context.store, "webhooks", _LISTED)


async def _test(context: CommandContext, id: int) -> int:
    endpoint, keyring = await endpoints.find_endpoint(context.store, id), await open_keyring(context)
    began = time.monotonic()
    answer = await send_test(context.settings, endpoint, keyring)
    print(f"{answer.status} in {time.monotonic() - began:.2f} s")
    return 0 if answer.is_success else 1
