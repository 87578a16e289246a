"""Keeps the catalogue current with MongoDB: opened or built at start, then updated by each change.

    indexing = Indexing(store, catalogue, feed)
    await indexing.open_feed()                 # from the snapshot's position, else from now on
    feed.subscribe(indexing, on_applied=indexing.checkpoint)
    await indexing.open(feature, progress)     # before `feed.start()`
    await indexing.close()                     # writes the last checkpoint

`log` has the catalogue's changes, for callers that follow them.

Thread rule: event loop only; the catalogue does the heavy part in its own threads.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from typing import Final, cast

from conf.model.addons import UserDoc
from index.catalogue import Catalogue, Progress, ignore
from index.runtime.collector import gc_paused
from index.snapshot.parts import Position
from server.following.catalogue_reads import USER_FIELDS, apply_addons, build
from server.following.change_log import ChangeLog
from server.following.feed import Feed
from server.following.subscribers import ChangedIds
from server.storage.operations import ResumeToken
from server.storage.patience import say
from server.storage.store import Store

log = logging.getLogger(__name__)

# Seconds between checkpoints while there are changes. The next start reads again what came after the last
# one, some thousand changes a second.
PAUSE: Final = 0.5
# Seconds after which there is a checkpoint even without changes, because MongoDB forgets old positions.
_MAX_AGE: Final = 300.0
_NEVER: Final = -math.inf  # not 0, because the loop's clock may have begun a moment ago, with the machine
# More changes than this share of the add-ons, and than this many, take longer to read than everything.
_MANY_SHARE: Final = 1 / 5
_MANY: Final = 1000
_CHECKED: Final = ("addons", "users")  # collections whose damaged documents the snapshot lists


class Indexing:
    """A subscriber of the feed."""

    def __init__(self, store: Store, catalogue: Catalogue, feed: Feed) -> None:
        self._store = store
        self._catalogue = catalogue
        self._feed = feed
        self.log = ChangeLog(store, catalogue, feed)
        self._is_resumed = False
        self._unapplied: set[int] = set()  # changed users whose add-ons are not applied yet
        self._sealed_at = _NEVER
        self._checkpointing: asyncio.Task[None] | None = None
        self._checking: asyncio.Task[None] | None = None
        self._compiling: asyncio.Task[None] | None = None

    async def open_feed(self) -> None:
        """Open the feed where the snapshot ends, if it is of this database and not too much changed."""
        checkpoint = await self._catalogue.checkpoint()
        self._database = await self._store.identity("addons")
        if checkpoint is not None and checkpoint.position.database != self._database:
            log.info("the snapshot is of another database")
            checkpoint = None
        token = checkpoint.position.token if checkpoint else None
        many = max(_MANY, int(checkpoint.addons * _MANY_SHARE)) if checkpoint else 0
        self._is_resumed = await self._feed.open(token, many)
        if checkpoint and self._is_resumed:
            say(f"opening the snapshot: {checkpoint.addons} add-ons, {self._feed.pending} changes since then")
            for collection, faults in checkpoint.position.faults.items():
                self._store.bad_documents.add(collection, faults)

    async def open(self, feature: Callable[[], Awaitable[None]], progress: Progress = ignore) -> None:
        """Fill the catalogue from the snapshot, else from MongoDB; `progress` gets each batch's size then.

        `feature` gives it the featured sets of today.
        """
        stale = await self._catalogue.resume() if self._is_resumed else None
        await feature()
        if stale is None:
            await self.load(progress)
            return
        await apply_addons(self._store, self._catalogue, sorted(stale))
        self._checking = asyncio.create_task(self._check(), name="snapshot check")

    def precompile(self) -> None:
        """Compile what most callers ask for before they ask, from now on; for a process that serves."""
        self._compiling = asyncio.create_task(self._catalogue.precompile(), name="precompiling")

    async def _check(self) -> None:
        """Check the snapshot's documents after the start; until then a damaged one fails its readers."""
        if damaged := await self._catalogue.check():
            log.warning("the snapshot is damaged: %s", damaged)
            self._feed.request_resync()

    async def load(self, progress: Progress = ignore) -> None:
        """Read everything into a new catalogue and swap it in; `progress` gets each batch's size."""
        await build(self._store, self._catalogue, progress)
        self._unapplied.clear()
        self._sealed_at = _NEVER  # no checkpoint has the new catalogue, whether it changes or not

    async def apply(self, changes: ChangedIds) -> None:
        with gc_paused():
            by_users = await self._apply_users(changes.user_ids)
            addons = dict.fromkeys((*changes.addon_ids, *by_users))
            await apply_addons(self._store, self._catalogue, [*addons])
            self._unapplied -= changes.user_ids
        self.log.add(addons)

    async def _apply_users(self, ids: frozenset[int]) -> list[int]:
        """Apply users; returns the add-ons to apply again, because they show what changed of the users."""
        if not ids:
            return []
        failed = ids & self._unapplied  # their add-ons may be older than what memory has of the users
        self._unapplied |= ids
        query = {"_id": {"$in": list(ids)}}
        users: list[UserDoc] = []
        async for batch in self._store.scan("users", query=query, fields=USER_FIELDS):
            users += cast(list[UserDoc], batch)
        gone = ids - {user["_id"] for user in users}
        changed = failed | await self._catalogue.apply_users(users, gone)
        return [addon_id for user_id in changed for addon_id in self._catalogue.by_author(user_id)]

    async def resync(self) -> None:
        log.warning("reading the whole catalogue again")
        await self.load()
        self.log.reset()

    # -- checkpoints

    def checkpoint(self, token: ResumeToken) -> None:
        """Seal the catalogue's state as that of `token`, and write it within a moment."""
        self.log.commit(token)
        now = asyncio.get_running_loop().time()
        if not self._catalogue.keeps_snapshots or not (
            self._catalogue.is_changed or now - self._sealed_at > _MAX_AGE
        ):
            return
        faults = {name: self._store.bad_documents.for_collection(name) for name in _CHECKED}
        self._catalogue.seal(Position(self._database, dict(token), faults))
        self._sealed_at = now
        if self._checkpointing is None or self._checkpointing.done():
            self._checkpointing = asyncio.create_task(self._write_checkpoints(), name="checkpoint")

    async def _write_checkpoints(self) -> None:
        """Write what is sealed, and once more if something is sealed meanwhile."""
        written = _NEVER
        while written < self._sealed_at:
            await asyncio.sleep(PAUSE)
            written = self._sealed_at
            await self._catalogue.write_checkpoint()

    async def close(self) -> None:
        """Write one more checkpoint, of what was sealed last."""
        tasks = [task for task in (self._checkpointing, self._checking, self._compiling) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._catalogue.write_checkpoint()
