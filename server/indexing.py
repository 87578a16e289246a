"""Keeps the catalogue in memory what MongoDB holds: read whole at start, then change by change.

    indexing = Indexing(store, catalogue, file_in(data_dir))
    await indexing.load(progress)          # after `feed.open()`, before `feed.start()`
    feed.subscribe(indexing)

    await indexing.remember(progress)      # instead of all that: what makes the next `load` fast

An add-on or user whose document is damaged is left out, and named in `store.bad_documents`.

Thread rule: event loop only; the catalogue moves the heavy part to its thread.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path
from typing import Final, cast

from conf.model.addons import AddonDoc, UserDoc
from index.catalogue import Catalogue, Progress, RawAddons, ignore
from index.runtime.collector import held_off
from index.startup.prepared_cache import PreparedCache
from index.validation import UNREAD
from server.feed import ChangedIds
from server.storage.driver import decode
from server.storage.store import Store

log = logging.getLogger(__name__)

_USER_FIELDS: Final = {"username": 1, "display_name": 1, "picture": 1}
_USERS: Final = 1000  # decoded at a time: a millisecond
# Add-ons applied together: large enough to share a commit, few enough to hold as documents.
_BATCH: Final = 200


def file_in(data_dir: str) -> Path:
    """Where prepared add-ons are remembered (index/startup/prepared_cache.py)."""
    return Path(data_dir) / "prepared"


class Indexing:
    """A subscriber of the feed."""

    def __init__(
        self, store: Store, catalogue: Catalogue, file: Path | None = None, ahead: PreparedCache | None = None
    ) -> None:
        """`file` remembers what was prepared for the next start, None: nothing does.

        `ahead`: what the catalogue reads already.
        """
        self._store = store
        self._catalogue = catalogue
        self._file = file
        self._ahead = ahead
        self._tasks: list[asyncio.Task[None]] = []

    async def load(self, progress: Progress = ignore) -> None:
        """Read everything into a new catalogue and swap it in; `progress` hears of each batch's size."""
        await self.close()
        memory, self._ahead = self._ahead or PreparedCache(self._file), None
        self._store.bad_documents.forget("addons")
        faults = await self._catalogue.build(self._users(), await self._addons(memory), progress)
        self._store.bad_documents.add("addons", faults)
        self._tasks = [asyncio.create_task(_save(memory), name="remembering")]

    async def remember(self, progress: Progress = ignore) -> None:
        """Leave the catalogue as it is, and have everything prepared for the next `load`."""
        memory = PreparedCache(self._file)
        faults = await self._catalogue.prepare(self._users(), await self._addons(memory), progress)
        self._store.bad_documents.add("addons", faults)
        await _save(memory)

    async def close(self) -> None:
        """Stop what goes on in the background."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _users(self) -> AsyncIterator[list[UserDoc]]:
        users = self._store.scan("users", fields=_USER_FIELDS, batch=_USERS, whole=True)
        return cast(AsyncIterator[list[UserDoc]], users)

    async def _addons(self, memory: PreparedCache) -> RawAddons:
        expected = await self._store.size("addons")
        batches = self._store.scan_raw("addons", fields=UNREAD, whole=True)
        return RawAddons(batches, decode, expected, memory)

    async def apply(self, changes: ChangedIds) -> None:
        with held_off():
            wanted = [*dict.fromkeys((*changes.addon_ids, *await self._apply_users(changes.user_ids)))]
            for start in range(0, len(wanted), _BATCH):
                await apply_addons(self._store, self._catalogue, wanted[start : start + _BATCH])

    async def _apply_users(self, ids: Collection[int]) -> list[int]:
        """The add-ons to apply anew, as they name one of these users."""
        query = {"_id": {"$in": list(ids)}}
        users: list[UserDoc] = []
        async for found in self._store.scan("users", query=query, fields=_USER_FIELDS):
            users += cast(list[UserDoc], found)
        gone = set(ids) - {user["_id"] for user in users}
        await self._catalogue.apply_users(users, gone)
        return [addon_id for user_id in ids for addon_id in self._catalogue.by_author(user_id)]

    async def resync(self) -> None:
        log.warning("reading the whole catalogue again")
        await self.load()


async def apply_addons(store: Store, catalogue: Catalogue, ids: Sequence[int]) -> None:
    """Have the catalogue show these add-ons as they are stored now."""
    addons: list[AddonDoc] = []
    query = {"_id": {"$in": ids}}
    async for found in store.scan("addons", query=query, fields=UNREAD, unchecked=True):
        addons += cast(list[AddonDoc], found)
    gone = set(ids) - {addon["_id"] for addon in addons}
    store.bad_documents.add("addons", await catalogue.apply(addons, gone))


async def _save(memory: PreparedCache) -> None:
    """In a thread; cancelled, it gives up within milliseconds, and what there was stays."""
    saving = asyncio.create_task(asyncio.to_thread(memory.save))
    try:
        await asyncio.shield(saving)
    except asyncio.CancelledError:
        memory.stop()
        await asyncio.wait([saving])
        raise
