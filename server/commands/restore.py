"""`run.py restore`: restore a backup.

Restore a backup made by "backup": the newest in the folder, or the one named by --at.
First all of its parts are read, files included. If any are damaged, they are listed,
nothing is changed and the exit status is 1; --without-damaged restores the rest.

The store must be empty; --replace deletes everything in it first. Stop the servers
before.

The settings of the backup are written beside the data, for you to look at and to
start with (--config); they do not take effect by themselves. The secret is put back
where the server keeps it, so that tokens and API keys stay valid.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Final

from conf.settings.settings import Settings
from server.auth.keys.keyring import Secret
from server.auth.keys.keystores import key_store
from server.cli.opening import open_context
from server.cli.reporting import ProgressReporter
from server.embedded.folder import write_private
from server.embedded.mongod import is_used_elsewhere
from server.errors import OperatorFault, StartError, UsageFault
from server.operating.backup import Backups
from server.storage.store import Store

_DAMAGED: Final = "{} files are damaged; nothing was changed (--without-damaged restores the rest)"
SETTINGS_FILE: Final = "settings-of-the-backup.toml"


def add_arguments(parser: Any) -> None:
    parser.add_argument("folder", metavar="DIR", type=Path, help="the folder that was given to backup")
    parser.add_argument("--at", metavar="NAME", help="name of the backup, from --list; default: the newest")
    parser.add_argument("--replace", action="store_true", help="delete everything stored, first")
    parser.add_argument(
        "--without-damaged",
        action="store_true",
        help="leave out damaged files and restore the rest",
    )
    parser.add_argument(
        "--list", action="store_true", help="list the backups of the folder, the oldest first"
    )


async def run(args: argparse.Namespace, settings: Settings) -> int:
    backups = Backups(args.folder)
    if args.list:
        print("\n".join(backups.names()))
        return 0
    manifest = backups.read(args.at)
    async with open_context(settings) as context:
        if not settings.mongodb_uri and is_used_elsewhere(settings):
            raise StartError("a server runs on this data folder; stop it first")
        if not args.replace and await _holds_something(context.store):
            raise UsageFault("the store is not empty; --replace deletes everything in it first")
        total = sum(part["documents"] for part in manifest["collections"].values())
        with ProgressReporter("restoring", total, "documents") as reporter:
            damaged = await backups.find_faults(manifest, reporter.report_fault)
            if damaged and not args.without_damaged:
                raise OperatorFault(_DAMAGED.format(len(damaged)))
            await backups.restore(manifest, context.store, reporter.progress, damaged)
        ring = [Secret(*row) for row in json.loads(manifest["private"]["secrets"])]
        if ring:
            await key_store(settings, context.store).replace(ring)
    file = Path(settings.data_dir) / SETTINGS_FILE
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(file, manifest["private"]["settings"])
    files = len(manifest["files"]) - len(damaged)
    print(f"backup {manifest['made']} is restored: {total} documents, {files} files")
    print(f"its settings: {file}")
    return int(bool(damaged))


async def _holds_something(store: Store) -> bool:
    return any([await store.size(name) for name in ("addons", "users", "collections", "ratings", "fs.files")])
