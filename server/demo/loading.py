"""Putting the demonstration catalogue into a store, beside whatever is there."""

import asyncio
from collections.abc import Callable
from itertools import islice
from typing import Any, Final

from conf.limits import DEMO_ADDONS
from server.demo.catalogue import documents, last_document
from server.demo.traits import FIRST_ID
from server.intake.batch import RecordBatch, store_batch
from server.intake.kinds import KINDS
from server.intake.records import Exact
from server.storage.store import Store

_BATCH: Final = 250  # some 30 ms of making


async def load_demo(
    store: Store, count: int = DEMO_ADDONS, progress: Callable[[int], object] = lambda made: None
) -> int:
    """Load the first `count` add-ons of the catalogue and the people who made them.

    What is there already is left alone, whatever was done to it since; where the
    last of them is, nothing is looked at. `progress` hears how many more documents
    are stored. Returns how many were. Raises Unavailable, and Duplicate where
    something else has their slugs.
    """
    if count <= 0 or await _is_loaded(store, count):
        return 0
    stored = 0
    progress(0)
    everything = documents(count)
    while made := await asyncio.to_thread(lambda: list(islice(everything, _BATCH))):
        missing = await _missing(store, made)
        await store_batch(store, RecordBatch.of(missing))
        stored += len(missing)
        progress(len(missing))
    return stored


async def _is_loaded(store: Store, count: int) -> bool:
    """Whether the last add-on is there, and the last document of all."""
    kind, last = await asyncio.to_thread(last_document, count)
    return bool(
        await store.find_one("addons", {"_id": FIRST_ID + count - 1}, {"_id": 1})
        and await store.find_one(KINDS[kind].collection, {"_id": last["_id"]}, {"_id": 1})
    )


async def _missing(store: Store, made: list[tuple[str, dict[str, Any]]]) -> list[Exact]:
    wanted: dict[str, list[Any]] = {}
    for kind, document in made:
        wanted.setdefault(kind, []).append(document["_id"])
    there: set[tuple[str, Any]] = set()
    for kind, ids in wanted.items():
        collection, query = KINDS[kind].collection, {"_id": {"$in": ids}}
        async for found in store.scan(collection, query=query, fields={"_id": 1}):
            there.update((kind, document["_id"]) for document in found)
    return [Exact(KINDS[kind], document) for kind, document in made if (kind, document["_id"]) not in there]
