"""`run.py demo`: write generated add-ons.

Write N generated add-ons, and the users who made them, as JSON Lines that "load"
reads: types, states, versions, compatibility, texts in many languages, ratings
and whatever else the API shows, all made up and always the same. A larger catalogue
begins with the add-ons of a smaller one.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from itertools import islice
from typing import Any, Final

from conf.settings.settings import Settings
from server.cli.arguments import demo_count
from server.cli.output import write_out
from server.cli.reporting import ProgressReporter
from server.demo.catalogue import lines, load_demo, size
from server.storage.store import Store

_LINES: Final = 100  # written at a time


def add_arguments(parser: Any) -> None:
    parser.add_argument("count", type=demo_count, metavar="N", help="how many add-ons")


async def run(args: argparse.Namespace, settings: Settings) -> int:
    with ProgressReporter("writing", None, "documents", writes_output=True) as reporter:
        return await write_out(_parts(args.count, reporter))


async def _parts(count: int, reporter: ProgressReporter) -> AsyncIterator[bytes]:
    documents = iter(lines(count))
    while batch := await asyncio.to_thread(lambda: list(islice(documents, _LINES))):
        yield b"".join(batch)
        reporter.progress(len(batch))


async def fill(count: int, store: Store) -> None:
    """Load this many add-ons, unless they are stored."""
    total = await asyncio.to_thread(size, count)
    with ProgressReporter("making the demonstration", total, "documents") as making:
        await load_demo(store, count, making.progress)
