"""The verbs `retry` and `drop` of several commands, for records that failed too often."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from server.cli.reporting import ProgressReporter
from server.operating.queues import drop, list_failing, retry
from server.storage.store import Store


def add_parked_verbs(verbs: Any, ids: str) -> None:
    """Add the verbs to a command; `ids` describes ids of records in the help."""
    for verb, help in (("retry", "try parked records again"), ("drop", "delete parked records")):
        parser = verbs.add_parser(verb, help=help)
        parser.add_argument("ids", nargs="*", metavar="ID", help=f"{ids}; default: all parked ones")


async def settle_parked(args: argparse.Namespace, store: Store, queues: Sequence[str]) -> None:
    """Retry or drop the named records of `queues` (server/operating/queues.py), or all."""
    drops, ids = args.verb == "drop", set(args.ids)
    with ProgressReporter("dropping" if drops else "retrying") as reporter:
        settled = await (drop if drops else retry)(store, queues, ids, reporter.progress)
    print(f"{settled} {'dropped' if drops else 'to be tried again'}")
    if len(ids) > settled:
        print(
            f"{len(ids) - settled} of those named are not parked; `status` lists parked ones", file=sys.stderr
        )


async def print_failing(store: Store, queue: str, limit: int) -> None:
    """Print a line for each failing record."""
    for record in await list_failing(store, queue, limit):
        print(f"  {record['state']}  {record['_id']}  {record.get('tries', 0)} tries: {record.get('error')}")
