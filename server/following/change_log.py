"""What changed in the public catalogue, for callers who follow it (contract/extras.md 9.2).

    place = await log.place("8269…")       # of a token; None: from now on
    changes = await log.next(place, 15.0)  # waits; no events where there was nothing until then
    changes.events, changes.token          # [Event("changed", 7)], where to go on

The last changes are kept by id, as the index took them over; older ones, and those before this process began,
are read again from the change stream, which knows tokens of every process. What an event says is found out
when it is told: an add-on that is public now has changed, one that was public once is removed, of others
nothing is said.

Indexing (indexing.py) tells it what changed. Event loop only.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from conf.limits import MAX_CHANGES_MISSED
from index.catalogue import Catalogue
from server.errors import AmoebaError, StreamLost
from server.following.feed import Feed, read_since
from server.storage.operations import Token
from server.storage.store import Store

_MAX_IDS: Final = 20_000  # ids of the last changes
_TOKENS: Final = 10_000  # that callers were given last
_READING: Final = 2  # streams of older changes at the same time
_PATIENCE: Final = 5.0  # seconds for the index to have what such a stream had
_TOGETHER: Final = 500  # ids told at once


class Missed(AmoebaError):
    """Changes since this token cannot be told any more: the caller has to read everything."""


class Event(NamedTuple):
    """What became of an add-on."""

    kind: str  # "changed", "removed"
    id: int  # of an add-on


class News(NamedTuple):
    """What a caller is told next."""

    events: list[Event]
    token: str | None  # where to go on; None: not here, for more follow that belong to these


@dataclass(slots=True)
class Place:
    """Where a caller is: what was read for them from the stream comes first."""

    token: str
    serial: int  # of the first entry that the caller has not had
    older: deque[int] = field(default_factory=deque)


class _Entry(NamedTuple):
    token: str  # where the stream stood with these
    ids: tuple[int, ...]


class ChangeLog:
    """`listeners` are the callers who wait; it is for them to count."""

    def __init__(self, store: Store, catalogue: Catalogue, feed: Feed) -> None:
        self._store = store
        self._catalogue = catalogue
        self._feed = feed
        self._entries: deque[_Entry] = deque()
        self._end = 0  # the serial that the next entry is given
        self._id_count = 0  # ids in the entries
        self._serials: OrderedDict[str, int] = OrderedDict()  # token -> serial of what comes after it
        self._pending: dict[int, None] = {}
        self._token = ""
        self._news = asyncio.Event()  # set, and replaced, with the next entry
        self._reading = asyncio.Semaphore(_READING)
        self.listeners = 0

    # -- from the index

    def note(self, addon_ids: Iterable[int]) -> None:
        """The index has these now."""
        self._pending |= dict.fromkeys(addon_ids)

    def forget(self) -> None:
        """Nobody knows what changed."""
        self._pending.clear()
        self._entries.clear()
        self._serials.clear()
        self._id_count, self._end = 0, self._end + 1  # no place is up to date any more
        self._wake()

    def settle(self, token: Token) -> None:
        """Told again and again, with the place in the stream up to which the index has everything."""
        self._token = str(token["_data"])
        if not self._pending:
            return
        if len(self._pending) > MAX_CHANGES_MISSED:
            self.forget()
            return
        self._entries.append(_Entry(self._token, tuple(self._pending)))
        self._id_count += len(self._pending)
        self._end += 1
        self._give(self._token, self._end)
        self._pending.clear()
        while self._id_count > _MAX_IDS and len(self._entries) > 1:
            self._id_count -= len(self._entries.popleft().ids)
        self._wake()

    def _wake(self) -> None:
        """Those who wait hold an event each; from now on they wait for another."""
        self._news.set()
        self._news = asyncio.Event()

    # -- to callers

    async def place(self, token: str | None) -> Place:
        """Raises Missed, Unavailable."""
        if token is None:
            return self._now()
        serial = self._serials.get(token)
        if serial is not None and serial >= self._first:
            return Place(token, serial)
        return await self._read_older(token)

    async def next(self, place: Place, timeout: float) -> News:
        """The next changes; none where `timeout` seconds brought nothing. Raises Missed, Unavailable."""
        if not place.older:
            await self._advance(place, timeout)
        ids = [place.older.popleft() for _ in range(min(len(place.older), _TOGETHER))]
        return News(await self._events(ids), None if place.older else place.token)

    async def _advance(self, place: Place, timeout: float) -> None:
        self._check(place)
        if self._end == place.serial:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), timeout)
        self._check(place)
        if self._end == place.serial:
            place.token = self._now().token
            return
        entry = self._entries[place.serial - self._first]
        place.older.extend(entry.ids)
        place.serial, place.token = place.serial + 1, entry.token

    @property
    def _first(self) -> int:
        """The serial of the oldest entry."""
        return self._end - len(self._entries)

    def _check(self, place: Place) -> None:
        if place.serial < self._first:
            raise Missed

    def _now(self) -> Place:
        self._give(self._token, self._end)
        return Place(self._token, self._end)

    def _give(self, token: str, serial: int) -> None:
        self._serials[token] = serial
        self._serials.move_to_end(token)
        while len(self._serials) > _TOKENS:
            self._serials.popitem(last=False)

    async def _read_older(self, token: str) -> Place:
        """What the stream has since then; what it has that is here too is told twice."""
        serial = self._end
        async with self._reading:
            try:
                stream, batches = await read_since(self._store, {"_data": token}, MAX_CHANGES_MISSED)
            except StreamLost:  # too long ago, too many since, or no place of this stream
                raise Missed from None
            await stream.close()
        await self._feed.seen(batches[-1].position, _PATIENCE)
        places = [place for batch in batches for place in batch.events]
        return Place(str(batches[-1].token["_data"]), serial, deque(self._addons(places)))

    def _addons(self, places: Iterable[tuple[str, Any]]) -> dict[int, None]:
        addon_ids: dict[int, None] = {}
        for collection, id_ in places:
            if collection == "addons" and isinstance(id_, int):
                addon_ids[id_] = None
            elif collection == "users":
                addon_ids |= dict.fromkeys(self._catalogue.by_author(id_))
        return addon_ids

    async def _events(self, ids: list[int]) -> list[Event]:
        documents = self._catalogue.documents
        hidden = [addon_id for addon_id in ids if documents.get(addon_id) is None]
        secret: set[int] = set()
        if hidden:
            # Nothing was ever public of an add-on without a date of its last release.
            query = {"_id": {"$in": hidden}, "last_updated": None}
            async for batch in self._store.scan("addons", query=query, fields={"_id": 1}):
                secret.update(document["_id"] for document in batch)
        removed = dict.fromkeys(hidden)
        return [
            Event("removed" if addon_id in removed else "changed", addon_id)
            for addon_id in ids
            if addon_id not in secret
        ]
