"""The queues in MongoDB for operators: how many records wait and for how long, and retrying or dropping
records that failed too often.

    states = await read_queues(store)                            # {"basket": QueueState(3, 1, 12.0), ...}
    records = await list_failing(store, "basket", 20)
    count = await retry(store, ["basket"])                       # all parked records
    count = await drop(store, ["mail_in", "mail_out"], ["7c…"])

Commands, metrics and pages take the queues from QUEUES. Event loop only.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

from server.basket.outbox import OUTBOX, sync_parked
from server.storage.lease_queue import PARKED, PENDING
from server.storage.operations import Delete, Operation, Update
from server.storage.store import Store
from server.webhooks import outbox as webhooks

Progress = Callable[[int], object]  # gets the number of further records


class QueueKind(NamedTuple):
    """A row of QUEUES."""

    collection: str
    command: str | None  # of run.py, for details
    # The operation that makes a parked record due; None if that is impossible.
    requeue: Callable[[str, Mapping[str, Any]], Operation | None]


class QueueState(NamedTuple):
    """`oldest`: seconds that the oldest record has waited; 0 if none waits."""

    pending: int
    parked: int
    oldest: float


def _requeued(collection: str, record: Mapping[str, Any]) -> Operation:
    fresh = {"state": PENDING, "due": 0.0, "since": time.time(), "tries": 0, "refusals": 0}
    return Update(collection, record["_id"], {"$set": fresh})


# By the names that operators use.
QUEUES: Final[Mapping[str, QueueKind]] = {
    "basket": QueueKind(OUTBOX, "basket", sync_parked),
    "mail_in": QueueKind("mail_inbox", "mail", _requeued),
    "mail_out": QueueKind("mail_outbox", "mail", _requeued),
    "webhooks": QueueKind(webhooks.OUTBOX, "webhook", _requeued),
    "uploads": QueueKind("validations", None, _requeued),
}


async def read_queues(store: Store) -> dict[str, QueueState]:
    """The state of each of QUEUES. Raises Unavailable."""
    states = await asyncio.gather(*(_read(store, queue.collection) for queue in QUEUES.values()))
    return dict(zip(QUEUES, states, strict=True))


async def _read(store: Store, collection: str) -> QueueState:
    by_state = await store.summarize(collection, "state", "since")
    pending, since = by_state.get(PENDING, (0, None))
    oldest = max(time.time() - since, 0.0) if isinstance(since, int | float) else 0.0
    return QueueState(pending, by_state.get(PARKED, (0, None))[0], oldest)


async def list_failing(store: Store, queue: str, limit: int) -> list[dict[str, Any]]:
    """Parked records, and those that wait after a failure, the longest due first; they may be damaged."""
    query = {"$or": [{"state": PARKED}, {"state": PENDING, "tries": {"$gt": 0}}]}
    collection = QUEUES[queue].collection
    return await store.find(collection, query, sort=(("due", 1),), limit=limit, unchecked=True)


async def retry(
    store: Store, queues: Iterable[str], ids: Collection[str] = (), progress: Progress = lambda count: None
) -> int:
    """Make all parked records due, or those of `ids`; returns how many. Works in read-only mode, too."""
    return await _settle(store, queues, ids, progress, drops=False)


async def drop(
    store: Store, queues: Iterable[str], ids: Collection[str] = (), progress: Progress = lambda count: None
) -> int:
    """As `retry`, but deletes the records."""
    return await _settle(store, queues, ids, progress, drops=True)


async def _settle(
    store: Store, queues: Iterable[str], ids: Collection[str], progress: Progress, *, drops: bool
) -> int:
    settled = 0
    query: dict[str, Any] = {"state": PARKED} | ({"_id": {"$in": list(ids)}} if ids else {})
    for queue in queues:
        collection, requeue = QUEUES[queue].collection, QUEUES[queue].requeue
        async for records in store.scan(collection, query=query, unchecked=True):
            operations = (
                Delete(collection, row["_id"]) if drops else requeue(collection, row) for row in records
            )
            await store.write(list(filter(None, operations)), maintenance=True)
            settled += len(records)
            progress(len(records))
    return settled
