"""`run.py check`: every stored document against what the program expects of it."""

import argparse

from conf.settings.settings import Settings
from server.auth import keystores
from server.check import find_faults
from server.commands.opening import opened
from server.commands.reporting import ProgressReporter
from server.storage.schema import COLLECTIONS

HELP = "name stored documents that are damaged"
DESCRIPTION = """\
Read every stored document and name those that are damaged, one a line:
    addons 7: object missing required field tags
Such a document is left out of every answer until it is repaired. Guids and slugs
that differ from an older add-on's in case alone are named too, and what is wrong
with the secrets. Nothing is changed, and a server may run meanwhile.
"""
EPILOG = "exit status: 0 everything is as it should be, 1 something is damaged, 2 nothing was read"


async def run(args: argparse.Namespace, settings: Settings) -> int:
    read = damaged = 0
    async with opened(settings) as here:
        total = sum([await here.store.size(name) for name in COLLECTIONS])
        with ProgressReporter("checking", total, unit="documents") as reporter:

            def progress(count: int) -> None:
                nonlocal read
                read += count
                reporter.progress(count)

            async for fault in find_faults(here.store, progress):
                damaged += 1
                print(f"{fault.collection} {fault.id}: {fault.reason}", flush=True)
            if reason := await keystores.find_fault(settings, here.store):
                damaged += 1
                print(f"secrets: {reason}", flush=True)
            reporter.say(f"{read} documents read, {damaged} damaged")
    return 1 if damaged else 0
