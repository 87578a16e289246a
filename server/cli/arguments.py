"""Arguments that several commands have, and functions that parse arguments, for argparse: `type=count`."""

import argparse
from typing import Any, Final

from conf.numbers import read_number
from server import clock

# A larger number is a mistake, because memory limits a catalogue long before (README).
MAX_DEMO: Final = 1_000_000
_ENTRIES: Final = 100  # printed without --limit


def count(text: str) -> int:
    """A whole number from 0 up."""
    number = read_number(text)
    if number is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return number


def demo_count(text: str) -> int:
    """A number of generated add-ons."""
    number = read_number(text)
    if number is None or not 1 <= number <= MAX_DEMO:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of add-ons from 1 to {MAX_DEMO}")
    return number


def since(text: str) -> str:
    """A date in the form of documents."""
    try:
        return clock.parse_since(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from None


def add_listing(parser: Any) -> None:
    """Arguments of commands that print entries by date: `--since`, `--limit`, `--json`."""
    parser.add_argument(
        "--since",
        type=since,
        metavar="WHEN",
        help="only since then: 2026-01-31, 2026-01-31T12:00:00Z, or 90m, 7d ago",
    )
    parser.add_argument(
        "--limit", type=count, default=_ENTRIES, metavar="N", help=f"the newest N; 0: all ({_ENTRIES})"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
