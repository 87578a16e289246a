"""`run.py dump`: write everything as JSON Lines.

Write everything the store keeps, private state included, as JSON Lines to
standard output: {"kind": "addon", ...}, {"kind": "user", ...}. "load" reads it
back; into an empty store, the next dump is the same.

With --files DIR the bytes of packages, sources and pictures are copied into that
folder, as ab/abcdef... by their SHA-256; what is there already is left.

Uploads are in it, those too that wait for their validation: the server that it is
loaded into goes on with them. Not in it: the server's secrets, and mail, Basket
syncs and events of webhooks waiting to be sent.
A document that is damaged is named on standard error and written as it is; what
cannot be written as JSON is left out. Either way the exit status is 1.

It holds e-mail addresses and credentials, so keep it as you keep the database.
"""

import argparse
from pathlib import Path
from typing import Any

from server.cli.copying import dump_files
from server.cli.opening import Opened, with_store
from server.cli.output import write_out
from server.cli.reporting import ProgressReporter
from server.operating.dump import dump, size


def add_arguments(parser: Any) -> None:
    parser.add_argument("--files", metavar="DIR", type=Path, help="copy all stored files into this folder")


@with_store
async def run(args: argparse.Namespace, context: Opened) -> int:
    with ProgressReporter("dumping", await size(context.store), "documents", written=True) as reporter:
        status = await write_out(dump(context.store, reporter.bad, reporter.progress))
    # After the documents that refer to them, because files are stored before those.
    if args.files and not await dump_files(args.files, context.store):
        status = 1
    return status or int(reporter.faults > 0)
