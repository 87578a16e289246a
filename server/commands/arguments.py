"""Readers of arguments that several commands take, for argparse: `type=count`."""

import argparse
from typing import Final

from conf.numbers import read_number

# Memory bounds a catalogue long before (README): what is larger is a slip.
MAX_DEMO: Final = 1_000_000


def count(text: str) -> int:
    """A whole number from 0 up."""
    number = read_number(text)
    if number is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 up")
    return number


def demo_count(text: str) -> int:
    """How many generated add-ons."""
    number = read_number(text)
    if number is None or not 1 <= number <= MAX_DEMO:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of add-ons from 1 to {MAX_DEMO}")
    return number
