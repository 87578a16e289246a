"""The demonstration catalogue: any number of add-ons, always the same ones.

    for kind, document in documents(2000): ...
    for line in lines(2000): sys.stdout.buffer.write(line)
    await load_demo(store, 2000)

Beside the add-ons and their authors it has documents of every kind that a read
endpoint shows: ratings with replies, review notes, collections and the other
lists, all about the first add-ons.

Add-on k is the same in a catalogue of any size, and so is the order: `lines`
returns byte for byte what `dump` writes after the catalogue was loaded.
"""

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

import orjson

from conf.limits import DEMO_ADDONS
from server.demo import addons, people
from server.demo.addons import FIRST_ID
from server.demo.dice import Dice
from server.demo.lists import lists
from server.intake.batch import RecordBatch, store_batch
from server.intake.kinds import KINDS
from server.intake.records import FullDocument
from server.storage.store import Store

Document = dict[str, Any]

_DESCRIBED: Final = 100  # add-ons that the other kinds may be about
_BATCH: Final = 250  # documents loaded at a time; making them takes some 30 ms


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
    yield from _related(count)


def _related(count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kind and document of everything about the first add-ons."""
    first = list(addon_documents(0, min(count, _DESCRIBED)))
    for rating in people.ratings(first, count):
        yield "rating", rating
    for note in people.notes(first):
        yield "note", note
    for file in people.attachments(first):
        yield "attachment", file
    for kind, batch in lists(first).items():
        for document in batch:
            yield kind, document


def size(count: int) -> int:
    """The number of documents; takes some 0.1 s."""
    return count + sum(map(people.has_user, range(count))) + sum(1 for _ in _related(count))


def last_document(count: int) -> tuple[str, dict[str, Any]]:
    """Kind and document of the last one to be loaded."""
    *_, last = _related(count)
    return last


def lines(count: int) -> Iterator[bytes]:
    """The documents as lines of a dump."""
    for kind, document in documents(count):
        yield orjson.dumps({"kind": kind, **document}, option=orjson.OPT_APPEND_NEWLINE)


async def load_demo(
    store: Store, count: int = DEMO_ADDONS, progress: Callable[[int], object] = lambda count: None
) -> int:
    """Load the first `count` add-ons of the catalogue and the people who made them.

    Stored documents stay as they are, even if they were changed; if the last one is
    stored, nothing else is checked. `progress` gets the number of further documents.
    Returns how many were stored. Raises Unavailable, and Duplicate if other add-ons
    have their slugs.
    """
    if count <= 0 or await _is_loaded(store, count):
        return 0
    stored = 0
    progress(0)
    remaining = documents(count)
    while batch := await asyncio.to_thread(lambda: list(islice(remaining, _BATCH))):
        missing = await _missing(store, batch)
        await store_batch(store, RecordBatch.from_records(missing))
        stored += len(missing)
        progress(len(missing))
    return stored


async def _is_loaded(store: Store, count: int) -> bool:
    """Whether the last add-on is stored, and the last document of all."""
    kind, last = await asyncio.to_thread(last_document, count)
    return bool(
        await store.find_one("addons", {"_id": FIRST_ID + count - 1}, {"_id": 1})
        and await store.find_one(KINDS[kind].collection, {"_id": last["_id"]}, {"_id": 1})
    )


async def _missing(store: Store, generated: list[tuple[str, dict[str, Any]]]) -> list[FullDocument]:
    ids_by_kind: dict[str, list[Any]] = {}
    for kind, document in generated:
        ids_by_kind.setdefault(kind, []).append(document["_id"])
    stored: set[tuple[str, Any]] = set()
    for kind, ids in ids_by_kind.items():
        collection, query = KINDS[kind].collection, {"_id": {"$in": ids}}
        async for batch in store.scan(collection, query=query, fields={"_id": 1}):
            stored.update((kind, document["_id"]) for document in batch)
    return [
        FullDocument.from_document(KINDS[kind], document)
        for kind, document in generated
        if (kind, document["_id"]) not in stored
    ]
