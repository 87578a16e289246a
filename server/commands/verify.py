"""`run.py verify`: list stored files that are damaged or missing.

Read every stored file (packages, sources, pictures) and list files whose bytes have
changed, and files that a document refers to but that are missing, one per line:
    sha256:5e88…: has other bytes than it is named after
    addons 7: sha256:5e88…: is not in the store
Nothing is changed, and a server may be running. "load --files DIR" replaces damaged
files with copies.
"""

import argparse

from server.cli.opening import CommandContext, with_store
from server.cli.reporting import ProgressReporter
from server.files.files import FILES, Files

EPILOG = "exit status: 0 everything is as it should be, 1 something is damaged, 2 nothing was read"


@with_store
async def run(args: argparse.Namespace, context: CommandContext) -> int:
    damaged = 0
    stored = set()
    files = Files(context.store)
    with ProgressReporter("verifying", await context.store.size(FILES), "files") as reporter:
        async for id_ in files.ids():
            stored.add(id_)
            if reason := await files.find_fault(id_):
                damaged += 1
                print(f"{id_}: {reason}", flush=True)
            reporter.progress(1)
        async for collection, key, id_ in files.references():
            if id_ not in stored and await files.find(id_) is None:
                damaged += 1
                print(f"{collection} {key}: {id_}: is not in the store", flush=True)
        reporter.print_line(f"{len(stored)} files read, {damaged} damaged")
    return int(damaged > 0)
