"""`run.py load`: load AMO's JSON or a dump.

Load add-ons into the store, whether a server runs on it or not; a running one
shows them at once.

A file holds add-on objects as AMO's API returns them (v3, v4 or v5), one per line,
in a list or in whole responses ({"results": [...]}, items {"addon": {...}}), or
lines of a dump; gzipped or not. "-" is standard input. If no server runs on the data
folder, the snapshot is then brought up to date, so that the next start is fast.

Add-ons are identified by their id. Several states of one may come in any order: its
versions are collected, and the state with the newest last_updated sets its fields.
Stored fields that are not in the files are kept. Lines of a dump replace what is stored.

With --sync Basket is told of every add-on and account whose synced fields this
changes, and webhooks of every change, exactly as if the API had changed them;
without it, nobody is. The syncs are recorded with the changes, and sent by a server
that has basket_sync on. Loading the same files again changes nothing and therefore
records nothing; "basket resync" records what was loaded without --sync.

With --merge the objects are partial: their fields are changed in what is already
stored, and all other fields stay. An add-on is named by id, guid or slug, an account
by id or username; objects are merged, lists replaced, versions and files identified by id:
    {"kind": "addon", "_id": 7, "status": "disabled", "tags": ["music"]}
    {"guid": "tab@example.org", "name": {"fr": "Onglets"}}
Each is a write like those of the API: rules, log (run.py log), notes and Basket apply.

With --files DIR the files that "dump --files DIR" copied are stored first; they also
replace damaged ones.

Every bad record is reported as file:line: reason, and the rest is loaded. After
an interruption (SIGTERM and Ctrl-C end it between two batches), run load again: what
is already stored does not change. If MongoDB is slow or down, load waits for it.
"""

import argparse
import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

from conf.settings.settings import Settings
from server.cli.copying import load_files
from server.cli.opening import open_context
from server.cli.preparing import prepare
from server.cli.reporting import ProgressReporter
from server.errors import StartError, StoreError
from server.intake.json_values import BadRecord
from server.intake.loader import Summary, load, merge
from server.intake.patch_records import read_patch
from server.intake.records import parse_record
from server.intake.sources import Source
from server.storage.store import Store

Work = Callable[[list[Source], Store, ProgressReporter], Awaitable[Summary]]

# Beside a server, each batch is followed by a pause as long as it took, because readers need the processors.
PAUSE_FACTOR: Final = 1.0
EPILOG = (
    "exit status: 0 all loaded, 1 some records were bad or not loaded, 2 nothing was done,\n"
    "143 ended by SIGTERM, 130 by Ctrl-C"
)


def add_arguments(parser: Any) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="file to load; - is standard input")
    parser.add_argument(
        "--sync", action="store_true", help="report changes to Basket and webhooks (default: to nobody)"
    )
    parser.add_argument(
        "--files", dest="copies", metavar="DIR", type=Path, help="store the files of this folder first"
    )
    parser.add_argument("--merge", action="store_true", help="change only the fields that the objects have")


async def run(args: argparse.Namespace, settings: Settings) -> int:
    # Hundreds of thousands of short-lived documents have hardly any cycles.
    gc.set_threshold(200_000, 20, 100)
    parse = read_patch if args.merge else parse_record
    with ExitStack() as files:
        try:
            # Open every file first, so that a wrong name stops the load before it begins.
            sources = [
                # In a thread, because a named pipe opens only when somebody writes to it.
                files.enter_context(await asyncio.to_thread(Source, name, parse))
                for name in args.files
            ]
            for source in sources:
                await asyncio.to_thread(_check, source)
        except OSError as error:
            raise StartError(f"{error.filename}: {error.strerror}") from error
        except BadRecord as error:
            raise StartError(str(error)) from error
        async with open_context(settings) as context:
            lost = args.copies is not None and not await load_files(args.copies, context.store)
            if args.merge:
                work = partial(merge, changes=context.changes)
            else:
                pause_factor = 0.0 if context.is_owner else PAUSE_FACTOR
                work = partial(load, syncs=context.syncs if args.sync else None, pause_factor=pause_factor)
            status = await _load(sources, context.store, work, counts_syncs=args.sync and not args.merge)
            await prepare(context)
            return status or int(lost)


def _check(source: Source) -> None:
    try:
        source.check()
    except BadRecord as error:
        raise BadRecord(f"{source.name}: {error}") from None


async def _load(sources: list[Source], store: Store, work: Work, *, counts_syncs: bool) -> int:
    """`counts_syncs`: whether to print the number of recorded syncs."""
    sizes = [source.size for source in sources]
    total = sum(size for size in sizes if size is not None) if None not in sizes else None
    with ProgressReporter("loading", total) as reporter:
        try:
            summary = await work(sources, store, reporter)
        except StoreError as error:
            reporter.print_line(f"amoeba: stopped: {error}")
            return 1
        synced = f", {summary.change.synced} syncs recorded" if counts_syncs else ""
        reporter.print_line(_counts(summary) + synced)
    return 1 if summary.bad else 0


def _counts(summary: Summary) -> str:
    change = summary.change
    return (
        f"{summary.records} records loaded, {summary.bad} bad;"
        f" {change.new} documents new, {change.changed} changed"
    )
