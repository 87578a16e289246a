"""Finding the snapshot of an earlier process, and keeping one for the next.

    keeper = SnapshotKeeper(open_parts)             # `open_parts(None)`: in memory
    keeper.read_ahead(folder, writer)               # a thread begins with the newest that is whole
    await keeper.checkpoint()                       -> what it is the state of, or None
    await keeper.resume()                           -> its parts and what of them to read again, or None
    parts = keeper.begin()                          # a new, empty one
    keeper.write(parts)                             # what was sealed; once it is there the older ones go

Each process has a folder of its own: the next free one of `snapshot`, `snapshot-2` and so on.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from index.runtime.collector import hold_off, let_go
from index.runtime.heap import return_memory
from index.snapshot.folder import SnapshotFolder
from index.snapshot.parts import UNUSABLE, CatalogueParts, Checkpoint
from index.snapshot.records import Records

log = logging.getLogger(__name__)

_PROCESSES: Final = 16  # on one data folder
_MANY: Final = 2_000  # records written, after which a tenth of the memory is empty pages between others


class _Found(NamedTuple):
    parts: CatalogueParts
    checkpoint: Checkpoint


class Resumed(NamedTuple):
    parts: CatalogueParts
    unsure: set[int]  # add-ons to read again, whether they changed since or not


class SnapshotKeeper:
    def __init__(self, open_parts: Callable[[Path | None], CatalogueParts]) -> None:
        self._open_parts = open_parts
        self._folder: SnapshotFolder | None = None
        self.is_keeping = False
        self._is_failing = False  # the last checkpoint could not be written
        self._written = 0  # records, since memory was given back
        self._whole: Path | None = None  # the snapshot that the next start will find
        self._found: Future[_Found | None] | None = None
        self._restored: Future[Resumed | None] | None = None

    # -- what there is

    def read_ahead(self, folder: Path, thread: ThreadPoolExecutor) -> None:
        with suppress(OSError):
            if folder.is_dir():
                self._lock(folder)
        if not self.is_keeping:
            return
        hold_off()  # until `forget`
        self._found = thread.submit(self._find)
        self._restored = thread.submit(self._restore, self._found)

    async def checkpoint(self) -> Checkpoint | None:
        found = await asyncio.wrap_future(self._found) if self._found else None
        return found.checkpoint if found else None

    async def resume(self) -> Resumed | None:
        """None: there is none, or it is damaged."""
        return await asyncio.wrap_future(self._restored) if self._restored else None

    def forget(self, *, is_used: bool) -> None:
        """What was read, after it was taken over or not; in any thread, once nothing is read any more."""
        found, self._found = self._found, None
        if found is None:
            return
        let_go()
        self._restored = None
        if not is_used and (unused := found.result()) is not None:
            unused.parts.close()

    def _find(self) -> _Found | None:
        try:
            for each in filter(Records.are_whole, self._folder.begun() if self._folder else ()):
                parts = self._open_parts(each)
                checkpoint = parts.checkpoint()
                if checkpoint is not None:
                    self._whole = each
                    return _Found(parts, checkpoint)
                parts.close()
        except UNUSABLE as fault:
            log.warning("the snapshot is not used: %s", fault)
        return None

    def _restore(self, finding: Future[_Found | None]) -> Resumed | None:
        found = finding.result()
        try:
            return found and Resumed(found.parts, found.parts.restore(found.checkpoint))
        except UNUSABLE as fault:
            log.warning("the snapshot is not used: %s", fault)
            return None

    # -- what there will be

    def keep_in(self, folder: Path) -> None:
        """From now on, in this folder or the next one that is no other process's."""
        try:
            if self._folder is None and not self._lock(folder):
                raise BlockingIOError(f"{_PROCESSES} other processes use it")
        except OSError as fault:
            log.warning("no snapshot is kept in %s, so the next start takes longer: %s", folder, fault)

    def _lock(self, folder: Path) -> bool:
        """Raises OSError."""
        for number in range(1, _PROCESSES + 1):
            one = SnapshotFolder(folder if number == 1 else folder.with_name(f"{folder.name}-{number}"))
            if one.lock():
                self._folder, self.is_keeping = one, True
                break
        return self.is_keeping

    def give_up(self) -> None:
        """Keep none from now on."""
        self.is_keeping = False

    def begin(self) -> CatalogueParts:
        """Raises one of UNUSABLE."""
        return self._open_parts(self._folder.begin() if self._folder and self.is_keeping else None)

    def write(self, parts: CatalogueParts) -> None:
        """In any thread. A fault is logged, once, and the next call tries again."""
        self._written += parts.records.waiting
        try:
            parts.records.write()
            if self._written > _MANY:
                return_memory()
                self._written = 0
            if self._folder and parts.folder not in (self._whole, None) and parts.checkpoint():
                self._folder.keep_only(parts.folder)
                self._whole = parts.folder
            self._is_failing = False
        except UNUSABLE as fault:
            if not self._is_failing:
                log.warning("the snapshot cannot be written, so the next start takes longer: %s", fault)
            self._is_failing = True

    def close(self) -> None:
        if self._folder is not None:
            self._folder.close()
