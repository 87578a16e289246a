"""`run.py verify`: the bytes of every stored file against what they are named after."""

import argparse

from conf.settings.settings import Settings
from server.commands.opening import opened
from server.commands.reporting import ProgressReporter
from server.files.files import FILES, Files

HELP = "name stored files that are damaged or missing"
DESCRIPTION = """\
Read every stored file (packages, sources, pictures) and name those whose bytes are
not what they were, and those that a document refers to and nobody has, one a line:
    sha256:5e88…: has other bytes than it is named after
    addons 7: sha256:5e88…: is not in the store
Nothing is changed, and a server may run meanwhile. "load --files DIR" puts copies
in the place of what is damaged.
"""
EPILOG = "exit status: 0 everything is as it should be, 1 something is damaged, 2 nothing was read"


async def run(args: argparse.Namespace, settings: Settings) -> int:
    damaged = 0
    known = set()
    async with opened(settings) as here:
        files = Files(here.store)
        with ProgressReporter("verifying", await here.store.size(FILES), "files") as reporter:
            async for id_ in files.ids():
                known.add(id_)
                if reason := await files.find_fault(id_):
                    damaged += 1
                    print(f"{id_}: {reason}", flush=True)
                reporter.progress(1)
            async for collection, key, id_ in files.references():
                if id_ not in known and await files.find(id_) is None:
                    damaged += 1
                    print(f"{collection} {key}: {id_}: is not in the store", flush=True)
            reporter.say(f"{len(known)} files read, {damaged} damaged")
    return 1 if damaged else 0
