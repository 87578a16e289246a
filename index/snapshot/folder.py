"""A folder of snapshots, the newest of which counts.

    folder = SnapshotFolder(data / "snapshot")
    folder.lock()                   # before anything else; False: another process has it
    folder.snapshots()              -> those that are there, the last one first; not all need be whole
    folder.create()                 -> a new one, empty
    folder.delete(snapshots)

Raises OSError.
"""

import fcntl
import os
import shutil
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import orjson

from conf.files import open_file
from index.snapshot.records import Damaged

_LOCK: Final = "lock"
_MAGIC: Final = 1337  # ends a file of the text index, after the footer and the footer's length
_NUMBER: Final = 4  # bytes of either


class SnapshotFolder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def lock(self) -> bool:
        """Lock the folder for this process until `close`; it is created if need be."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None

    def snapshots(self) -> list[Path]:
        """All of them, complete or not, the newest first."""
        return sorted((path for path in self.path.iterdir() if path.name.isdigit()), reverse=True)

    def create(self) -> Path:
        numbers = [int(snapshot.name) for snapshot in self.snapshots()]
        created = self.path / f"{max(numbers, default=0) + 1:08}"
        created.mkdir(mode=0o700)
        return created

    def delete(self, snapshots: Iterable[Path]) -> None:
        for snapshot in snapshots:
            shutil.rmtree(snapshot, ignore_errors=True)


def check_text_files(folder: Path) -> None:
    """Check the files of a text index against the checksums in their footers. Raises Damaged and OSError.

    Tantivy does so only on request, and its Python binding has no call for it.
    """
    names = _committed(folder)
    for path in folder.iterdir():
        if path.name in names or path.stem in names:
            _check(path)


def _committed(folder: Path) -> set[str]:
    """What the names of the last commit's files begin with; other files are left from a crash."""
    with open(open_file(folder / "meta.json"), "rb") as file:
        segments = orjson.loads(file.read())["segments"]
    names = set()
    for segment in segments:
        name = segment["segment_id"].replace("-", "")
        names.add(name)
        if segment["deletes"]:
            names.add(f"{name}.{segment['deletes']['opstamp']}")
    return names


def _check(path: Path) -> None:
    with open(open_file(path), "rb") as file:
        data = memoryview(file.read())
    end = len(data) - 2 * _NUMBER
    if end < 0 or int.from_bytes(data[-_NUMBER:], "little") != _MAGIC:
        raise Damaged(f"{path.name} has no footer")
    start = end - int.from_bytes(data[end : end + _NUMBER], "little")
    try:
        checksum = orjson.loads(data[max(start, 0) : end])["crc"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as fault:
        raise Damaged(f"{path.name} has no footer") from fault
    if zlib.crc32(data[:start]) != checksum:
        raise Damaged(f"{path.name} does not fit its checksum")
