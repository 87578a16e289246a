"""`run.py mail`: what waits in the inbox and the outbox, and the addresses that answers go to."""

import argparse
import sys
import time
from collections import Counter
from typing import Any, Final

from conf.settings.settings import Settings
from index.documents.identifiers import identify
from server.auth import account_admin
from server.changes import Change
from server.commands.opening import Opened, opened
from server.commands.reporting import ProgressReporter
from server.mail.inbox import INBOX, SEEN
from server.mail.outgoing import OUTBOX
from server.mail.reply_tokens import renewed_token, reply_address
from server.storage.lease_queue import DISCARDED, PARKED, PENDING
from server.storage.operations import Delete, Update
from server.storage.store import Store

DESCRIPTION = """\
Inbound mail is stored, then taken in the background; outgoing mail waits until
the SMTP server has it. Records that failed too often are parked: `status` lists
them, `retry` tries them again, `drop` forgets them.

`token` prints the address to which USER may reply about a version (its id) of
ADDON, as a mail about it would have it; its count starts anew.

Works while a server runs.
"""
_SHOWN: Final = 20  # records that `status` lists
_BOXES: Final = {"inbox": INBOX, "outbox": OUTBOX}


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "mail",
        help="see and steer inbound and outgoing mail",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB", dest="verb")
    verbs.add_parser("status", help="count what waits, list what is parked or was discarded")
    for verb, help in (("retry", "try parked records again"), ("drop", "forget parked records")):
        one = verbs.add_parser(verb, help=help)
        one.add_argument("ids", nargs="*", metavar="ID", help="as status lists them; none: all parked ones")
    one = verbs.add_parser("token", help="print the address a user may reply to")
    one.add_argument("addon", metavar="ADDON", help="id, guid or slug")
    one.add_argument("version", metavar="VERSION", type=int, help="id of the version")
    one.add_argument("user", metavar="USER", help="id, username or e-mail address")
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace, settings: Settings) -> int:
    async with opened(settings) as here:
        if args.verb == "status":
            await _status(here.store)
        elif args.verb == "token":
            return await _token(here, settings, args)
        else:
            await _settle_parked(here.store, args.verb, args.ids)
    return 0


async def _status(store: Store) -> None:
    for name, collection in _BOXES.items():
        states = (PENDING, PARKED, DISCARDED) if collection == INBOX else (PENDING, PARKED)
        counts = [f"{await store.count(collection, {'state': state})} {state}" for state in states]
        print(f"{name}: {', '.join(counts)}")
        query = {"$or": [{"state": PARKED}, {"state": PENDING, "tries": {"$gt": 0}}]}
        for record in await store.find(collection, query, sort=(("due", 1),), limit=_SHOWN, unchecked=True):
            tries = record.get("tries", 0)
            print(f"  {record['state']}  {record['_id']}  {tries} tries: {record.get('error')}")
    print(f"became notes: {await store.count(SEEN, {'outcome': 'note'})}")
    found = await store.find(INBOX, {"state": DISCARDED}, sort=(("due", -1),), limit=1000)
    for reason, count in Counter(record["reason"] for record in found).most_common(_SHOWN):
        print(f"  discarded {count}: {reason}")


async def _settle_parked(store: Store, verb: str, ids: list[str]) -> None:
    settled = 0
    again = {"$set": {"state": PENDING, "due": 0.0, "since": time.time(), "tries": 0, "refusals": 0}}
    query: dict[str, Any] = {"state": PARKED} | ({"_id": {"$in": ids}} if ids else {})
    with ProgressReporter("dropping" if verb == "drop" else "retrying") as reporter:
        for collection in _BOXES.values():
            async for records in store.scan(collection, query=query, unchecked=True):
                for record in records:
                    drop, retry = Delete(collection, record["_id"]), Update(collection, record["_id"], again)
                    await store.write([drop if verb == "drop" else retry], maintenance=True)
                settled += len(records)
                reporter.progress(len(records))
    print(f"{settled} {'dropped' if verb == 'drop' else 'to be tried again'}")
    if len(set(ids)) > settled:
        print(f"{len(set(ids)) - settled} of those named are not parked", file=sys.stderr)


async def _token(here: Opened, settings: Settings, args: argparse.Namespace) -> int:
    if not settings.inbound_email_domain:
        print("amoeba: inbound_email_domain is unset: there are no reply addresses", file=sys.stderr)
        return 2
    try:
        user = await account_admin.find_user(here.store, args.user)
    except account_admin.AccountFault as fault:
        print(f"amoeba: {fault}", file=sys.stderr)
        return 1
    addon = await _find_addon(here.store, args.addon)
    if addon is None or args.version not in [version["id"] for version in addon["versions"]]:
        print(f"amoeba: there is no version {args.version} of {args.addon}", file=sys.stderr)
        return 1

    async def work(change: Change) -> str:
        return await renewed_token(change, addon["_id"], args.version, user["_id"])

    token = await here.changes.run(work, wait=False)
    print(reply_address(token, settings.inbound_email_domain))
    return 0


async def _find_addon(store: Store, name: str) -> Any:
    return await store.find_addon(*identify(name))
