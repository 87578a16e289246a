"""`run.py demo`: a generated catalogue to standard output."""

import argparse
import os
import sys
from typing import Any

from conf.settings import Settings
from server.demo.catalogue import lines

DESCRIPTION = """\
Write N generated add-ons, and the users who made them, as JSON Lines that "load"
reads: types, states, versions, compatibility, texts in many languages, ratings
and users, all made up and always the same. The first add-ons of a larger
catalogue are those of a smaller one.
"""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "demo",
        help="write generated add-ons",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("count", type=_count, metavar="N", help="how many add-ons")
    parser.set_defaults(run=run)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of add-ons")
    return int(text)


async def run(args: argparse.Namespace, settings: Settings) -> int:
    try:
        for line in lines(args.count):
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The reader is gone (`demo | head`): let the interpreter's last flush go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0
