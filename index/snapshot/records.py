"""The values of a snapshot, by key: found as they were put, written by checkpoints.

    records = Records(folder)           # None: all stays in memory
    records.put(key, value); records.drop(key)
    records.get(key)                    -> the value; None: there is none
    records.seal()                      # what was put and dropped until now belongs together
    records.write()                     # a thread: what was sealed, in one transaction
    for key, value in records.scan(b"a"): ...

    records = Records(new_folder)
    records.put(key, value); records.fill()     # any number, nothing else is written
    records.finish()                    # from now on as above

The file is LMDB's, which a crash leaves as the last transaction made it; the system's page cache is its
memory. Each value has its checksum before it. Until a transaction has them, changes are kept in memory,
so readers see what was put from then on. A new file is filled without waiting for the disk: until it is
finished it has a mark beside it, and is nothing to go on from.

`get`, `put`, `drop` and `seal` for one thread at a time, `write` in any other.
"""

import struct
import threading
from collections.abc import Iterable, Iterator
from itertools import islice, takewhile
from operator import methodcaller
from pathlib import Path
from typing import Final, TypeVar

import lmdb
from isal.isal_zlib import crc32  # ten times as fast as zlib's

_MOST_BYTES: Final = 32 * 1024**3  # of address space; the file is as large as what it holds
_CRC: Final = struct.Struct("<I")
_TOGETHER: Final = 1000  # changes that are written at a time while a file is filled
_CHECKED: Final = 100  # values at a time: some tenths of a millisecond
_FILE: Final = "data.mdb"  # LMDB's name for it
_UNFINISHED: Final = "unfinished"

# Keys: kind and id.
ADDONS: Final = b"a"
BODIES: Final = b"b"
RELEASES: Final = b"r"
TERMS: Final = b"t"
USERS: Final = b"u"
COMPILED: Final = b"c"  # and the object's kind before the id
CHECKPOINT: Final = b"position"
IMAGE: Final = b"image"  # the name of the one that goes with the checkpoint
ID: Final = struct.Struct(">q")

Stored = TypeVar("Stored", bytes, memoryview)  # a copy, or what is there as long as its transaction
Changes = dict[bytes, bytes | None]  # None: there is no such value any more


class Damaged(Exception):
    """A snapshot that is not as it was written; says what of it."""


class Records:
    def __init__(self, folder: Path | None) -> None:
        """Raises OSError and lmdb.Error."""
        self._folder = folder
        self._file: lmdb.Environment | None = None
        self._is_filled = True
        if folder is not None:
            self._is_filled = (folder / _FILE).exists()
            if not self._is_filled:
                (folder / _UNFINISHED).touch()
            self._file = _open(folder, sync=self._is_filled)
        self._new: Changes = {}
        self._sealed: Changes = {}
        self._lock = threading.Lock()  # of what is sealed

    @staticmethod
    def are_whole(folder: Path) -> bool:
        """Whether the file of a folder was finished."""
        return not (folder / _UNFINISHED).exists()

    @property
    def is_kept(self) -> bool:
        """Whether there is a file."""
        return self._file is not None

    @property
    def is_changed(self) -> bool:
        """Whether anything was put or dropped since it was sealed."""
        return bool(self._new)

    @property
    def waiting(self) -> int:
        """Changes that are not written yet."""
        return len(self._new) + len(self._sealed)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None

    # -- reads

    def get(self, key: bytes) -> bytes | None:
        """Raises Damaged."""
        for changes in (self._new, self._sealed):
            if key in changes:
                value = changes[key]
                return value and value[_CRC.size :]
        if self._file is None:
            return None
        with self._file.begin() as txn:
            found = txn.get(key)
        return None if found is None else _sound(key, found)

    def get_many(self, keys: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
        """Those that there are. Raises Damaged."""
        found: list[tuple[bytes, bytes]] = []
        stored = list(keys)
        for changes in (self._new, self._sealed):
            there = changes.keys() & stored if changes else ()
            found += ((key, value[_CRC.size :]) for key in there if (value := changes[key]) is not None)
            stored = [key for key in stored if key not in there] if there else stored
        if self._file is not None and stored:
            with self._file.begin() as txn, txn.cursor() as cursor:
                found += [(key, _sound(key, value)) for key, value in cursor.getmulti(stored)]
        return found

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Keys and values of the file, in the order of the keys. Raises Damaged."""
        if self._file is None:
            return
        with self._file.begin() as txn, txn.cursor() as cursor:
            cursor.set_range(prefix)
            for key, value in takewhile(lambda item: item[0].startswith(prefix), cursor):
                yield key, _sound(key, value)

    def count(self, prefix: bytes) -> int:
        """How many keys the file has, whatever their values."""
        return sum(map(bool, self._keys(prefix)))

    def ids_after(self, addon_id: int, limit: int) -> list[int]:
        """Of the add-ons whose documents the file has, ascending."""
        keys = islice(self._keys(BODIES, ID.pack(addon_id + 1)), limit)
        return [ID.unpack_from(key, len(BODIES))[0] for key in keys]

    def _keys(self, prefix: bytes, start: bytes = b"") -> Iterator[bytes]:
        """Those of the file from `prefix + start` on, in their order."""
        if self._file is None:
            return
        with self._file.begin() as txn, txn.cursor() as cursor:
            cursor.set_range(prefix + start)
            yield from takewhile(methodcaller("startswith", prefix), cursor.iternext(values=False))

    def check(self, key: bytes) -> bytes:
        """Hold some values, from a key on, against their checksums; the key of the next, empty at the end.

        Raises Damaged.
        """
        if self._file is None:
            return b""
        with self._file.begin(buffers=True) as txn, txn.cursor() as cursor:
            there = cursor.set_range(key)
            for _ in range(_CHECKED):
                if not there:
                    return b""
                _sound(cursor.key(), cursor.value())
                there = cursor.next()
            return bytes(cursor.key())

    # -- changes

    def put(self, key: bytes, value: bytes) -> None:
        self._new[key] = _CRC.pack(crc32(value)) + value

    def drop(self, key: bytes) -> None:
        self._new[key] = None

    def seal(self) -> None:
        """Have the next transaction write what was put and dropped until now."""
        if self._file is not None:
            with self._lock:
                self._sealed |= self._new
            self._new = {}

    def write(self) -> None:
        """What was sealed. Raises lmdb.Error; then it is kept for the next time."""
        with self._lock:
            some = dict(self._sealed)
        if not some or self._file is None:
            return
        self._file.reader_check()  # another process that was killed while it read has its place no more
        with self._file.begin(write=True) as txn:
            for key, value in some.items():
                if value is None:
                    txn.delete(key)
                else:
                    txn.put(key, value)
        with self._lock:
            for key, value in some.items():
                if self._sealed.get(key, b"") is value:
                    del self._sealed[key]

    def fill(self) -> None:
        """Write to a new file what there is, now and then. Raises lmdb.Error."""
        if not self._is_filled and len(self._new) >= _TOGETHER:
            self.seal()
            self.write()

    def finish(self) -> None:
        """Have on the disk what a new file was filled with. Raises OSError and lmdb.Error."""
        if self._file is None or self._folder is None or self._is_filled:
            return
        self.seal()
        self.write()
        self._file.sync(True)
        self._file.close()
        self._file = _open(self._folder)
        (self._folder / _UNFINISHED).unlink()
        self._is_filled = True


def _open(folder: Path, *, sync: bool = True) -> lmdb.Environment:
    return lmdb.open(str(folder), map_size=_MOST_BYTES, mode=0o600, max_spare_txns=4, sync=sync)


def _sound(key: bytes | memoryview, stored: Stored) -> Stored:
    value = stored[_CRC.size :]
    if crc32(value) != _CRC.unpack_from(stored)[0]:
        raise Damaged(f"the record {bytes(key)!r} does not fit its checksum")
    return value
