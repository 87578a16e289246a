"""Feeds what a process keeps in memory from MongoDB's change stream.

    feed = Feed(store)
    feed.subscribe(state)      # subscribers of one call get each change one after the other,
    feed.subscribe(indexing)   # and do not wait for those of another call
    await feed.open()          # changes are queued from now on ...
    ...                        # ... while everything is read for the first time
    feed.start()               # ... and delivered from now on
    await feed.caught_up()     # all that was queued is applied
    position = await store.write(...)
    await feed.seen(position, timeout=2.0)

Changes of a few milliseconds are delivered together, each document once, by id: a subscriber reads
the documents again, so that it always gets the newest state, and a repeated change does no harm.
A document that a subscriber cannot apply is reported in `store.bad_documents`, and the others are
applied. Nothing else is skipped: after a broken connection the stream resumes where it stopped, and
if MongoDB no longer has that position, the subscribers read everything again.

Thread rule: event loop only.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Final

from server.errors import StoreError, StreamLost, Unavailable
from server.following.dispatcher import RETRY, Dispatcher
from server.following.subscribers import ChangedIds, Subscriber
from server.storage.operations import Position, ResumeToken
from server.storage.store import Store
from server.storage.stream import ChangeBatch, Stream

log = logging.getLogger(__name__)

# Seconds that changes are collected before they are delivered together. Those that arrived during a delivery
# have waited longer, and are delivered at once.
WINDOW: Final = 0.005
SILENCE: Final = 1.0  # seconds without an answer that count as lag; MongoDB sends four a second


class Feed:
    """One change stream, read once for all subscribers; `window` is in seconds."""

    def __init__(self, store: Store, window: float = WINDOW) -> None:
        self._store = store
        self._window = window
        self._missed = False  # changes before the next ones
        self._rounds = 0  # how often the end of the stream was reached
        self._token: ResumeToken | None = None
        self._answered: float | None = None  # when MongoDB last answered
        self._broken = False  # there is no stream at present
        self._progress = asyncio.Condition()
        # Queues what is read before `start`, for subscribers that come later; it has none itself.
        self._backlog = Dispatcher((), store, window, self._progress)
        self._dispatchers = [self._backlog]
        self._tasks: list[asyncio.Task[None]] = []

    def subscribe(
        self, *subscribers: Subscriber, on_applied: Callable[[ResumeToken], None] | None = None
    ) -> None:
        """Subscribe before `start`, in the order in which they are to get each change.

        `on_applied` is called after each batch with the resume token up to which all of them have
        applied everything.
        """
        dispatcher = Dispatcher(subscribers, self._store, self._window, self._progress, on_applied)
        dispatcher.copy_queue(self._backlog)
        self._dispatchers.append(dispatcher)

    async def open(self, token: ResumeToken | None = None, limit: int = 0) -> bool:
        """Queue changes since `token`, or from now on if it is None. Raises Unavailable.

        Returns False if it had to begin now instead, because MongoDB no longer has that position, or
        because there are more than `limit` changes since.
        """
        stream: Stream | None = None
        if token:
            try:
                stream, batches = await read_since(self._store, token, limit)
            except StreamLost as fault:
                log.info("the change stream cannot go on where the snapshot ends: %s", fault)
        is_since = stream is not None
        if stream is None:
            stream = await self._store.watch()
            batches = [stream.first]
        for batch in batches:
            self._enqueue(batch)
        self._spawn(self._read(stream), "change stream reader")
        return is_since

    def request_resync(self) -> None:
        """Have the subscribers read everything again, as if changes had been missed."""
        self._missed = True

    def start(self) -> None:
        """Deliver changes, those queued since `open` first."""
        self._dispatchers.remove(self._backlog)
        for dispatcher in self._dispatchers:
            self._spawn(dispatcher.run(), "change dispatcher")

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    @property
    def lag(self) -> float:
        """Seconds this process may be behind MongoDB."""
        now = asyncio.get_running_loop().time()
        silent = 0.0 if self._answered is None else now - self._answered
        oldest = min((dispatcher.oldest or now for dispatcher in self._dispatchers), default=now)
        return max(now - oldest, silent if silent > SILENCE else 0.0)

    @property
    def pending(self) -> int:
        """How many changes are queued for the slowest subscriber."""
        return max(dispatcher.pending for dispatcher in self._dispatchers)

    async def caught_up(self) -> None:
        """Wait until the subscribers have applied what is read by now, however long that takes."""
        rounds = self._rounds
        async with self._progress:
            await self._progress.wait_for(
                lambda: all(
                    dispatcher.applied_rounds >= rounds and not dispatcher.out_of_sync
                    for dispatcher in self._dispatchers
                )
            )

    async def seen(self, position: Position | None, timeout: float) -> bool:
        """Wait until the subscribers have applied the write at `position` (`store.write`).

        None, if MongoDB gave no position, stands for everything written by now.
        Returns False if `timeout` seconds were not enough; the write itself is safe.
        """
        # The round under way may have begun before the write, so the one after it counts.
        expected = self._rounds + 2

        def reached() -> bool:
            if position is None:
                return all(dispatcher.applied_rounds >= expected for dispatcher in self._dispatchers)
            return all(dispatcher.applied >= position for dispatcher in self._dispatchers)

        try:
            async with asyncio.timeout(timeout), self._progress:
                await self._progress.wait_for(reached)
        except TimeoutError:
            return False
        return True

    async def _read(self, stream: Stream | None) -> None:
        """Read until cancelled; after every fault the stream is opened again."""
        waits = iter(RETRY)
        while True:
            try:
                stream = stream or await self._reopen()
                while True:
                    await self._wait_for_room()
                    self._enqueue(await stream.next())
                    waits = iter(RETRY)
            except StreamLost as fault:
                log.warning("the change stream cannot go on where it stopped: %s", fault)
                self._token = None
            except StoreError as fault:
                self._report_broken(fault)
            except Exception:  # without a reader the process would serve old data, unnoticed
                log.exception("the change stream reader failed")
                self._token = None
            finally:
                if stream:
                    await stream.close()
                stream = None
            await asyncio.sleep(next(waits))

    async def _reopen(self) -> Stream:
        stream = await self._store.watch(self._token)
        if self._token is None:
            self._missed = True
        self._enqueue(stream.first)
        if self._broken:
            log.info("the change stream goes on")
        self._broken = False
        return stream

    def _report_broken(self, fault: StoreError) -> None:
        if not self._broken:
            log.warning("the change stream broke, opening it again: %s", fault)
        self._broken = True

    async def _wait_for_room(self) -> None:
        async with self._progress:
            await self._progress.wait_for(
                lambda: all(dispatcher.has_room for dispatcher in self._dispatchers)
            )

    def _enqueue(self, batch: ChangeBatch) -> None:
        self._answered = asyncio.get_running_loop().time()
        self._token = batch.token
        self._rounds += batch.complete
        # None of our ids is an object or a list.
        changes = ChangedIds.group(event for event in batch.events if isinstance(event[1], Hashable))
        for name, ids in changes.ids.items():
            self._store.bad_documents.forget(name, ids)
        for dispatcher in self._dispatchers:
            dispatcher.enqueue(changes, batch.position, self._rounds, batch.token, incomplete=self._missed)
        self._missed = False


async def read_since(store: Store, token: ResumeToken, limit: int) -> tuple[Stream, list[ChangeBatch]]:
    """A stream since `token`, and its batches until now.

    Raises Unavailable; StreamLost if MongoDB lacks that position, or has more than `limit` changes since.
    """
    stream: Stream | None = None
    try:
        stream = await store.watch(token)
        batches = [stream.first]
        while (count := sum(len(batch.events) for batch in batches)) <= limit and not batches[-1].complete:
            batches.append(await stream.next())
        if count > limit:
            raise StreamLost(f"more than {limit} changes since")
    except BaseException as fault:
        if stream is not None:
            await stream.close()
        if isinstance(fault, StoreError) and not isinstance(fault, Unavailable):
            raise StreamLost(str(fault)) from fault
        raise
    return stream, batches
