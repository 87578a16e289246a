"""Putting the demonstration catalogue into a store, beside whatever is there."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from server.demo.catalogue import documents
from server.demo.traits import FIRST_ID
from server.intake.batch import Batch
from server.intake.kinds import KINDS
from server.intake.records import Exact
from server.store import Store

DEFAULT_COUNT: Final = 2_000
_BATCH: Final = 250  # some 30 ms of making


async def load_demo(
    store: Store, count: int = DEFAULT_COUNT, progress: Callable[[int], object] = lambda made: None
) -> int:
    """Load the first `count` add-ons of the catalogue and the people who made them.

    Nothing happens where the store has the last of them already: they are not
    reset. `progress` hears how many more documents are stored. Returns how many
    were. Raises Unavailable, and Duplicate where something else has their slugs.
    """
    if count <= 0 or await store.find_one("addons", {"_id": FIRST_ID + count - 1}, {"_id": 1}):
        return 0
    stored = 0
    everything = documents(count)
    while batch := await asyncio.to_thread(_next, everything):
        await store.run_transaction(batch.apply, maintenance=True)
        made = sum(len(exact) for exact in batch.exact.values())
        stored += made
        progress(made)
    return stored


def _next(everything: Iterator[tuple[str, dict[str, Any]]]) -> Batch | None:
    records = [Exact(KINDS[kind], document) for kind, document in islice(everything, _BATCH)]
    return Batch.of(records) if records else None
