"""Finds the snapshot of an earlier process, and keeps one for the next.

    keeper = SnapshotKeeper(open_parts)             # `open_parts(None)`: in memory
    keeper.read_ahead(folder, writer)               # a thread begins to read the newest complete one
    await keeper.checkpoint()                       -> its checkpoint, or None
    await keeper.resume()                           -> its parts and the add-ons to read again, or None
    parts = keeper.begin()                          # a new, empty one
    keeper.write(parts)                             # what was sealed; then older snapshots are deleted

Each process has a folder of its own: the next free one of `snapshot`, `snapshot-2` and so on.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import filterfalse
from pathlib import Path
from typing import Final, NamedTuple

from index.runtime.collector import pause_gc, resume_gc
from index.runtime.heap import trim_heap
from index.snapshot.folder import SnapshotFolder
from index.snapshot.parts import UNUSABLE, CatalogueParts, Checkpoint
from index.snapshot.records import Records

log = logging.getLogger(__name__)

_PROCESSES: Final = 16  # on one data folder
_TRIM_AFTER: Final = 2_000  # records written, after which a tenth of the memory is scattered empty pages


class _Snapshot(NamedTuple):
    parts: CatalogueParts
    checkpoint: Checkpoint


class Resumed(NamedTuple):
    parts: CatalogueParts
    stale: set[int]  # add-ons to read again, whether they changed since or not


class SnapshotKeeper:
    def __init__(self, open_parts: Callable[[Path | None], CatalogueParts]) -> None:
        self._open_parts = open_parts
        self._folder: SnapshotFolder | None = None
        self.is_keeping = False
        self._is_failing = False  # the last checkpoint could not be written
        self._written = 0  # records, since the heap was trimmed
        self._complete: Path | None = None  # the snapshot that the next start would find
        self._snapshot: Future[_Snapshot | None] | None = None
        self._restored: Future[Resumed | None] | None = None

    # -- the snapshot of an earlier process

    def read_ahead(self, folder: Path, thread: ThreadPoolExecutor) -> None:
        with suppress(OSError):
            if folder.is_dir():
                self._lock(folder)
        if not self.is_keeping:
            return
        pause_gc()  # until `release`
        self._snapshot = thread.submit(self._find)
        self._restored = thread.submit(self._restore, self._snapshot)

    async def checkpoint(self) -> Checkpoint | None:
        snapshot = await asyncio.wrap_future(self._snapshot) if self._snapshot else None
        return snapshot.checkpoint if snapshot else None

    async def resume(self) -> Resumed | None:
        """None: there is none, or it is damaged."""
        return await asyncio.wrap_future(self._restored) if self._restored else None

    def release(self, *, is_used: bool) -> None:
        """Let go of what was read, whether it is used or not; any thread, once reading has ended."""
        snapshot, self._snapshot = self._snapshot, None
        if snapshot is None:
            return
        resume_gc()
        self._restored = None
        if not is_used and (unused := snapshot.result()) is not None:
            unused.parts.close()

    def _find(self) -> _Snapshot | None:
        try:
            for folder in filter(Records.is_complete, self._folder.snapshots() if self._folder else ()):
                parts = self._open_parts(folder)
                checkpoint = parts.checkpoint()
                if checkpoint is not None:
                    self._complete = folder
                    return _Snapshot(parts, checkpoint)
                parts.close()
        except UNUSABLE as fault:
            log.warning("the snapshot is not used: %s", fault)
        return None

    def _restore(self, finding: Future[_Snapshot | None]) -> Resumed | None:
        snapshot = finding.result()
        try:
            return snapshot and Resumed(snapshot.parts, snapshot.parts.restore(snapshot.checkpoint))
        except UNUSABLE as fault:
            log.warning("the snapshot is not used: %s", fault)
            return None

    # -- the snapshot for the next process

    def keep_in(self, folder: Path) -> None:
        """Keep snapshots from now on, in this folder or the next that no other process has locked."""
        try:
            if self._folder is None and not self._lock(folder):
                raise BlockingIOError(f"{_PROCESSES} other processes use it")
        except OSError as fault:
            log.warning("no snapshot is kept in %s, so the next start takes longer: %s", folder, fault)

    def _lock(self, folder: Path) -> bool:
        """Raises OSError."""
        for number in range(1, _PROCESSES + 1):
            path = folder if number == 1 else folder.with_name(f"{folder.name}-{number}")
            if (candidate := SnapshotFolder(path)).lock():
                self._folder, self.is_keeping = candidate, True
                break
        return self.is_keeping

    def stop_keeping(self) -> None:
        """Keep none from now on."""
        self.is_keeping = False

    def begin(self) -> CatalogueParts:
        """Raises one of UNUSABLE."""
        with suppress(OSError):  # what builds that were cut short left would fill the disk
            if self._folder:
                self._folder.delete(filterfalse(Records.is_complete, self._folder.snapshots()))
        return self._open_parts(self._folder.create() if self._folder and self.is_keeping else None)

    def write(self, parts: CatalogueParts) -> None:
        """Any thread. A fault is logged once, and the next call tries again."""
        self._written += parts.records.waiting
        try:
            parts.records.write()
            if self._written > _TRIM_AFTER:
                trim_heap()
                self._written = 0
            if self._folder and parts.folder not in (self._complete, None) and parts.checkpoint():
                # A newer one may be under construction.
                self._folder.delete(other for other in self._folder.snapshots() if other < parts.folder)
                self._complete = parts.folder
            self._is_failing = False
        except UNUSABLE as fault:
            if not self._is_failing:
                log.warning("the snapshot cannot be written, so the next start takes longer: %s", fault)
            self._is_failing = True

    def close(self) -> None:
        if self._folder is not None:
            self._folder.close()
