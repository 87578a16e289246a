"""Readers of arguments that several commands take, for argparse: `type=count`."""

import argparse
from typing import Final

# Memory bounds a catalogue long before (README): what is larger is a slip.
MAX_DEMO: Final = 1_000_000


def count(text: str) -> int:
    """A whole number from 0 up."""
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 up")
    return int(text)


def demo_count(text: str) -> int:
    """How many generated add-ons."""
    if not (text.isascii() and text.isdigit() and len(text) < 16 and 1 <= int(text) <= MAX_DEMO):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of add-ons from 1 to {MAX_DEMO}")
    return int(text)
