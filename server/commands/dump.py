"""`run.py dump`: the store to standard output."""

import argparse
import sys
from typing import Any

from conf.settings import Settings
from server.commands.opening import opened
from server.commands.output import write_out
from server.dump import dump

DESCRIPTION = """\
Write everything the store keeps, private state included, as JSON Lines to
standard output: {"kind": "addon", ...}, {"kind": "user", ...}. "load" reads it
back; into an empty store, the next dump is the same.

Not in it: the server's secrets, and mail and Basket syncs waiting to be sent.
A document that is damaged is named on standard error and written as it is; what
cannot be written as JSON is left out. Either way the exit status is 1.

It holds e-mail addresses and credentials, so keep it as you keep the database.
"""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "dump",
        help="write everything as JSON Lines",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace, settings: Settings) -> int:
    damaged: list[str] = []

    def tell(place: str, reason: str) -> None:
        damaged.append(place)
        print(f"{place}: {reason}", file=sys.stderr)

    async with opened(settings) as here:
        return await write_out(dump(here.store, tell)) or int(bool(damaged))
