"""The change stream's way to what a process keeps in memory.

    feed = Feed(store)
    feed.subscribe(state)      # those named together hear of a change one after the other,
    feed.subscribe(indexing)   # and wait for no others
    await feed.open()          # changes are collected from now on ...
    ...                        # ... while everything is read for the first time
    feed.start()               # ... and handed on from now on
    await feed.caught_up()     # what was there at `open` is applied
    position = await store.write(...)
    await feed.seen(position, timeout=2.0)

Changes of some milliseconds are handed on together, each document once, by id:
a subscriber reads the documents again, so it always gets the newest state, and
the same change twice does no harm. A document that a subscriber cannot take is named
in `store.bad_documents`, and the others of the moment are taken. Nothing else is
skipped: after a broken connection the stream goes on where it stopped; when MongoDB
no longer has that place, the subscribers are told to read everything again.

Thread rule: event loop only.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Hashable
from typing import Any

from server.errors import StoreError, StreamLost, Unavailable
from server.following.subscribers import RETRY, ChangedIds, Hand, Subscriber
from server.storage.operations import Position, Token
from server.storage.store import Store
from server.storage.stream import ChangeBatch, Stream

log = logging.getLogger(__name__)

# Seconds that changes are collected before they are handed on; those that came while others were taken have
# waited longer than that, and go together at once.
WINDOW = 0.005
SILENCE = 1.0  # seconds; with nothing to tell MongoDB answers four times a second


class Feed:
    """One change stream, read once for all subscribers; `window` is in seconds."""

    def __init__(self, store: Store, window: float = WINDOW) -> None:
        self._store = store
        self._window = window
        self._lost = False  # what was read last is not all
        self._rounds = 0  # times the end of the log was reached
        self._token: Token | None = None
        self._heard = 0.0  # when MongoDB last answered
        self._broken = False  # no stream at present
        self._progress = asyncio.Condition()
        # What is read before everybody has subscribed waits with a hand that has no subscribers.
        self._early = Hand((), store, window, self._progress)
        self._hands = [self._early]
        self._tasks: list[asyncio.Task[None]] = []

    def subscribe(self, *subscribers: Subscriber, settled: Callable[[Token], None] | None = None) -> None:
        """In the order in which they are to hear of a change; before `start`.

        `settled` is told the place in the stream up to which all of them have everything, again and again.
        """
        hand = Hand(subscribers, self._store, self._window, self._progress, settled)
        hand.begin_as(self._early)
        self._hands.append(hand)

    async def open(self, token: Token | None = None, limit: int = 0) -> bool:
        """Collect changes since `token`, from now on where there is none. Raises Unavailable.

        False: not since then, because MongoDB does not know the place any more, or there are more
        than `limit`.
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
            self._take(batch)
        self._spawn(self._read_on(stream), "change stream reader")
        return is_since

    def read_again(self) -> None:
        """Have the subscribers read everything again, as after a change that was missed."""
        self._lost = True

    def start(self) -> None:
        """Hand changes on, those collected since `open` first."""
        self._hands.remove(self._early)
        for hand in self._hands:
            self._spawn(hand.run(), "change stream hand")

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
        silent = now - self._heard
        oldest = min((hand.oldest or now for hand in self._hands), default=now)
        return max(now - oldest, silent if silent > SILENCE else 0.0)

    @property
    def waiting(self) -> int:
        """Changes that nobody has been handed yet."""
        return max(hand.waiting for hand in self._hands)

    async def caught_up(self) -> None:
        """Wait until the subscribers have what has been read by now, however long that takes."""
        rounds = self._rounds
        async with self._progress:
            await self._progress.wait_for(
                lambda: all(hand.applied_rounds >= rounds and not hand.behind for hand in self._hands)
            )

    async def seen(self, position: Position | None, timeout: float) -> bool:
        """Wait until the subscribers have applied the write at `position` (`store.write`).

        None, where MongoDB gave no position, means everything written until now.
        False when `timeout` seconds were not enough; the write itself is safe.
        """
        # The round under way may have looked before the write, so the one after it counts.
        expected = self._rounds + 2

        def reached() -> bool:
            if position is None:
                return all(hand.applied_rounds >= expected for hand in self._hands)
            return all(hand.applied >= position for hand in self._hands)

        try:
            async with asyncio.timeout(timeout), self._progress:
                await self._progress.wait_for(reached)
        except TimeoutError:
            return False
        return True

    # Reading: from MongoDB to the waiting changes.

    async def _read_on(self, stream: Stream | None) -> None:
        """Never ends by itself; after every fault the stream is opened again."""
        waits = iter(RETRY)
        while True:
            try:
                stream = stream or await self._reopen()
                while True:
                    await self._wait_room()
                    self._take(await stream.next())
                    waits = iter(RETRY)
            except StreamLost as fault:
                log.warning("the change stream cannot go on where it stopped: %s", fault)
                self._token = None
            except StoreError as fault:
                self._report_broken(fault)
            except Exception:  # without a reader the process would grow old unnoticed
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
            self._lost = True
        self._take(stream.first)
        if self._broken:
            log.info("the change stream goes on")
        self._broken = False
        return stream

    def _report_broken(self, fault: StoreError) -> None:
        if not self._broken:
            log.warning("the change stream broke, opening it again: %s", fault)
        self._broken = True

    async def _wait_room(self) -> None:
        async with self._progress:
            await self._progress.wait_for(lambda: all(hand.has_room for hand in self._hands))

    def _take(self, batch: ChangeBatch) -> None:
        self._heard = asyncio.get_running_loop().time()
        self._token = batch.token
        self._rounds += batch.complete
        # None of our ids is an object or a list.
        events = [(name, id_) for name, id_ in batch.events if isinstance(id_, Hashable)]
        for name, ids in ChangedIds.at(events).ids.items():
            self._store.bad_documents.forget(name, ids)
        for hand in self._hands:
            hand.take(events, batch.position, self._rounds, batch.token, lost=self._lost)
        self._lost = False


async def read_since(store: Store, token: Token, limit: int) -> tuple[Stream, list[ChangeBatch]]:
    """A stream since `token`, and its batches until now.

    Raises Unavailable; StreamLost where MongoDB does not know the place, or has more than `limit`.
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
