"""`run.py backup`: back up everything into a folder.

Write everything into a folder: all that MongoDB holds, as of one moment, even while
a server runs; packages, sources and pictures; the server's secret; and the settings
that differ from their defaults. "restore" puts it back.

Run again with the same folder, it adds only what is new or has changed. Each run makes
a backup of its own in the folder, named after its time (UTC). --keep N removes all but
the newest N, and what only those had.

A backup holds e-mail addresses, credentials and secrets, and only its owner can read
it: protect it as you protect the database. The exit status is 1 if stored files are
damaged; they are listed and left out ("run.py verify" finds them, too).
"""

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from conf.settings.settings import Settings
from server.auth.keys.keystores import NoSecret, key_store
from server.cli.opening import open_context
from server.cli.reporting import ProgressReporter
from server.commands.config import changed_as_toml
from server.errors import UsageFault
from server.operating.backup import Backups
from server.operating.dump import size


def add_arguments(parser: Any) -> None:
    parser.add_argument("folder", metavar="DIR", type=Path, help="created if it does not exist")
    parser.add_argument("--keep", metavar="N", type=int, help="keep only the newest N backups")


async def run(args: argparse.Namespace, settings: Settings) -> int:
    if args.keep is not None and args.keep < 1:
        raise UsageFault("--keep is at least 1")
    backups = Backups(args.folder)
    async with open_context(settings) as context:
        with ProgressReporter("backing up", await size(context.store), "documents") as reporter:
            try:
                ring = await key_store(settings, context.store).read()
            except NoSecret:  # no server was ever started here
                ring = []
            private = {
                "secrets": json.dumps([tuple(secret) for secret in ring]),
                "settings": changed_as_toml(settings, args.sources),
            }
            backup = await backups.create(context.store, private, reporter.report_fault, reporter.progress)
    if args.keep:
        await asyncio.to_thread(backups.prune, args.keep)
    parts = f"{backup.parts} parts, {backup.new} of them new"
    print(f"backup {backup.name}: {backup.documents} documents in {parts}; {backup.files} files")
    return int(reporter.faults > 0)
