"""What changed in the public catalogue, for callers who follow it (contract/extras.md 9.2).

    cursor = await log.open("8269…")          # after a token; None: from now on
    changes = await log.next(cursor, 15.0)    # waits so many seconds for events
    changes.events, changes.token             # [Event("changed", 7)], the token to continue from

The latest changes are kept by id, in the order in which the index applied them. Older ones, and those before
this process began, are read from the change stream again, which knows the tokens of every process. What
became of an add-on is looked up when its event is sent: one that is public now has changed, one that was
public once is removed, and others have no event.

Indexing (indexing.py) adds the changes. Event loop only.
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
from server.storage.operations import ResumeToken
from server.storage.store import Store

_MAX_IDS: Final = 20_000  # ids of the last changes
_TOKENS: Final = 10_000  # remembered of those that callers were given
_READERS: Final = 2  # streams of older changes at a time
_INDEX_WAIT: Final = 5.0  # seconds for the index to apply what such a stream had
_BATCH: Final = 500  # ids in an answer


class ChangesMissed(AmoebaError):
    """Changes since this token are not known any more, so the caller has to read everything."""


class Event(NamedTuple):
    """What became of an add-on."""

    kind: str  # "changed", "removed"
    id: int  # of an add-on


class EventBatch(NamedTuple):
    """The next events for a caller."""

    events: list[Event]
    token: str | None  # to continue from; None if more events of the same token follow


@dataclass(slots=True)
class Cursor:
    """How far a caller is; `older` are ids read from the stream, which come first."""

    token: str
    serial: int  # of the next entry for the caller
    older: deque[int] = field(default_factory=deque)


class _Entry(NamedTuple):
    token: str  # the stream's, after these changes
    ids: tuple[int, ...]


class ChangeLog:
    """`listeners` is how many callers wait; they count themselves."""

    def __init__(self, store: Store, catalogue: Catalogue, feed: Feed) -> None:
        self._store = store
        self._catalogue = catalogue
        self._feed = feed
        self._entries: deque[_Entry] = deque()
        self._end = 0  # the serial of the next entry
        self._id_count = 0  # ids in the entries
        self._serials: OrderedDict[str, int] = OrderedDict()  # token -> serial of the entry after it
        self._pending: dict[int, None] = {}
        self._token = ""
        self._appended = asyncio.Event()  # set, and replaced, with the next entry
        self._readers = asyncio.Semaphore(_READERS)
        self.listeners = 0

    # -- from the index

    def add(self, addon_ids: Iterable[int]) -> None:
        """Note add-ons that the index has applied; `commit` makes an entry of them."""
        self._pending |= dict.fromkeys(addon_ids)

    def reset(self) -> None:
        """Forget all entries, because it is not known what changed since."""
        self._pending.clear()
        self._entries.clear()
        self._serials.clear()
        self._id_count, self._end = 0, self._end + 1  # so that no cursor is up to date
        self._wake()

    def commit(self, token: ResumeToken) -> None:
        """Append what was added as an entry; the index has everything up to this token."""
        self._token = str(token["_data"])
        if not self._pending:
            return
        if len(self._pending) > MAX_CHANGES_MISSED:
            self.reset()
            return
        self._entries.append(_Entry(self._token, tuple(self._pending)))
        self._id_count += len(self._pending)
        self._end += 1
        self._remember(self._token, self._end)
        self._pending.clear()
        while self._id_count > _MAX_IDS and len(self._entries) > 1:
            self._id_count -= len(self._entries.popleft().ids)
        self._wake()

    def _wake(self) -> None:
        """Wake those who wait; later ones wait for a new event."""
        self._appended.set()
        self._appended = asyncio.Event()

    # -- to callers

    async def open(self, token: str | None) -> Cursor:
        """Raises ChangesMissed, Unavailable."""
        if token is None:
            return self._now()
        serial = self._serials.get(token)
        if serial is not None and serial >= self._first:
            return Cursor(token, serial)
        return await self._read_older(token)

    async def next(self, cursor: Cursor, timeout: float) -> EventBatch:
        """The next events, if there are any within `timeout` seconds.

        Raises ChangesMissed, Unavailable.
        """
        if not cursor.older:
            await self._advance(cursor, timeout)
        ids = [cursor.older.popleft() for _ in range(min(len(cursor.older), _BATCH))]
        return EventBatch(await self._events(ids), None if cursor.older else cursor.token)

    async def _advance(self, cursor: Cursor, timeout: float) -> None:
        self._check(cursor)
        if self._end == cursor.serial:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._appended.wait(), timeout)
        self._check(cursor)
        if self._end == cursor.serial:
            cursor.token = self._now().token
            return
        entry = self._entries[cursor.serial - self._first]
        cursor.older.extend(entry.ids)
        cursor.serial, cursor.token = cursor.serial + 1, entry.token

    @property
    def _first(self) -> int:
        """The serial of the oldest entry."""
        return self._end - len(self._entries)

    def _check(self, cursor: Cursor) -> None:
        if cursor.serial < self._first:
            raise ChangesMissed

    def _now(self) -> Cursor:
        self._remember(self._token, self._end)
        return Cursor(self._token, self._end)

    def _remember(self, token: str, serial: int) -> None:
        self._serials[token] = serial
        self._serials.move_to_end(token)
        while len(self._serials) > _TOKENS:
            self._serials.popitem(last=False)

    async def _read_older(self, token: str) -> Cursor:
        """What the stream has since then; what the entries have as well is sent twice."""
        serial = self._end
        async with self._readers:
            try:
                stream, batches = await read_since(self._store, {"_data": token}, MAX_CHANGES_MISSED)
            except StreamLost:  # too long ago, too many since, or no token of this stream
                raise ChangesMissed from None
            await stream.close()
        await self._feed.seen(batches[-1].position, _INDEX_WAIT)
        documents = [document for batch in batches for document in batch.events]
        return Cursor(str(batches[-1].token["_data"]), serial, deque(self._affected_addons(documents)))

    def _affected_addons(self, documents: Iterable[tuple[str, Any]]) -> dict[int, None]:
        addon_ids: dict[int, None] = {}
        for collection, id_ in documents:
            if collection == "addons" and isinstance(id_, int):
                addon_ids[id_] = None
            elif collection == "users":
                addon_ids |= dict.fromkeys(self._catalogue.by_author(id_))
        return addon_ids

    async def _events(self, ids: list[int]) -> list[Event]:
        documents = self._catalogue.documents
        hidden = [addon_id for addon_id in ids if documents.get(addon_id) is None]
        never_public: set[int] = set()
        if hidden:
            # An add-on without a date of its last release never had anything public.
            query = {"_id": {"$in": hidden}, "last_updated": None}
            async for batch in self._store.scan("addons", query=query, fields={"_id": 1}):
                never_public.update(document["_id"] for document in batch)
        removed = dict.fromkeys(hidden)
        return [
            Event("removed" if addon_id in removed else "changed", addon_id)
            for addon_id in ids
            if addon_id not in never_public
        ]
