"""Validates uploaded packages in the background (contract/uploads.md 3).

What waits stands in MongoDB under a lease, which is renewed while a package is looked at: whatever
process dies, another goes on. The looking is done by a child process (server/child_process.py).
Thread rule: event loop only.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BufferedIOBase
from typing import Any, Final

import orjson

from server import clock
from server.child_process import ChildFailed, run_child
from server.errors import BadDocument, NotFound
from server.files.files import Files
from server.files.sent import open_spool
from server.packages.inspection import Inspection
from server.packages.report import failure
from server.storage.lease_queue import Queue
from server.storage.operations import Update
from server.storage.store import Store
from server.worker import Worker

log = logging.getLogger(__name__)

_INTERVAL: Final = 1.0  # seconds
_AT_ONCE: Final = 2  # children of a process
_SECONDS: Final = 60.0  # for one package
_UNUSED_DAYS: Final = 30
_DAY: Final = 24 * 3600.0
_CLEANING: Final = 3600.0  # seconds between two looks for uploads that nobody used


class Validator(Worker):
    def __init__(self, store: Store, files: Files, data_dir: str, is_read_only: Callable[[], bool]) -> None:
        super().__init__("the validation of packages", _INTERVAL)
        self._store = store
        self._files = files
        self._data_dir = data_dir
        self._is_read_only = is_read_only
        self._queue = Queue(store, "validations")
        self._cleaned = time.monotonic()

    async def work(self) -> None:
        if self._is_read_only():
            return
        while records := await self._queue.claim(_AT_ONCE):
            await asyncio.gather(*map(self._validate, records))
        if time.monotonic() > self._cleaned + _CLEANING:
            self._cleaned = time.monotonic()
            old = {"submitted": False, "created": {"$lt": clock.shifted(-_UNUSED_DAYS * _DAY)}}
            await self._store.delete_all("uploads", old)

    async def _validate(self, record: dict[str, Any]) -> None:
        async with self._kept(record):
            upload = await self._store.find_one("uploads", {"_id": record["_id"]})
            if upload is not None:
                found = await self._inspect(upload)
                values = {"validation": found.result, "package": found.package}
                values["version"] = found.result["metadata"].get("version")
                await self._store.write([Update("uploads", upload["_id"], {"$set": values})])
            await self._queue.finish(record)

    @asynccontextmanager
    async def _kept(self, record: dict[str, Any]) -> AsyncIterator[None]:
        """Nobody else takes the record meanwhile."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(self._queue.lease / 3)
                await self._queue.renew(record)

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _inspect(self, upload: dict[str, Any]) -> Inspection:
        listed = upload["channel"] == "listed"
        try:
            with open_spool(self._data_dir) as package:
                await self._fetch(upload["stored"], package)
                task = {"descriptor": package.fileno(), "name": upload["name"], "listed": listed}
                answer = await run_child(
                    "server.packages.inspection", orjson.dumps(task), seconds=_SECONDS, file=package
                )
            return Inspection(**orjson.loads(answer))
        except TimeoutError:
            return Inspection(failure(listed=listed, timed_out=True), None)
        except (ChildFailed, BadDocument, NotFound) as fault:
            log.warning("upload %s could not be validated: %s %s", upload["_id"], type(fault).__name__, fault)
            return Inspection(failure(listed=listed, timed_out=False), None)

    async def _fetch(self, stored: str, file: BufferedIOBase) -> None:
        async for part in self._files.read(stored):
            await asyncio.to_thread(file.write, part)
        file.flush()
