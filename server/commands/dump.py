"""`run.py dump`: write everything as JSON Lines.

Write everything in the store, private state included, as JSON Lines to
standard output: {"kind": "addon", ...}, {"kind": "user", ...}. "load" reads it
back; loaded into an empty store, it gives the same dump again.

With --files DIR packages, sources and pictures are copied into that folder,
as ab/abcdef... by their SHA-256; files already in it are left alone.

Uploads are included, even those awaiting validation: the server they are loaded
into continues with them. Not included are the server's secrets, and mail, Basket
syncs and webhook events waiting to be sent.
A damaged document is reported on standard error and written as it is; what
cannot be written as JSON is left out. Either way the exit status is 1.

A dump holds e-mail addresses and credentials: protect it as you protect the database.
"""

import argparse
from pathlib import Path
from typing import Any

from server.cli.copying import dump_files
from server.cli.opening import CommandContext, with_store
from server.cli.output import write_out
from server.cli.reporting import ProgressReporter
from server.operating.dump import dump, size


def add_arguments(parser: Any) -> None:
    parser.add_argument("--files", metavar="DIR", type=Path, help="copy all stored files into this folder")


@with_store
async def run(args: argparse.Namespace, context: CommandContext) -> int:
    with ProgressReporter("dumping", await size(context.store), "documents", writes_output=True) as reporter:
        status = await write_out(dump(context.store, reporter.report_fault, reporter.progress))
    # After the documents that refer to them, because files are stored before those.
    if args.files and not await dump_files(args.files, context.store):
        status = 1
    return status or int(reporter.faults > 0)
