"""`run.py mail`: show and manage inbound and outgoing mail.

Inbound mail is stored, then processed in the background; outgoing mail waits until
the SMTP server has accepted it. Records that failed too often are parked: `status`
lists them, `retry` tries them again, `drop` deletes them.

`token` prints the address to which USER may reply about a version (its id) of
ADDON, as a mail about it would have it, and resets its count of uses.

A server may be running.
"""

import argparse
from collections import Counter
from typing import Any, Final

from index.documents.identifiers import identify
from server.auth import account_admin
from server.changes import Change
from server.cli.opening import CommandContext, with_store
from server.cli.parked import add_parked_verbs, print_failing, settle_parked
from server.errors import OperatorFault, StartError
from server.mail.inbox import INBOX, SEEN_MAIL
from server.mail.outgoing import OUTBOX
from server.mail.reply_tokens import renew_token, reply_address
from server.storage.lease_queue import DISCARDED, PARKED, PENDING
from server.storage.store import Store

_LISTED: Final = 20  # records that `status` lists
_BOXES: Final = {"mail_in": ("inbox", INBOX), "mail_out": ("outbox", OUTBOX)}  # by their queues


def add_arguments(parser: Any) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB", dest="verb")
    verbs.add_parser("status", help="count what waits, list what is parked or was discarded")
    add_parked_verbs(verbs, "as status lists them")
    token = verbs.add_parser("token", help="print the address a user may reply to")
    token.add_argument("addon", metavar="ADDON", help="id, guid or slug")
    token.add_argument("version", metavar="VERSION", type=int, help="id of the version")
    token.add_argument("user", metavar="USER", help="id, username or e-mail address")


@with_store
async def run(args: argparse.Namespace, context: CommandContext) -> None:
    if args.verb == "status":
        await _status(context.store)
    elif args.verb == "token":
        await _token(context, args)
    else:
        await settle_parked(args, context.store, list(_BOXES))


async def _status(store: Store) -> None:
    for queue, (name, collection) in _BOXES.items():
        states = (PENDING, PARKED, DISCARDED) if collection == INBOX else (PENDING, PARKED)
        counts = [f"{await store.count(collection, {'state': state})} {state}" for state in states]
        print(f"{name}: {', '.join(counts)}")
        await print_failing(store, queue, _LISTED)
    print(f"became notes: {await store.count(SEEN_MAIL, {'outcome': 'note'})}")
    discarded = await store.find(INBOX, {"state": DISCARDED}, sort=(("due", -1),), limit=1000)
    for reason, count in Counter(record["reason"] for record in discarded).most_common(_LISTED):
        print(f"  discarded {count}: {reason}")


async def _token(context: CommandContext, args: argparse.Namespace) -> None:
    if not context.settings.inbound_email_domain:
        raise StartError("there are no reply addresses: set inbound_email_domain first")
    user = await account_admin.find_user(context.store, args.user)
    addon = await context.store.find_addon(*identify(args.addon))
    if addon is None or args.version not in [version["id"] for version in addon["versions"]]:
        raise OperatorFault(f"there is no version {args.version} of {args.addon}")

    async def work(change: Change) -> str:
        return await renew_token(change, addon["_id"], args.version, user["_id"])

    token = await context.changes.run(work, wait=False)
    print(reply_address(token, context.settings.inbound_email_domain))
