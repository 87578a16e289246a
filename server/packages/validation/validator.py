"""Validates uploaded packages in the background (contract/uploads.md 3).

Waiting uploads are queued in MongoDB. A process leases one, and renews the lease while it works on it. If the
process dies, another process leases it.
Thread rule: event loop only.
"""

import asyncio
import logging
import time
from asyncio import FIRST_COMPLETED
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

from conf.settings.settings import Settings
from server import clock
from server.background.worker import Worker
from server.errors import NotFound, StoreError, Unstorable
from server.files.files import Files
from server.files.uploaded_file import UploadedFile, named_spool, remove_abandoned
from server.packages.validation.inspection import Inspection
from server.packages.validation.inspection_process import (
    MAGIC_LENGTH,
    PackageInspector,
    failed_inspection,
    package_suffix,
    run_inspection,
)
from server.packages.validation.linter import find_linter
from server.storage.lease_queue import Queue
from server.storage.operations import Update
from server.storage.store import Store

log = logging.getLogger(__name__)

_INTERVAL: Final = 1.0  # seconds
_POLL_INTERVAL: Final = 0.2  # seconds between two reads of a result that another process makes
_CONCURRENCY: Final = 2  # packages
_GRACE: Final = 120.0  # seconds until a leaked key is revoked
_UNUSED_DAYS: Final = 30
_DAY: Final = 24 * 3600.0
_CLEANUP_INTERVAL: Final = 3600.0  # seconds between two removals of unused uploads


class ApiKeys(Protocol):
    """API keys that packages may contain (server/auth/credentials/stored_apikeys.py)."""

    async def active_secrets(self, user_id: int) -> Mapping[str, str]: ...
    async def revoke(self, key_ids: Collection[str]) -> None: ...


class Validator(Worker):
    """Leases waiting uploads, validates them and stores the results."""

    def __init__(
        self,
        store: Store,
        files: Files,
        settings: Settings,
        is_read_only: Callable[[], bool],
        make_version: Callable[[Any], Awaitable[None]],
        keys: ApiKeys,
        app_versions: Callable[[], Mapping[str, Collection[str]]] = dict,
    ) -> None:
        """`make_version` makes versions of signing uploads (server/services/uploads/automatic_versions.py);
        `app_versions` maps applications to their versions.
        """
        super().__init__("the validation of packages", _INTERVAL, is_read_only)
        self._make_version = make_version
        self._keys = keys
        self._app_versions = app_versions
        self._store = store
        self._files = files
        self._data_dir = settings.data_dir
        self._linter = find_linter(settings)
        self._queue = Queue(store, "validations")
        self.inspector = PackageInspector(files, settings.data_dir)
        self._last_cleanup = -_CLEANUP_INTERVAL

    @staticmethod
    def check(settings: Settings) -> None:
        """Raises StartError for settings it cannot work with."""
        find_linter(settings)

    async def work(self) -> None:
        await self._clean_up()
        running: set[asyncio.Task[None]] = set()
        try:
            while True:  # a slow package must not delay the others
                free = _CONCURRENCY - len(running)
                records = await self._queue.claim(free) if free else []
                running |= {asyncio.create_task(self._validate(record)) for record in records}
                if not running:
                    return
                done, running = await asyncio.wait(running, timeout=_INTERVAL, return_when=FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def validated(self, key: str) -> dict[str, Any]:
        """The upload with its result; validates it, unless another process does so already.

        Raises NotFound for a removed upload, Unavailable.
        """
        while True:
            for record in await self._queue.claim(1, {"_id": key}):
                await self._validate(record)
            upload = await self._store.find_one("uploads", {"_id": key})
            if upload is None:
                raise NotFound(key)
            if upload["validation"] is not None:
                return upload
            await asyncio.sleep(_POLL_INTERVAL)

    async def _clean_up(self) -> None:
        """Remove unused uploads, and files of killed processes."""
        if time.monotonic() > self._last_cleanup + _CLEANUP_INTERVAL:
            self._last_cleanup = time.monotonic()
            old = {"submitted": False, "created": {"$lt": clock.shifted(-_UNUSED_DAYS * _DAY)}}
            await self._store.delete_all("uploads", old)
            await asyncio.to_thread(remove_abandoned, self._data_dir, _CLEANUP_INTERVAL)

    async def _validate(self, record: dict[str, Any]) -> None:
        async with self._leased(record):
            upload = await self._store.find_one("uploads", {"_id": record["_id"]})
            if upload is not None and upload["validation"] is None:
                secrets = await self._keys.active_secrets(upload["user_id"])
                inspection = await self._inspect_upload(upload, list(secrets.values()))
                leaked = {"leaked_keys": list(secrets)} if inspection.has_secret else {}
                upload |= await self._store_result(upload, inspection, leaked)
                if leaked:  # a client that polls with that key should still get the result
                    await self._queue.release(record, _GRACE)
                    return
            if upload is not None:
                await self._act_on_result(upload)
            await self._queue.finish(record)

    async def _act_on_result(self, upload: dict[str, Any]) -> None:
        """Revoke the API keys that the package contains, and make the version that its sender waits for."""
        if upload.get("leaked_keys"):
            await self._keys.revoke(upload["leaked_keys"])
        is_to_be_signed = "signing" in upload and upload["package"] is not None
        if is_to_be_signed or "rollback" in upload:  # a failed rollback is reported to its author
            await self._make_version(upload)

    async def _store_result(
        self, upload: dict[str, Any], inspection: Inspection, more: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Store the result; returns the changed fields of the upload."""
        values = {"validation": inspection.result, "package": inspection.package, **more}
        values["version"] = inspection.result["metadata"].get("version")
        try:
            await self._store.write([Update("uploads", upload["_id"], {"$set": values})])
        except Unstorable as fault:
            log.warning("the validation of upload %s cannot be stored: %s", upload["_id"], fault)
            return await self._store_result(
                upload, failed_inspection(listed=upload["channel"] == "listed"), more
            )
        return values

    @asynccontextmanager
    async def _leased(self, record: dict[str, Any]) -> AsyncIterator[None]:
        """Keep the lease while the body runs, so that no other process takes the record."""

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

    async def _inspect_upload(self, upload: dict[str, Any], secrets: Sequence[str]) -> Inspection:
        """The inspection; after a fault of the package a failed one, because a retry would fail as well.

        Raises StoreError, and OSError of a full disk.
        """
        listed = upload["channel"] == "listed"
        try:
            magic = b"".join([part async for part in self._files.read(upload["stored"], 0, MAGIC_LENGTH)])
            with named_spool(self._data_dir, package_suffix(magic)) as (path, package):
                async for part in self._files.read(upload["stored"]):
                    await asyncio.to_thread(package.write, part)
                await asyncio.to_thread(package.flush)
                return await run_inspection(
                    package,
                    path,
                    upload["name"],
                    self._linter,
                    listed=listed,
                    app_versions=self._app_versions(),
                    secrets=secrets,
                )
        except TimeoutError:
            return failed_inspection(listed=listed, timed_out=True)
        except (StoreError, OSError):
            raise
        except Exception as fault:
            log.warning("upload %s could not be validated: %s %s", upload["_id"], type(fault).__name__, fault)
            return failed_inspection(listed=listed)

    async def inspect(self, file: UploadedFile, *, listed: bool) -> Inspection:
        """The inspection of a package without a scan of its code, for a waiting caller. Raises Busy."""
        return await self.inspector.inspect(file, listed=listed, app_versions=self._app_versions())
