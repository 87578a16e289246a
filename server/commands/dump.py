"""`run.py dump`: the store to standard output."""

import argparse

from conf.settings.settings import Settings
from server.commands.opening import opened
from server.commands.output import write_out
from server.commands.reporting import ProgressReporter
from server.dump import dump, size

HELP = "write everything as JSON Lines"
DESCRIPTION = """\
Write everything the store keeps, private state included, as JSON Lines to
standard output: {"kind": "addon", ...}, {"kind": "user", ...}. "load" reads it
back; into an empty store, the next dump is the same.

Not in it: the server's secrets, and mail and Basket syncs waiting to be sent.
A document that is damaged is named on standard error and written as it is; what
cannot be written as JSON is left out. Either way the exit status is 1.

It holds e-mail addresses and credentials, so keep it as you keep the database.
"""


async def run(args: argparse.Namespace, settings: Settings) -> int:
    damaged: list[str] = []
    async with opened(settings) as here:
        with ProgressReporter("dumping", await size(here.store), "documents", written=True) as reporter:

            def tell(place: str, reason: str) -> None:
                damaged.append(place)
                reporter.bad(place, reason)

            status = await write_out(dump(here.store, tell, reporter.progress))
    return status or int(bool(damaged))
