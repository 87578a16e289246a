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
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypedDict, cast

from conf.model import UserDoc
from index.catalogue import Catalogue, Progress, RawAddons, ignore
from index.collector import held_off
from index.memory import Memory
from index.validation import find_fault
from server.feed import Changes
from server.store import Store

log = logging.getLogger(__name__)

# What the public index never looks at, and what is large.
_ADDON_FIELDS: Final = {"pending_authors": 0, "content_review": 0}
_USERS: Final = 1000  # decoded at a time: a millisecond
# Add-ons applied together: large enough to share a commit, few enough to hold as documents.
_BATCH: Final = 200


class ShownUser(TypedDict):
    """What the public index looks at of a UserDoc."""

    _id: int
    username: str
    display_name: str | None
    picture: str | None


_USER_FIELDS: Final = dict.fromkeys(ShownUser.__annotations__, 1)


def file_in(data_dir: str) -> Path:
    """Where prepared add-ons are remembered (index/memory.py)."""
    return Path(data_dir) / "prepared"


class Indexing:
    """A subscriber of the feed."""

    def __init__(
        self, store: Store, catalogue: Catalogue, file: Path | None = None, ahead: Memory | None = None
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
        memory, self._ahead = self._ahead or Memory(self._file), None
        faults = await self._catalogue.build(self._users(), await self._addons(memory), progress)
        self._store.bad_documents.settle("addons", faults)
        self._tasks = [
            asyncio.create_task(self._catalogue.warm(), name="warming"),
            asyncio.create_task(_save(memory), name="remembering"),
        ]

    async def remember(self, progress: Progress = ignore) -> None:
        """Leave the catalogue as it is, and have everything prepared for the next `load`."""
        memory = Memory(self._file)
        faults = await self._catalogue.prepare(self._users(), await self._addons(memory), progress)
        self._store.bad_documents.settle("addons", faults)
        await _save(memory)

    async def close(self) -> None:
        """Stop what goes on in the background."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _users(self) -> AsyncIterator[list[UserDoc]]:
        faults: dict[Any, str] = {}
        async for users in self._store.scan("users", fields=_USER_FIELDS, batch=_USERS, whole=True):
            yield _sound(users, faults)
        self._store.bad_documents.settle("users", faults)

    async def _addons(self, memory: Memory) -> RawAddons:
        expected = await self._store.size("addons")
        batches = self._store.scan_raw("addons", fields=_ADDON_FIELDS, whole=True)
        return RawAddons(batches, self._store.decode, expected, memory)

    async def apply(self, changes: Changes) -> None:
        with held_off():
            wanted = [*dict.fromkeys((*changes.addon_ids, *await self._apply_users(changes.user_ids)))]
            for start in range(0, len(wanted), _BATCH):
                await apply_addons(self._store, self._catalogue, wanted[start : start + _BATCH])

    async def _apply_users(self, ids: Collection[int]) -> list[int]:
        """The add-ons to apply anew, as they name one of these users."""
        faults: dict[Any, str] = {}
        users = _sound((await self._store.users_by_id(ids)).values(), faults)
        await self._catalogue.apply_users(users, faults)
        self._store.bad_documents.settle("users", faults, ids)
        shown = [user["_id"] for user in users]
        return [addon_id for id_ in (*shown, *faults) for addon_id in self._catalogue.by_author(id_)]

    async def resync(self) -> None:
        log.warning("reading the whole catalogue again")
        await self.load()


async def apply_addons(store: Store, catalogue: Catalogue, ids: Sequence[int]) -> None:
    """Have the catalogue show these add-ons as they are stored now."""
    found = await store.addons_by_id(ids)
    gone = [addon_id for addon_id in ids if addon_id not in found]
    store.bad_documents.settle("addons", await catalogue.apply(found.values(), gone), ids)


def _sound(users: Iterable[Mapping[str, Any]], faults: dict[Any, str]) -> list[UserDoc]:
    """Those that can be shown as authors; the others go into `faults`."""
    sound = []
    for user in users:
        fault = find_fault(user, ShownUser)
        if fault is None:
            sound.append(cast(UserDoc, user))
        else:
            faults[user["_id"]] = fault
    return sound


async def _save(memory: Memory) -> None:
    """In a thread; cancelled, it gives up within milliseconds, and what there was stays."""
    saving = asyncio.create_task(asyncio.to_thread(memory.save))
    try:
        await asyncio.shield(saving)
    except asyncio.CancelledError:
        memory.stop()
        await asyncio.wait([saving])
        raise
