"""What waits in MongoDB to be told, sent or looked at: how much, and for how long."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final, NamedTuple

from server.basket.outbox import OUTBOX
from server.storage.lease_queue import PARKED, PENDING
from server.storage.store import Store

# What an operator calls them, and their collections.
QUEUES: Final[Mapping[str, str]] = {
    "basket": OUTBOX,
    "mail_in": "mail_inbox",
    "mail_out": "mail_outbox",
    "uploads": "validations",
}


class QueueState(NamedTuple):
    """`oldest`: seconds that the oldest has waited; 0 where nothing waits."""

    pending: int
    parked: int
    oldest: float


async def read_queues(store: Store) -> dict[str, QueueState]:
    """Of each of QUEUES. Raises Unavailable."""
    states = await asyncio.gather(*(_read(store, collection) for collection in QUEUES.values()))
    return dict(zip(QUEUES, states, strict=True))


async def _read(store: Store, collection: str) -> QueueState:
    found = await store.summarize(collection, "state", "since")
    pending, since = found.get(PENDING, (0, None))
    oldest = max(time.time() - since, 0.0) if isinstance(since, int | float) else 0.0
    return QueueState(pending, found.get(PARKED, (0, None))[0], oldest)
