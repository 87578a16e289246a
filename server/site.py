"""The parts of a server process: opened in order, closed in reverse, and passed to every handler.

site = Site(settings, 8000, make_version)      # the port that it will listen on
await site.open(database, progress)            # MongoDB, state, catalogue; then it is `ready`
...
await site.close()
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from conf.mongodb import support_warning
from conf.settings.settings import Settings
from index.catalogue import Catalogue
from index.shapes.api_versions import all_shapes
from server.addresses import resolve_addresses
from server.auth.authenticator import Authenticator
from server.auth.credentials.stored_apikeys import LeakedKeys
from server.background.workers import make_workers
from server.basket.outbox import Syncs
from server.changes import Changes
from server.curated.curated import CuratedContent
from server.files.files import Files
from server.following.feed import Feed
from server.following.indexing import Indexing
from server.log_once import LogOnce
from server.outside.outside import OutsideServices
from server.packages.validation.validator import Validator
from server.pictures.pictures import Pictures
from server.site_state import SiteState, State
from server.storage.patience import Patience, say
from server.storage.store import Store
from server.telemetry.telemetry import Telemetry
from server.throttling.limits import Limits

log = logging.getLogger(__name__)

Progress = Callable[[int], None]
Prepare = Callable[[Store], Any]  # a coroutine function: fills an empty store
MakeVersion = Callable[["Site", Any], Awaitable[None]]  # (site, upload)


class Site:
    """`ready` once public reads can be answered; it stays so while MongoDB is away."""

    store: Store
    files: Files
    pictures: Pictures
    validator: Validator
    feed: Feed
    changes: Changes
    authenticator: Authenticator
    curated: CuratedContent

    def __init__(self, settings: Settings, port: int, make_version: MakeVersion) -> None:
        """`make_version` makes a version of an upload; passed, as this module must not import services."""
        self.settings = settings
        self._make_version = make_version
        self.addresses = resolve_addresses(settings, port)
        self.shapes = all_shapes(settings, self.addresses.site_url)
        self.catalogue = Catalogue(settings, self.shapes)
        self.telemetry = Telemetry(settings)
        self.limits = Limits(settings)
        self.state: State | None = None
        self.outside = OutsideServices(settings)
        self.outages = LogOnce(log)  # of requests that failed because MongoDB is away
        self.exports = 0  # that are being sent
        self.ready = False
        self._stack = AsyncExitStack()

    async def open(
        self, database: Awaitable[str], progress: Progress, prepare: Prepare | None = None
    ) -> None:
        """`database` gives the URI of MongoDB; `prepare` runs before the catalogue is read.

        Waits for a MongoDB that is slow or away. Raises StartError, with what to do about it.
        """
        settings = self.settings
        self._stack.callback(self.catalogue.close)
        Validator.check(settings)
        data = Path(settings.data_dir)
        self.catalogue.read_ahead(data)  # while mongod starts
        self.store = await Store.open(
            await database,
            settings.mongodb_database,
            settings.mongodb_timeout,
            Patience(),
            settings.mongodb_driver,
        )
        self._stack.push_async_callback(self.store.close)
        # Only after MongoDB was opened, so that a failed first start leaves nothing behind.
        self.catalogue.keep_in(data)
        if text := support_warning(await self.store.version(), date.today()):
            say(f"MongoDB {text}; server/README.md, under MongoDB, says how to use a newer one")
        if prepare is not None:
            await prepare(self.store)
        self.feed = Feed(self.store)
        indexing = Indexing(self.store, self.catalogue, self.feed)
        self._stack.push_async_callback(indexing.close)
        self._stack.push_async_callback(self.feed.close)
        await indexing.open_feed()
        state = await self._open_services(self.feed)
        self._stack.push_async_callback(self.outside.close)
        # Apart from the index, so that a credential ends even while thousands of add-ons are being indexed.
        self.feed.subscribe(state, self.authenticator)
        # Featured sets are part of the index.
        self.feed.subscribe(self.curated, indexing, on_applied=indexing.checkpoint)
        self.change_log = indexing.log
        await indexing.open(self.curated.resync, progress)
        self.feed.start()
        await self.feed.caught_up()
        indexing.precompile()
        self.store.patience = None  # because callers wait from now on
        self._open_workers()
        self.ready = True

    async def attach(self, store: Store) -> None:
        """Open only what services need for writes: no catalogue, no background workers.

        The caller opened the store and closes it. Raises StartError, Unavailable.
        """
        self._stack.callback(self.catalogue.close)
        Validator.check(self.settings)
        self.store = store
        await self._open_services(None)
        await self.curated.resync()
        self._make_validator()

    async def _open_services(self, feed: Feed | None) -> State:
        """Open what needs only the store, and the site's state."""
        self.files = Files(self.store)
        self.pictures = Pictures(self.files)
        self.changes = Changes(self.store, feed, Syncs(self.settings))
        self.state = await State.load(self.store)
        self.authenticator = await Authenticator.open(self.store, self.settings, self.changes)
        self._stack.push_async_callback(self.authenticator.close)
        self.curated = CuratedContent(self.store, self.catalogue)
        return self.state

    def _make_validator(self) -> None:
        make_version = partial(self._make_version, self)
        leaked = LeakedKeys(self.store, self.changes, self.authenticator.keys)
        self.validator = Validator(
            self.store,
            self.files,
            self.settings,
            lambda: self.status.read_only,
            make_version,
            leaked,
            lambda: self.curated.app_versions.view,
        )

    def _open_workers(self) -> None:
        def is_read_only() -> bool:
            return self.status.read_only

        self._make_validator()
        blocks = self.curated.blocks
        workers = make_workers(
            self.settings,
            self.store,
            self.files,
            self.changes,
            lambda: blocks.view.by_guid,
            is_read_only,
            self.addresses.site_url,
            self.authenticator.keys,
            self.limits,
        )
        for worker in (*workers, self.validator):
            self._stack.push_async_callback(worker.close)
            worker.start()

    async def close(self) -> None:
        self.ready = False
        await self._stack.aclose()

    @property
    def status(self) -> SiteState:
        """The read-only mode and the notice; before `open`, neither is set."""
        return self.state.current if self.state else SiteState()

    @property
    def generation(self) -> str:
        """A value that changes with everything public reads depend on."""
        lists = self.curated.revision
        return f"{self.catalogue.generation}.{lists:x}.{hash(self.status) & 0xFFFFFFFF:x}"

    def health(self) -> dict[str, Any]:
        """The JSON of the heartbeat."""
        store = getattr(self, "store", None)
        return {
            "ready": self.ready,
            "mongodb": bool(store and store.is_alive),
            "read_only": self.status.read_only,
            "addons": len(self.catalogue),
            "bad_documents": self.store.bad_documents.summary() if store else None,
        }
