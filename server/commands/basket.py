"""`run.py basket`: show and manage what is sent to Basket.

Changes wait in the outbox until Basket has accepted them. Records that it refused
too often are parked: `status` lists them, `retry` sends them again, `drop`
deletes them. `resync` records objects as changed, so that they are sent again.

Objects are named as in `status`: addon:7 user:12. A server may be running.
"""

import argparse
import sys
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

from conf.settings.settings import Settings
from server.basket.outbox import OUTBOX, parse_id, sync_operation
from server.cli.opening import CommandContext, with_store
from server.cli.parked import add_parked_verbs, settle_parked
from server.cli.reporting import ProgressReporter
from server.errors import UsageFault
from server.storage.lease_queue import PARKED, PENDING
from server.storage.store import Store

_LISTED: Final = 20  # parked records that `status` lists
_BATCH: Final = 200
_DUE: Final = (("due", 1),)
_COLLECTIONS: Final = {"addon": "addons", "user": "users"}


def add_arguments(parser: Any) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB", dest="verb")
    verbs.add_parser("status", help="count what waits, list what is parked")
    add_parked_verbs(verbs, "addon:7 or user:12")
    resync = verbs.add_parser("resync", help="record objects as changed")
    resync.add_argument("objects", nargs="*", type=_object, metavar="ID", help="addon:7 or user:12")
    resync.add_argument("--all", action="store_true", help="every add-on and every account")


def _object(text: str) -> tuple[str, int]:
    if (parsed := parse_id(text)) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no object such as addon:7 or user:12")
    return parsed


async def run(args: argparse.Namespace, settings: Settings) -> int:
    if args.verb == "resync" and args.all == bool(args.objects):
        raise UsageFault("name objects (addon:7 user:12), or say --all")
    return await _run(args, settings)


@with_store
async def _run(args: argparse.Namespace, context: CommandContext) -> int:
    if args.verb == "resync":
        return await _resync(context.store, args)
    if args.verb == "status":
        await _status(context.store)
    else:
        await settle_parked(args, context.store, ["basket"])
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
    if args.all:
        total = sum([await store.size(collection) for collection in _COLLECTIONS.values()])
        with ProgressReporter("recording", total, "objects") as reporter:
            async for batch in _all_objects(store):
                await _record(store, batch)
                reporter.progress(len(batch))
        print(f"{reporter.done} recorded")
        return 0
    stored = [
        (kind, object_id)
        for kind, object_id in args.objects
        if await store.find_one(_COLLECTIONS[kind], {"_id": object_id}, {"_id": 1})
    ]
    await _record(store, stored)
    print(f"{len(stored)} recorded")
    for kind, object_id in set(args.objects) - set(stored):
        print(f"{kind}:{object_id} does not exist", file=sys.stderr)
    return int(len(stored) < len(args.objects))


async def _all_objects(store: Store) -> AsyncIterator[list[tuple[str, int]]]:
    """Add-ons before accounts, because Basket ignores accounts without add-ons (contract/basket.md 2)."""
    for kind, collection in _COLLECTIONS.items():
        async for documents in store.scan(collection, fields={"_id": 1}, whole=True):
            yield [(kind, document["_id"]) for document in documents]


async def _record(store: Store, objects: Iterable[tuple[str, int]]) -> None:
    operations = [sync_operation(kind, object_id) for kind, object_id in objects]
    for start in range(0, len(operations), _BATCH):
        await store.write(operations[start : start + _BATCH], maintenance=True)
