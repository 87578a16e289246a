"""The demonstration catalogue: as many add-ons as wanted, always the same ones.

    for kind, document in documents(2000): ...
    for line in lines(2000): sys.stdout.buffer.write(line)

Add-on k is the same in a catalogue of any size, and so is the order: what
`lines` gives is byte for byte what `dump` gives after loading it.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from server.demo import addons, people
from server.demo.dice import Dice
from server.demo.traits import FIRST_ID

__all__ = ["FIRST_ID", "addon_documents", "documents", "lines", "user_documents"]


def user_documents(start: int, stop: int) -> Iterator[dict[str, Any]]:
    """The UserDocs that add-ons `start` to `stop` (not included) bring, by id."""
    dice = Dice()
    return (people.user(number, dice) for number in range(start, stop) if people.has_user(number))


def addon_documents(start: int, stop: int) -> Iterator[dict[str, Any]]:
    """The AddonDocs `start` to `stop` (not included), by id."""
    dice = Dice()
    return (addons.addon(number, dice) for number in range(start, stop))


def documents(count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kind and document of everything in a catalogue of `count` add-ons, in the order of a dump."""
    for user in user_documents(0, count):
        yield "user", user
    for addon in addon_documents(0, count):
        yield "addon", addon


def lines(count: int) -> Iterator[bytes]:
    """The same as lines of a dump."""
    for kind, document in documents(count):
        yield orjson.dumps({"kind": kind, **document}, option=orjson.OPT_APPEND_NEWLINE)
