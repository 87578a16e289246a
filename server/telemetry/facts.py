"""The present state of a process and of its MongoDB, for metrics and pages.

    facts = read_site(site)                  # of the process; costs nothing
    stored = StoreFactsCache(site)
    (await stored.read()).queues             # of MongoDB; cached for some seconds

Facts of MongoDB are left out if it does not answer in time. Event loop only.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from server.errors import StoreError
from server.operating.queues import QueueState, read_queues
from server.site import Site

_MAX_AGE: Final = 5.0  # seconds
_TIMEOUT: Final = 2.0  # seconds


class SiteFacts(NamedTuple):
    """None means unknown, because the site is not open yet."""

    ready: bool
    read_only: bool
    addons: int  # that are public
    commits: int  # of the index
    index_age: float  # seconds since it last changed
    lag: float | None  # seconds behind MongoDB
    waiting: int | None  # changes that are not applied yet
    bad_documents: int | None


def read_site(site: Site) -> SiteFacts:
    feed, store, catalogue = getattr(site, "feed", None), getattr(site, "store", None), site.catalogue
    return SiteFacts(
        ready=site.ready,
        read_only=site.status.read_only,
        addons=len(catalogue),
        commits=catalogue.commits,
        index_age=time.monotonic() - catalogue.changed_at,
        lag=feed and feed.lag,
        waiting=feed and feed.pending,
        bad_documents=store and len(store.bad_documents),
    )


class StoreFacts(NamedTuple):
    """Facts of MongoDB; empty if it did not answer in time."""

    is_up: bool
    queues: Mapping[str, QueueState] = {}
    server: Mapping[str, Any] = {}  # its `serverStatus`, as far as this user may see it
    index_bytes: int | None = None  # the index on disk


class StoreFactsCache:
    """Reads the facts once in some seconds, however often they are requested."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = asyncio.Lock()
        self._fetched_at = -_MAX_AGE
        self._stored = StoreFacts(False)

    async def read(self) -> StoreFacts:
        async with self._lock:
            if time.monotonic() - self._fetched_at > _MAX_AGE:
                self._stored = await self._fetch()
                self._fetched_at = time.monotonic()
        return self._stored

    async def _fetch(self) -> StoreFacts:
        store = getattr(self._site, "store", None)
        if store is None or not store.is_alive:
            return StoreFacts(False)
        stored = StoreFacts(True)
        folder = Path(self._site.settings.data_dir) / "snapshot"
        with suppress(TimeoutError, StoreError):
            async with asyncio.timeout(_TIMEOUT):
                stored = stored._replace(queues=await read_queues(store))
                stored = stored._replace(server=await store.server_status())
                stored = stored._replace(index_bytes=await asyncio.to_thread(_size, folder))
        return stored


def _size(folder: Path) -> int:
    size = 0
    with suppress(OSError):  # a file was removed meanwhile
        for path in folder.rglob("*"):
            size += path.stat().st_size
    return size
