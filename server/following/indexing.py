"""Keeps the catalogue what MongoDB holds: opened or read whole at start, then change by change.

    indexing = Indexing(store, catalogue, feed)
    await indexing.open_feed()             # where the snapshot ends; else from now on
    feed.subscribe(indexing, settled=indexing.settled)
    await indexing.open(feature, progress)     # before `feed.start()`
    await indexing.close()                 # the last checkpoint

`log` is what changed of it, for callers.

An add-on or user whose document is damaged is left out, and named in `store.bad_documents`.

Thread rule: event loop only; the catalogue moves the heavy part to its threads.
"""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, cast

from conf.model.addons import AddonDoc, UserDoc
from conf.model.checks import UNREAD
from index.catalogue import Catalogue, Progress, RawAddons, Unwritable, ignore
from index.runtime.collector import held_off
from index.snapshot.parts import Position
from server.following.change_log import ChangeLog
from server.following.feed import Feed
from server.following.subscribers import ChangedIds
from server.storage.driver import decode
from server.storage.operations import Token
from server.storage.store import Store
from server.storage.waiting import say

log = logging.getLogger(__name__)

_USER_FIELDS: Final = {"username": 1, "display_name": 1, "picture": 1}
_USERS: Final = 1000  # decoded at a time: a millisecond
_ADDONS: Final = 400  # of which other processes make what the catalogue has of them, at a time
# Add-ons applied together: large enough to share a commit, few enough to hold as documents.
_BATCH: Final = 200
# Seconds between checkpoints while there are changes. What came after the last one is read again by the
# next start, some thousand changes a second.
PAUSE: Final = 0.5
# Seconds after which a checkpoint is made without changes: MongoDB forgets old positions.
_AGE: Final = 300.0
_NEVER: Final = -math.inf  # the loop's clock may have begun a moment ago, with the machine
# Changes that take longer to read than everything: this share of the add-ons, and this many.
_MANY_SHARE: Final = 1 / 5
_MANY: Final = 1000
_LEFT_OUT: Final = ("addons", "users")  # of these collections the snapshot knows what is damaged


class Indexing:
    """A subscriber of the feed."""

    def __init__(self, store: Store, catalogue: Catalogue, feed: Feed) -> None:
        self._store = store
        self._catalogue = catalogue
        self._feed = feed
        self.log = ChangeLog(store, catalogue, feed)
        self._is_resumed = False
        self._unapplied: set[int] = set()  # users that were named, until their add-ons are applied
        self._sealed = _NEVER  # when
        self._keeping: asyncio.Task[None] | None = None
        self._checking: asyncio.Task[None] | None = None
        self._compiling: asyncio.Task[None] | None = None

    async def open_feed(self) -> None:
        """From where the snapshot ends, if there is one of this database and not too much has changed."""
        checkpoint = await self._catalogue.checkpoint()
        self._database = await self._store.identity("addons")
        if checkpoint is not None and checkpoint.position.database != self._database:
            log.info("the snapshot is of another database")
            checkpoint = None
        token = checkpoint.position.token if checkpoint else None
        many = max(_MANY, int(checkpoint.addons * _MANY_SHARE)) if checkpoint else 0
        self._is_resumed = await self._feed.open(token, many)
        if checkpoint and self._is_resumed:
            say(f"opening the snapshot: {checkpoint.addons} add-ons, {self._feed.waiting} changes since then")
            for collection, faults in checkpoint.position.faults.items():
                self._store.bad_documents.add(collection, faults)

    async def open(self, feature: Callable[[], Awaitable[None]], progress: Progress = ignore) -> None:
        """Fill the catalogue from the snapshot or else from MongoDB; `progress` hears of the latter.

        `feature` gives it the featured sets of today.
        """
        unsure = await self._catalogue.resume() if self._is_resumed else None
        try:
            await feature()
            await self._apply_addons(sorted(unsure or ()))
        except Unwritable as fault:
            self._give_up(fault)
            unsure = None
        if unsure is None:
            await self.load(progress)
        else:
            self._checking = asyncio.create_task(self._check(), name="snapshot check")

    def compile_ahead(self) -> None:
        """From now on have what most callers ask for compiled before they ask; for who serves."""
        self._compiling = asyncio.create_task(self._catalogue.compile_ahead(), name="compiling ahead")

    async def _check(self) -> None:
        """A start does not wait until every document was looked at; what reads a damaged one fails."""
        if damaged := await self._catalogue.check():
            log.warning("the snapshot is damaged: %s", damaged)
            self._feed.read_again()

    async def load(self, progress: Progress = ignore) -> None:
        """Read everything into a new catalogue and swap it in; `progress` hears of each batch's size."""
        progress(0)
        try:
            await self._build(progress)
        except Unwritable as fault:
            self._give_up(fault)
            await self._build(progress)
        self._unapplied.clear()
        self._sealed = _NEVER  # no checkpoint knows of what was built, whether it changes or not

    async def _build(self, progress: Progress) -> None:
        self._store.bad_documents.forget("addons")
        batches = self._store.scan_raw("addons", fields=UNREAD, batch=_ADDONS, whole=True)
        addons = RawAddons(batches, decode, await self._store.size("addons"))
        faults = await self._catalogue.build(self._users(), addons, progress)
        self._store.bad_documents.add("addons", faults)

    def _give_up(self, fault: Unwritable) -> None:
        log.warning("no snapshot is kept from now on, and the next start takes longer: %s", fault)
        self._catalogue.keep_nothing()

    def _users(self) -> AsyncIterator[list[UserDoc]]:
        users = self._store.scan("users", fields=_USER_FIELDS, batch=_USERS, whole=True)
        return cast(AsyncIterator[list[UserDoc]], users)

    async def apply(self, changes: ChangedIds) -> None:
        try:
            with held_off():
                by_users = await self._apply_users(changes.user_ids)
                addons = dict.fromkeys((*changes.addon_ids, *by_users))
                await self._apply_addons([*addons])
                self._unapplied -= changes.user_ids
        except Unwritable as fault:
            self._give_up(fault)
            await self.load()
        self.log.note(addons)

    async def _apply_addons(self, ids: Sequence[int]) -> None:
        for start in range(0, len(ids), _BATCH):
            await apply_addons(self._store, self._catalogue, ids[start : start + _BATCH])

    async def _apply_users(self, ids: frozenset[int]) -> list[int]:
        """The add-ons to apply anew: they show something of these users that is not as before."""
        if not ids:
            return []
        late = ids & self._unapplied
        self._unapplied |= ids  # until all is done: whoever is as memory has it may not be as the add-ons are
        query = {"_id": {"$in": list(ids)}}
        users: list[UserDoc] = []
        async for batch in self._store.scan("users", query=query, fields=_USER_FIELDS):
            users += cast(list[UserDoc], batch)
        gone = ids - {user["_id"] for user in users}
        changed = late | await self._catalogue.apply_users(users, gone)
        return [addon_id for user_id in changed for addon_id in self._catalogue.by_author(user_id)]

    async def resync(self) -> None:
        log.warning("reading the whole catalogue again")
        await self.load()
        self.log.forget()

    # -- checkpoints

    def settled(self, token: Token) -> None:
        """What is in the catalogue is the state of that place in the change stream."""
        self.log.settle(token)
        now = asyncio.get_running_loop().time()
        if not self._catalogue.is_kept or not (self._catalogue.is_changed or now - self._sealed > _AGE):
            return
        faults = {name: self._store.bad_documents.for_collection(name) for name in _LEFT_OUT}
        self._catalogue.seal(Position(self._database, dict(token), faults))
        self._sealed = now
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep(), name="checkpoint")

    async def _keep(self) -> None:
        """What is sealed meanwhile goes with it, or, while it is written, with one more."""
        written = _NEVER
        while written < self._sealed:
            await asyncio.sleep(PAUSE)
            written = self._sealed
            await self._catalogue.write_checkpoint()

    async def close(self) -> None:
        """One more checkpoint, of what was settled last."""
        tasks = [task for task in (self._keeping, self._checking, self._compiling) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._catalogue.write_checkpoint()


async def apply_addons(store: Store, catalogue: Catalogue, ids: Sequence[int]) -> None:
    """Have the catalogue show these add-ons as they are stored now."""
    addons: list[AddonDoc] = []
    query = {"_id": {"$in": ids}}
    async for batch in store.scan("addons", query=query, fields=UNREAD, unchecked=True):
        addons += cast(list[AddonDoc], batch)
    gone = set(ids) - {addon["_id"] for addon in addons}
    store.bad_documents.add("addons", await catalogue.apply(addons, gone))
