"""Who follows the change stream (feed.py), and how changes get to them: all of a kind at a time, none lost.

Thread rule: event loop only.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from conf.model.checks import describe_error
from server.errors import Unavailable
from server.retry import Backoff
from server.storage.operations import Position, Token
from server.storage.store import Store

log = logging.getLogger(__name__)

# Ids waiting for some of the subscribers; at this number reading pauses until they are taken. They are some
# 100 bytes each, and one that changes again and again may be in each lot.
MAX_WAITING = 500_000
# Changes that are handed on together, more or less: what comes after them waits, so that with each such lot a
# checkpoint of the catalogue can be made, behind which a start after a kill has little to read again.
LOT = 500
TRIES = 3  # for a subscriber that fails by its own fault
RESYNC_PAUSE = 10.0  # seconds until one that could not read everything may try again
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
        return cls({name: frozenset(documents) for name, documents in ids.items()})


class Subscriber(Protocol):
    """Follows the changes; what it raises is tried again, and at last refused as the document's fault."""

    async def apply(self, changes: ChangedIds) -> None:
        """Read these documents again; one that is not there any more was deleted."""

    async def resync(self) -> None:
        """Read everything again: changes may have been missed."""


@dataclass(slots=True)
class Lot:
    """Changes that are handed on together, and what was read with them."""

    ids: dict[str, set[Any]]  # by collection
    token: Token  # where the stream stood with them
    read: Position  # everything up to here is in this lot or before it; likewise the rounds
    rounds: int
    since: float  # when the oldest of them was read
    lost: bool  # they are not all: resync first

    @property
    def size(self) -> int:
        return sum(map(len, self.ids.values()))


class Hand:
    """From the waiting changes to some subscribers, one after the other, as fast as they take them."""

    def __init__(
        self,
        subscribers: Sequence[Subscriber],
        store: Store,
        window: float,
        progress: asyncio.Condition,
        settled: Callable[[Token], None] | None = None,
    ) -> None:
        """`progress` is notified when more is applied, and when there is room again."""
        self._settled = settled
        self._subscribers = subscribers
        self._store = store
        self._window = window
        self._progress = progress
        self.behind: dict[Subscriber, float] = {}  # they could not read everything; when to try again
        self._lots: deque[Lot] = deque()  # that wait
        # Everything up to here was read; and is applied. Likewise the rounds.
        self._read: Position = (0, 0)
        self.applied: Position = (0, 0)
        self.applied_rounds = 0
        self._handed_since: float | None = None  # when the oldest change was read that the subscribers are at
        self._news = asyncio.Event()

    @property
    def oldest(self) -> float | None:
        """When the oldest change was read that is not applied yet."""
        return self._handed_since or self._waiting_since

    @property
    def _waiting_since(self) -> float | None:
        return next((lot.since for lot in self._lots if lot.ids or lot.lost), None)

    @property
    def waiting(self) -> int:
        return sum(lot.size for lot in self._lots)

    @property
    def has_room(self) -> bool:
        return self.waiting < MAX_WAITING

    def take(
        self,
        events: Iterable[tuple[str, Any]],
        position: Position,
        rounds: int,
        token: Token,
        *,
        lost: bool,
    ) -> None:
        """Changes that were read, by collection and id; `lost` where they are not all."""
        if position > self._read or lost:
            self._read = position
        ids: dict[str, set[Any]] = {}
        for collection, id_ in events:
            ids.setdefault(collection, set()).add(id_)
        lot = Lot(ids, token, self._read, rounds, asyncio.get_running_loop().time(), lost)
        if self._lots and self._lots[-1].size + lot.size <= LOT:
            self._join(self._lots.pop(), lot)
        self._lots.append(lot)
        self._news.set()

    @staticmethod
    def _join(earlier: Lot, lot: Lot) -> None:
        """Have in the later one what is in both."""
        if earlier.ids or earlier.lost:
            lot.since = earlier.since
        lot.lost |= earlier.lost
        for collection, ids in earlier.ids.items():
            lot.ids[collection] = lot.ids.get(collection, set()) | ids

    def begin_as(self, other: "Hand") -> None:
        """With what waits for another one, that has handed nothing on yet."""
        for lot in other._lots:
            events = [(name, id_) for name, ids in lot.ids.items() for id_ in ids]
            self.take(events, lot.read, lot.rounds, lot.token, lost=lot.lost)

    async def run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._lots:
                if self._waiting_since is not None:
                    waited = asyncio.get_running_loop().time() - self._waiting_since
                    await asyncio.sleep(self._window - waited)
                await self._hand_on()

    async def _hand_on(self) -> None:
        async with self._progress:
            lot = self._lots.popleft()
            changes = ChangedIds({name: frozenset(ids) for name, ids in lot.ids.items()})
            self._handed_since = lot.since if lot.ids or lot.lost else None
            self._progress.notify_all()
        for subscriber in self._subscribers:
            if lot.lost or subscriber in self.behind:
                await self._resync(subscriber)
            elif changes.ids:
                await self._deliver(subscriber, changes)
        if self._settled and not self.behind:
            self._settled(lot.token)
        async with self._progress:
            self.applied, self.applied_rounds = lot.read, lot.rounds
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
