"""`run.py webhook`: tell other programs of what happens, by signed webhooks.

Add addresses that are told of events by POST, signed by the rules of Standard
Webhooks. `add` prints the secret, which is shown this once; `rotate` makes a new
one, and the old one signs beside it for a day; `test` sends a message now and says
what came of it. An address that answers 410 is disabled, as `disable` does, until
`enable`: it hears of nothing new, and what waits stays.

Events wait until the address has taken them. What it did not take in three days
is parked: `status` lists such records, `retry` sends them again, `drop` forgets
them. Works while a server runs.
"""

import argparse
import time
from typing import Any, Final

from server.cli.opening import Opened, open_keyring, with_store
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
    add = verbs.add_parser("add", help="tell an address of events")
    add.add_argument("url", metavar="URL", help="https://…")
    add.add_argument(
        "--event",
        action="append",
        default=[],
        metavar="EVENT",
        help="addon.created, addon.*; may be repeated; none: all",
    )
    verbs.add_parser("list", help="show the addresses, what they want and what waits for them")
    for verb, help in (
        ("remove", "forget an address and what waits for it"),
        ("disable", "tell an address nothing for now"),
        ("enable", "send to an address again that was disabled"),
        ("rotate", "make a new secret and print it"),
        ("test", "send a message now"),
    ):
        verbs.add_parser(verb, help=help).add_argument("id", type=int, metavar="ID", help="as list has it")
    verbs.add_parser("status", help="count what waits, list what fails")
    add_parked_verbs(verbs, "as status lists them")


@with_store
async def run(args: argparse.Namespace, context: Opened) -> int:
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


async def _add(context: Opened, args: argparse.Namespace) -> None:
    keyring, private = await open_keyring(context), context.settings.webhook_private
    endpoint, secret = await endpoints.add_endpoint(
        context.store, keyring, args.url, args.event, private=private
    )
    print(f"webhook: {endpoint['_id']}\nsecret: {secret}")


async def _change(context: Opened, args: argparse.Namespace) -> None:
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


async def _list(context: Opened) -> None:
    for endpoint in await endpoints.list_endpoints(context.store):
        waiting = await context.store.count(OUTBOX, {"endpoint": endpoint["_id"]})
        state = f"disabled: {endpoint['disabled']}" if endpoint["disabled"] else "enabled"
        wants = ", ".join(endpoint["events"]) or "all events"
        print(f"{endpoint['_id']}  {endpoint['url']}  {wants}  {state}  {waiting} waiting")


async def _status(context: Opened) -> None:
    counts = [await context.store.count(OUTBOX, {"state": state}) for state in (PENDING, PARKED)]
    print(f"{counts[0]} pending, {counts[1]} parked")
    await print_failing(context.store, "webhooks", _LISTED)


async def _test(context: Opened, id: int) -> int:
    endpoint, keyring = await endpoints.find_endpoint(context.store, id), await open_keyring(context)
    began = time.monotonic()
    answer = await send_test(context.settings, endpoint, keyring)
    print(f"{answer.status} in {time.monotonic() - began:.2f} s")
    return 0 if answer.is_success else 1
