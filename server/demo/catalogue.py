"""The demonstration catalogue: as many add-ons as wanted, always the same ones.

    for kind, document in documents(2000): ...
    for line in lines(2000): sys.stdout.buffer.write(line)

Beside the add-ons and their authors it has something of every kind that a read
endpoint shows: ratings with answers, review notes, collections and the other
lists, all about the first add-ons.

Add-on k is the same in a catalogue of any size, and so is the order: what
`lines` gives is byte for byte what `dump` gives after loading it.
"""

from collections.abc import Iterator
from typing import Any, Final

import orjson

from server.demo import addons, notes, people, ratings
from server.demo.dice import Dice
from server.demo.lists import lists
from server.demo.traits import FIRST_ID

_SPOKEN_OF: Final = 100  # add-ons that the other kinds may be about

__all__ = ["FIRST_ID", "addon_documents", "documents", "last_document", "lines", "size", "user_documents"]


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
    yield from _others(count)


def _others(count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kind and document of all that is about the first add-ons."""
    first = list(addon_documents(0, min(count, _SPOKEN_OF)))
    for rating in ratings.ratings(first, count):
        yield "rating", rating
    for note in notes.notes(first):
        yield "note", note
    for file in notes.attachments(first):
        yield "attachment", file
    for kind, made in lists(first).items():
        for document in made:
            yield kind, document


def size(count: int) -> int:
    """How many documents there are; some 0.1 s."""
    return count + sum(map(people.has_user, range(count))) + sum(1 for _ in _others(count))


def last_document(count: int) -> tuple[str, dict[str, Any]]:
    """The one that is loaded last."""
    *_, last = _others(count)
    return last


def lines(count: int) -> Iterator[bytes]:
    """The same as lines of a dump."""
    for kind, document in documents(count):
        yield orjson.dumps({"kind": kind, **document}, option=orjson.OPT_APPEND_NEWLINE)
