"""What operators do about records that failed too often: the verbs `retry` and `drop` of several commands."""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from server.commands.reporting import ProgressReporter
from server.storage.lease_queue import PARKED
from server.storage.operations import Delete, Operation
from server.storage.store import Store

Again = Callable[[str, Mapping[str, Any]], Operation | None]


def add_parked_verbs(verbs: Any, ids: str) -> None:
    """`ids` says how records are named."""
    for verb, help in (("retry", "try parked records again"), ("drop", "forget parked records")):
        parser = verbs.add_parser(verb, help=help)
        parser.add_argument("ids", nargs="*", metavar="ID", help=f"{ids}; none: all parked ones")


async def settle_parked(
    store: Store, collections: Iterable[str], args: argparse.Namespace, again: Again
) -> None:
    """`again(collection, record)` is what makes a record due; None: it is of no use."""
    drops, settled, ids = args.verb == "drop", 0, set(args.ids)
    query: dict[str, Any] = {"state": PARKED} | ({"_id": {"$in": list(ids)}} if ids else {})
    with ProgressReporter("dropping" if drops else "retrying") as reporter:
        for collection in collections:
            async for records in store.scan(collection, query=query, unchecked=True):
                made = [
                    Delete(collection, one["_id"]) if drops else again(collection, one) for one in records
                ]
                await store.write([one for one in made if one], maintenance=True)
                settled += len(records)
                reporter.progress(len(records))
    print(f"{settled} {'dropped' if drops else 'to be tried again'}")
    if len(ids) > settled:
        print(f"{len(ids) - settled} of those named are not parked", file=sys.stderr)
