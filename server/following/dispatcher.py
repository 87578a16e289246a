"""Delivers changes to subscribers: in batches, in order, and none is lost.

Thread rule: event loop only.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from conf.model.checks import describe_error
from server.errors import Unavailable
from server.following.subscribers import ChangedIds, Subscriber
from server.retry import Backoff
from server.storage.operations import Position, ResumeToken
from server.storage.store import Store

log = logging.getLogger(__name__)

# Ids queued for a dispatcher, at which reading from MongoDB pauses. They take some 100 bytes each, and a
# document that keeps changing may be in every batch.
MAX_PENDING: Final = 500_000
# Ids in a batch, more or less. A checkpoint of the catalogue can be made after each batch, so that a start
# after a kill has little to read again.
BATCH_SIZE: Final = 500
TRIES: Final = 3  # for a subscriber that fails by its own fault
RESYNC_PAUSE: Final = 10.0  # seconds until a failed resync is tried again
RETRY: Final = Backoff(0.1, 2.0)


@dataclass(slots=True)
class Batch:
    """Changes that are delivered together, and how far the stream had been read with them."""

    changes: ChangedIds
    token: ResumeToken  # the stream's, after these changes
    position: Position  # every change up to here is in this batch or an earlier one; likewise the rounds
    rounds: int
    since: float  # when the oldest of them was read
    incomplete: bool  # changes before these were missed: resync first

    @property
    def size(self) -> int:
        return sum(map(len, self.changes.ids.values()))

    @property
    def is_empty(self) -> bool:
        """Whether it only marks how far the stream was read."""
        return not (self.changes.ids or self.incomplete)


class Dispatcher:
    """Delivers queued changes to subscribers, one subscriber after the other, as fast as they apply them."""

    def __init__(
        self,
        subscribers: Sequence[Subscriber],
        store: Store,
        window: float,
        progress: asyncio.Condition,
        on_applied: Callable[[ResumeToken], None] | None = None,
    ) -> None:
        """`progress` is notified when a batch is applied, and when the queue has room again."""
        self._on_applied = on_applied
        self._subscribers = subscribers
        self._store = store
        self._window = window
        self._progress = progress
        self.out_of_sync: dict[Subscriber, float] = {}  # whose resync failed -> when to try again
        self._queue: deque[Batch] = deque()
        # The positions up to which everything is read, and applied.
        self._read: Position = (0, 0)
        self.applied: Position = (0, 0)
        self.applied_rounds = 0
        self._delivering_since: float | None = None  # when the oldest change under delivery was read
        self._enqueued = asyncio.Event()

    @property
    def oldest(self) -> float | None:
        """When the oldest change was read that is not applied yet."""
        return self._delivering_since or self._queued_since

    @property
    def _queued_since(self) -> float | None:
        return next((batch.since for batch in self._queue if not batch.is_empty), None)

    @property
    def pending(self) -> int:
        return sum(batch.size for batch in self._queue)

    @property
    def has_room(self) -> bool:
        return self.pending < MAX_PENDING

    def enqueue(
        self,
        changes: ChangedIds,
        position: Position,
        rounds: int,
        token: ResumeToken,
        *,
        incomplete: bool,
    ) -> None:
        """Queue changes; `incomplete` if some before them were missed."""
        if position > self._read or incomplete:
            self._read = position
        batch = Batch(changes, token, self._read, rounds, asyncio.get_running_loop().time(), incomplete)
        if self._queue and self._queue[-1].size + batch.size <= BATCH_SIZE:
            self._merge(self._queue.pop(), batch)
        self._queue.append(batch)
        self._enqueued.set()

    @staticmethod
    def _merge(earlier: Batch, batch: Batch) -> None:
        """Add an earlier batch's changes to a later one."""
        if not earlier.is_empty:
            batch.since = earlier.since
        batch.incomplete |= earlier.incomplete
        batch.changes = earlier.changes | batch.changes

    def copy_queue(self, other: "Dispatcher") -> None:
        """Queue what another dispatcher, which has delivered nothing yet, has in its queue."""
        for batch in other._queue:
            self.enqueue(
                batch.changes, batch.position, batch.rounds, batch.token, incomplete=batch.incomplete
            )

    async def run(self) -> None:
        while True:
            await self._enqueued.wait()
            self._enqueued.clear()
            while self._queue:
                if self._queued_since is not None:
                    waited = asyncio.get_running_loop().time() - self._queued_since
                    await asyncio.sleep(self._window - waited)
                await self._deliver_next()

    async def _deliver_next(self) -> None:
        async with self._progress:
            batch = self._queue.popleft()
            self._delivering_since = None if batch.is_empty else batch.since
            self._progress.notify_all()
        for subscriber in self._subscribers:
            if batch.incomplete or subscriber in self.out_of_sync:
                await self._resync(subscriber)
            elif batch.changes.ids:
                await self._deliver(subscriber, batch.changes)
        if self._on_applied and not self.out_of_sync:
            self._on_applied(batch.token)
        async with self._progress:
            self.applied, self.applied_rounds = batch.position, batch.rounds
            self._delivering_since = None
            self._progress.notify_all()

    async def _resync(self, subscriber: Subscriber) -> None:
        """Have a subscriber read everything; if that fails, it is tried again later, and the others go on."""
        loop = asyncio.get_running_loop()
        if loop.time() < self.out_of_sync.get(subscriber, 0.0):
            return
        try:
            await _retry(subscriber.resync, TRIES)
            self.out_of_sync.pop(subscriber, None)
        except Exception:
            log.exception("%s cannot read everything again", type(subscriber).__name__)
            self.out_of_sync[subscriber] = loop.time() + RESYNC_PAUSE

    async def _deliver(self, subscriber: Subscriber, changes: ChangedIds) -> None:
        """Deliver changes; those that fail are halved until the document at fault is alone."""
        documents = changes.documents
        try:
            await _retry(partial(subscriber.apply, changes), TRIES if len(documents) == 1 else 1)
            return
        except Exception as fault:
            if len(documents) == 1:
                self._skip(subscriber, documents[0], fault)
                return
        middle = len(documents) // 2
        await self._deliver(subscriber, ChangedIds.group(documents[:middle]))
        await self._deliver(subscriber, ChangedIds.group(documents[middle:]))

    def _skip(self, subscriber: Subscriber, document: tuple[str, Any], fault: Exception) -> None:
        collection, id_ = document
        log.error("%s cannot take %s %s", type(subscriber).__name__, collection, id_, exc_info=fault)
        self._store.bad_documents.add(collection, {id_: describe_error(fault)})


async def _retry(work: Callable[[], Awaitable[None]], tries: int) -> None:
    """Repeat `work` until it succeeds, without a limit while MongoDB is away.

    Raises what `work` raises when it fails by its own fault `tries` times.
    """
    failures, is_waiting = 0, False
    for pause in RETRY:
        try:
            await work()
            return
        except Unavailable as fault:
            if not is_waiting:
                log.warning("changes wait for MongoDB: %s", fault)
            is_waiting = True
        except Exception:
            failures += 1
            if failures == tries:
                raise
        await asyncio.sleep(pause)
