"""Who follows the change stream (feed.py), and how changes get to them: all of a kind at a time, none lost.

Thread rule: event loop only.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from conf.model.checks import describe_error
from server.errors import Unavailable
from server.retry import Backoff
from server.storage.operations import Position
from server.storage.store import Store
from server.storage.stream import Token

log = logging.getLogger(__name__)

# Ids waiting for some of the subscribers; at this number reading pauses until they are taken.
# They are some 100 bytes each, and as many as there are documents at most.
MAX_WAITING = 500_000
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
        self._token: Token | None = None  # where the stream stood with what was read last
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
    def waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

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
        self._token = token
        for collection, id_ in events:
            self._waiting.setdefault(collection, set()).add(id_)
        self._lost |= lost
        if self._waiting or self._lost:
            self._waiting_since = self._waiting_since or asyncio.get_running_loop().time()
        if position > self._read or lost:
            self._read = position
        self._rounds = rounds
        self._news.set()

    def begin_as(self, other: "Hand") -> None:
        """With what waits for another one, that has handed nothing on yet."""
        if other._token is not None:
            events = [(name, id_) for name, ids in other._waiting.items() for id_ in ids]
            self.take(events, other._read, other._rounds, other._token, lost=other._lost)

    async def run(self) -> None:
        while True:
            await self._news.wait()
            if self._waiting_since is not None:
                waited = asyncio.get_running_loop().time() - self._waiting_since
                await asyncio.sleep(self._window - waited)
            self._news.clear()
            await self._hand_on()

    async def _hand_on(self) -> None:
        async with self._progress:
            changes = ChangedIds({name: frozenset(ids) for name, ids in self._waiting.items()})
            lost, position, rounds, token = self._lost, self._read, self._rounds, self._token
            self._waiting, self._lost = {}, False
            self._handed_since, self._waiting_since = self._waiting_since, None
            self._progress.notify_all()
        for subscriber in self._subscribers:
            if lost or subscriber in self.behind:
                await self._resync(subscriber)
            elif changes.ids:
                await self._deliver(subscriber, changes)
        if self._settled and token is not None and not self.behind:
            self._settled(token)
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
