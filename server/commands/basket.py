"""`run.py basket`: what Basket has yet to hear of, and what to do about what it refuses."""

import argparse
import sys
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

from conf.settings.settings import Settings
from server.basket.outbox import OUTBOX, parse_id, sync_operation
from server.commands.opening import opened
from server.commands.parked import add_parked_verbs, settle_parked
from server.commands.reporting import ProgressReporter
from server.storage.lease_queue import PARKED, PENDING
from server.storage.store import Store

HELP = "see and steer what is sent to Basket"
DESCRIPTION = """\
Changes wait in the outbox until Basket has taken them. Records that it refused
too often are parked: `status` lists them, `retry` sends them again, `drop`
forgets them. `resync` records objects as changed, so that they are sent anew.

Objects are named as in `status`: addon:7 user:12. Works while a server runs.
"""
_LISTED: Final = 20  # parked records that `status` lists
_BATCH: Final = 200
_DUE: Final = (("due", 1),)
_COLLECTIONS: Final = {"addon": "addons", "user": "users"}


def add_arguments(parser: Any) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB", dest="verb")
    one = verbs.add_parser("status", help="count what waits, list what is parked")
    add_parked_verbs(verbs, "addon:7 or user:12")
    one = verbs.add_parser("resync", help="record objects as changed")
    one.add_argument("ids", nargs="*", metavar="ID", help="addon:7 or user:12")
    one.add_argument("--all", action="store_true", help="every add-on and every account")


async def run(args: argparse.Namespace, settings: Settings) -> int:
    async with opened(settings) as here:
        if args.verb == "status":
            await _status(here.store)
        elif args.verb == "resync":
            return await _resync(here.store, args)
        else:
            await settle_parked(here.store, ["basket"], args)
    return 0


async def _status(store: Store) -> None:
    waiting = await store.count(OUTBOX, {"state": PENDING})
    parked = await store.count(OUTBOX, {"state": PARKED})
    print(f"{waiting} pending, {parked} parked")
    failing = {"state": PENDING, "tries": {"$gt": 0}}
    for record in await store.find(OUTBOX, failing, sort=_DUE, limit=1, unchecked=True):
        print(f"pending  {record['_id']}  {record['tries']} tries, last answer: {record.get('error')}")
    for record in await store.find(OUTBOX, {"state": PARKED}, sort=_DUE, limit=_LISTED, unchecked=True):
        refusals = record.get("refusals", 0)
        print(f"parked   {record['_id']}  {refusals} refusals, last answer: {record.get('error')}")
    if parked > _LISTED:
        print(f"... and {parked - _LISTED} more parked")


async def _resync(store: Store, args: argparse.Namespace) -> int:
    if args.all == bool(args.ids):
        print("amoeba: name objects (addon:7 user:12), or say --all", file=sys.stderr)
        return 2
    if args.all:
        count = 0
        total = sum([await store.size(collection) for collection in _COLLECTIONS.values()])
        with ProgressReporter("recording", total, "objects") as reporter:
            async for batch in _everything(store):
                await _record(store, batch)
                count += len(batch)
                reporter.progress(len(batch))
        print(f"{count} recorded")
        return 0
    named = [parse_id(text) for text in args.ids]
    wrong = [text for text, parsed in zip(args.ids, named, strict=True) if parsed is None]
    if wrong:
        print(f"amoeba: not an object: {', '.join(wrong)} (addon:7 or user:12)", file=sys.stderr)
        return 2
    found = [
        (kind, object_id)
        for kind, object_id in filter(None, named)
        if await store.find_one(_COLLECTIONS[kind], {"_id": object_id}, {"_id": 1})
    ]
    await _record(store, found)
    print(f"{len(found)} recorded")
    for kind, object_id in set(filter(None, named)) - set(found):
        print(f"{kind}:{object_id} does not exist", file=sys.stderr)
    return 0 if len(found) == len(named) else 1


async def _everything(store: Store) -> AsyncIterator[list[tuple[str, int]]]:
    """Add-ons before accounts: Basket ignores accounts it knows from no add-on (contract/basket.md 2)."""
    for kind, collection in _COLLECTIONS.items():
        async for documents in store.scan(collection, fields={"_id": 1}, whole=True):
            yield [(kind, document["_id"]) for document in documents]


async def _record(store: Store, objects: Iterable[tuple[str, int]]) -> None:
    operations = [sync_operation(kind, object_id) for kind, object_id in objects]
    for start in range(0, len(operations), _BATCH):
        await store.write(operations[start : start + _BATCH], maintenance=True)
