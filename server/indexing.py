"""Keeps the catalogue in memory what MongoDB holds: read whole at start, then change by change.

    indexing = Indexing(store, catalogue)
    await indexing.load(progress)          # after `feed.open()`, before `feed.start()`
    feed.subscribe(indexing)

Thread rule: event loop only; the catalogue moves the heavy part to its thread.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, cast

from conf.model import AddonDoc, UserDoc
from index.catalogue import Catalogue
from server.feed import Changes
from server.store import Store

log = logging.getLogger(__name__)

Progress = Callable[[int], None]

# What the public index never looks at, and what is large.
_ADDON_FIELDS: Final = {"pending_authors": 0, "content_review": 0}
_USER_FIELDS: Final = {"username": 1, "display_name": 1, "picture": 1}
# Add-ons applied together: large enough to share a commit, small enough for the event loop (15 ms).
_BATCH: Final = 200


def _ignore(count: int) -> None:
    pass


class Indexing:
    """A subscriber of the feed."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue
        self._warming: asyncio.Task[None] | None = None

    async def load(self, progress: Progress = _ignore) -> None:
        """Read everything into a new catalogue and swap it in; `progress` hears of each batch's size."""
        users = cast(AsyncIterator[list[UserDoc]], self._scan("users", _USER_FIELDS))
        addons = cast(AsyncIterator[list[AddonDoc]], self._scan("addons", _ADDON_FIELDS))
        await self._catalogue.build(users, addons, progress)
        await self.close()
        self._warming = asyncio.create_task(self._catalogue.warm(), name="warming")

    async def close(self) -> None:
        """Stop what goes on in the background."""
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)

    def _scan(self, collection: str, fields: dict[str, int]) -> AsyncIterator[list[dict[str, Any]]]:
        return self._store.scan(collection, fields=fields)

    async def apply(self, changes: Changes) -> None:
        users = await self._store.users_by_id(changes.user_ids)
        self._catalogue.apply_users(users.values())
        renamed = [addon for user_id in users for addon in self._catalogue.by_author(user_id)]
        wanted = sorted({*changes.addon_ids, *renamed})
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            found = await self._store.addons_by_id(batch)
            gone = [addon_id for addon_id in batch if addon_id not in found]
            await self._catalogue.apply(found.values(), gone)

    async def resync(self) -> None:
        log.warning("reading the whole catalogue again")
        await self.load()
