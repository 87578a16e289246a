"""Shares counts between processes, so that a limit holds for all of them together.

    sharing = RateSharing(settings, store, limits, is_read_only)
    sharing.start()
    await sharing.close()

Each process decides by the counts in its memory. Once a second it stores its new counts and reads those of
the others, so a client may exceed the limit by what the processes admit in a second or two. While
MongoDB is down each process has a limit of its own. A start also reads the writes of the last day. Nothing is
shared with a private mongod, which has only one server, nor while the site is read-only.

Event loop only. Times are the hosts' clocks.
"""

import math
import secrets
import time
from collections.abc import Callable
from typing import Any, Final

from conf.limits import DAY, MINUTE
from conf.settings.settings import Settings
from server.background.worker import Worker
from server.storage.operations import Insert
from server.storage.store import Store
from server.throttling.limits import Limits

COLLECTION: Final = "rates"
_MAX_DELAY: Final = 10.0  # seconds until the counts of another process can be read, at the latest
_READS_MAX_AGE: Final = 3.0 * MINUTE
_INTERVAL: Final = 1.0  # seconds
_CLEANING_INTERVAL: Final = 60.0  # seconds


class RateSharing(Worker):
    """Sends the counts of this process and receives those of the others."""

    def __init__(
        self, settings: Settings, store: Store, limits: Limits, is_read_only: Callable[[], bool]
    ) -> None:
        super().__init__("limits of clients", _INTERVAL, is_read_only)
        self._settings = settings
        self._store = store
        self._limits = limits
        self._process = secrets.token_hex(8)
        self._number = 0
        self._last_read = time.time() - DAY
        self._seen: dict[str, float] = {}  # ids and times of merged documents that a query may still return
        self._cleaned_at = -math.inf  # by time.monotonic()

    @property
    def enabled(self) -> bool:
        has_limits = self._limits.reads is not None or self._settings.throttling
        return bool(self._settings.mongodb_uri) and has_limits

    async def work(self) -> None:
        await self._send()
        await self._clean()
        await self._receive()

    async def _send(self) -> None:
        """Store writes and reads apart: writes expire after a day, and reads, which are many, in minutes."""
        if hits := self._limits.writes.take_unshared():
            await self._insert({"hits": hits, "minute": 0, "reads": []})
        minute, reads = self._limits.reads.take_unshared() if self._limits.reads else (0, [])
        if reads:
            await self._insert({"hits": [], "minute": minute, "reads": reads})

    async def _insert(self, counts: dict[str, Any]) -> None:
        self._number += 1
        about = {"_id": f"{self._process}:{self._number}", "process": self._process, "at": time.time()}
        await self._store.apply(Insert(COLLECTION, about | counts))

    async def _receive(self) -> None:
        started = time.time()
        query: dict[str, Any] = {
            "at": {"$gt": self._last_read - _MAX_DELAY},
            "process": {"$ne": self._process},
        }
        async for documents in self._store.scan(COLLECTION, query=query, sort=[("at", 1)]):
            for document in documents:
                if document["_id"] not in self._seen:
                    self._seen[document["_id"]] = document["at"]
                    self._merge(document)
        self._last_read = started
        self._seen = {id: at for id, at in self._seen.items() if at > started - 2 * _MAX_DELAY}

    def _merge(self, document: dict[str, Any]) -> None:
        self._limits.writes.merge(document["hits"])
        if self._limits.reads is not None:
            self._limits.reads.merge(document["minute"], document["reads"])

    async def _clean(self) -> None:
        if time.monotonic() < self._cleaned_at + _CLEANING_INTERVAL:
            return
        self._cleaned_at, now = time.monotonic(), time.time()
        await self._store.delete_all(COLLECTION, {"at": {"$lt": now - DAY}})
        await self._store.delete_all(COLLECTION, {"at": {"$lt": now - _READS_MAX_AGE}, "hits": []})
