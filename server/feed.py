"""The change stream's way to what a process keeps in memory.

    feed = Feed(store)
    feed.subscribe(state)      # those named together hear of a change one after the other,
    feed.subscribe(indexing)   # and wait for no others
    await feed.open()          # changes are collected from now on ...
    ...                        # ... while everything is read for the first time
    feed.start()               # ... and handed on from now on
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
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from index.validation import describe_error
from server.errors import StoreError, StreamLost, Unavailable
from server.retry import Backoff
from server.storage.operations import Position
from server.storage.store import Store
from server.storage.stream import ChangeBatch, Stream, Token

log = logging.getLogger(__name__)

WINDOW = 0.02  # seconds changes are collected before they are handed on
# Ids waiting for some of the subscribers; at this number reading pauses until they are taken.
# They are some 100 bytes each, and as many as there are documents at most.
MAX_WAITING = 500_000
TRIES = 3  # for a subscriber that fails by its own fault
RESYNC_PAUSE = 10.0  # seconds until one that could not read everything may try again
SILENCE = 1.0  # seconds; with nothing to tell MongoDB answers four times a second
HEALTHY_LAG = 5.0
RETRY = Backoff(0.1, 2.0)


@dataclass(frozen=True, slots=True)
class ChangedIds:
    """Ids of documents written or deleted, by collection."""

    ids: Mapping[str, frozenset[Any]] = field(default_factory=dict)

    @property
    def addon_ids(self) -> frozenset[int]:
        return self.ids.get("addons", frozenset())

    @property
    def user_ids(self) -> frozenset[int]:
        return self.ids.get("users", frozenset())

    @property
    def site(self) -> bool:
        return "site" in self.ids

    @property
    def others(self) -> dict[str, frozenset[Any]]:
        """Collections without a property of their own."""
        named = {"addons", "users", "site"}
        return {name: ids for name, ids in self.ids.items() if name not in named}

    @property
    def places(self) -> list[tuple[str, Any]]:
        """Collection and id of each document."""
        return [(name, id_) for name, ids in self.ids.items() for id_ in ids]

    @classmethod
    def at(cls, places: Iterable[tuple[str, Any]]) -> "ChangedIds":
        ids: dict[str, set[Any]] = {}
        for name, id_ in places:
            ids.setdefault(name, set()).add(id_)
        return cls({name: frozenset(found) for name, found in ids.items()})


class Subscriber(Protocol):
    async def apply(self, changes: ChangedIds) -> None:
        """Read these documents again; one that is not there any more was deleted."""

    async def resync(self) -> None:
        """Read everything again: changes may have been missed."""


class Feed:
    def __init__(self, store: Store, window: float = WINDOW) -> None:
        self._store = store
        self._window = window
        self._hands: list[Hand] = []
        self._lost = False  # what was read last is not all
        self._rounds = 0  # times the end of the log was reached
        self._token: Token | None = None
        self._heard = 0.0  # when MongoDB last answered
        self._broken = False  # no stream at present
        self._progress = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []

    def subscribe(self, *subscribers: Subscriber) -> None:
        """In the order in which they are to hear of a change; before `open`."""
        self._hands.append(Hand(subscribers, self._store, self._window, self._progress))

    async def open(self) -> None:
        """Collect changes from now on. Raises Unavailable."""
        stream = await self._store.watch()
        self._take(stream.first)
        self._spawn(self._read_on(stream), "change stream reader")

    def start(self) -> None:
        """Hand changes on, those collected since `open` first."""
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
    def healthy(self) -> bool:
        """MongoDB answers, and what it says is being applied."""
        return self.lag < HEALTHY_LAG and not any(hand.behind for hand in self._hands)

    @property
    def lag(self) -> float:
        """Seconds this process may be behind MongoDB."""
        now = asyncio.get_running_loop().time()
        silent = now - self._heard
        oldest = min((hand.oldest or now for hand in self._hands), default=now)
        return max(now - oldest, silent if silent > SILENCE else 0.0)

    async def seen(self, position: Position | None, timeout: float) -> bool:
        """Wait until the subscribers have applied the write at `position` (`store.write`).

        None, where MongoDB gave no position, means everything written until now.
        False when `timeout` seconds were not enough; the write itself is safe.
        """
        # The round under way may have looked before the write, so the one after it counts.
        wanted = self._rounds + 2

        def reached() -> bool:
            if position is None:
                return all(hand.applied_rounds >= wanted for hand in self._hands)
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
            hand.take(events, batch.position, self._rounds, lost=self._lost)
        self._lost = False


class Hand:
    """From the waiting changes to some subscribers, one after the other, as fast as they take them."""

    def __init__(
        self, subscribers: Sequence[Subscriber], store: Store, window: float, progress: asyncio.Condition
    ) -> None:
        """`progress` is notified when more is applied, and when there is room again."""
        self._subscribers = subscribers
        self._store = store
        self._window = window
        self._progress = progress
        self.behind: dict[Subscriber, float] = {}  # they could not read everything; when to try again
        self._waiting: dict[str, set[Any]] = {}
        self._lost = False  # the waiting changes are not all: resync first
        # Everything up to here is waiting, handed on or applied; and is applied. Likewise the rounds.
        self._read: Position = (0, 0)
        self.applied: Position = (0, 0)
        self._rounds = self.applied_rounds = 0
        # When the oldest change was read that is waiting, and that the subscribers are at.
        self._waiting_since: float | None = None
        self._handed_since: float | None = None
        self._news = asyncio.Event()

    @property
    def oldest(self) -> float | None:
        """When the oldest change was read that is not applied yet."""
        return self._handed_since or self._waiting_since

    @property
    def has_room(self) -> bool:
        return sum(map(len, self._waiting.values())) < MAX_WAITING

    def take(self, events: Iterable[tuple[str, Any]], position: Position, rounds: int, *, lost: bool) -> None:
        for collection, id_ in events:
            self._waiting.setdefault(collection, set()).add(id_)
        self._lost |= lost
        if self._waiting or self._lost:
            self._waiting_since = self._waiting_since or asyncio.get_running_loop().time()
        if position > self._read or lost:
            self._read = position
        self._rounds = rounds
        self._news.set()

    async def run(self) -> None:
        while True:
            await self._news.wait()
            if self._waiting:
                await asyncio.sleep(self._window)
            self._news.clear()
            await self._hand_on()

    async def _hand_on(self) -> None:
        async with self._progress:
            changes = ChangedIds({name: frozenset(ids) for name, ids in self._waiting.items()})
            lost, position, rounds = self._lost, self._read, self._rounds
            self._waiting, self._lost = {}, False
            self._handed_since, self._waiting_since = self._waiting_since, None
            self._progress.notify_all()
        for subscriber in self._subscribers:
            if lost or subscriber in self.behind:
                await self._resync(subscriber)
            elif changes.ids:
                await self._deliver(subscriber, changes)
        async with self._progress:
            self.applied, self.applied_rounds = position, rounds
            self._handed_since = None
            self._progress.notify_all()

    async def _resync(self, subscriber: Subscriber) -> None:
        """Have it read everything; one that cannot is behind, and the others must not be."""
        loop = asyncio.get_running_loop()
        if loop.time() < self.behind.get(subscriber, 0.0):
            return
        try:
            await _patiently(subscriber.resync, TRIES)
            self.behind.pop(subscriber, None)
        except Exception:
            log.exception("%s cannot read everything again", type(subscriber).__name__)
            self.behind[subscriber] = loop.time() + RESYNC_PAUSE

    async def _deliver(self, subscriber: Subscriber, changes: ChangedIds) -> None:
        """Halve changes that cannot be taken until the document stands alone that is in the way."""
        places = changes.places
        try:
            await _patiently(partial(subscriber.apply, changes), TRIES if len(places) == 1 else 1)
            return
        except Exception as fault:
            if len(places) == 1:
                self._refuse(subscriber, places[0], fault)
                return
        middle = len(places) // 2
        await self._deliver(subscriber, ChangedIds.at(places[:middle]))
        await self._deliver(subscriber, ChangedIds.at(places[middle:]))

    def _refuse(self, subscriber: Subscriber, place: tuple[str, Any], fault: Exception) -> None:
        collection, id_ = place
        log.error("%s cannot take %s %s", type(subscriber).__name__, collection, id_, exc_info=fault)
        self._store.bad_documents.add(collection, {id_: describe_error(fault)})


async def _patiently(work: Callable[[], Awaitable[None]], tries: int) -> None:
    """Until it is done: while MongoDB is away there is nothing better to do than to wait.

    Raises what `work` does when it fails by its own fault `tries` times.
    """
    failures, waits = 0, False
    for pause in RETRY:
        try:
            await work()
            return
        except Unavailable as fault:
            if not waits:
                log.warning("changes wait for MongoDB: %s", fault)
            waits = True
        except Exception:
            failures += 1
            if failures == tries:
                raise
        await asyncio.sleep(pause)
