"""The key-value store of a snapshot: an LMDB file, written by checkpoints.

    records = Records(folder)           # None: everything stays in memory
    records.put(key, value); records.drop(key)
    records.get(key)                    -> the value, or None
    records.seal()                      # the changes until now belong together
    records.write()                     # any thread: writes what was sealed, in one transaction
    for key, value in records.scan(b"a"): ...

    records = Records(new_folder)
    records.put(key, value); records.fill()     # any number of times; writes what has piled up
    records.finish()                    # from now on as above

A crash leaves the file as the last transaction made it; it is cached by the system's page cache. Each value
follows its checksum. Changes stay in memory until a transaction has written them, so readers see them at
once. A new file is filled without waiting for the disk: until it is finished, a mark beside it says that it
must not be used.

`get`, `put`, `drop` and `seal` are for one thread at a time, `write` is for any other.
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

_MAP_SIZE: Final = 32 * 1024**3  # of address space; the file is no larger than its content
_CRC: Final = struct.Struct("<I")
_FILL_BATCH: Final = 1000  # changes a transaction while a new file is filled
_CHECK_BATCH: Final = 100  # values at a time: some tenths of a millisecond
_FILE: Final = "data.mdb"  # LMDB's name for it
_UNFINISHED: Final = "unfinished"

# Keys: kind and id.
ADDONS: Final = b"a"
BODIES: Final = b"b"
RELEASES: Final = b"r"
TERMS: Final = b"t"
USERS: Final = b"u"
COMPILED: Final = b"c"  # followed by the kind of object, then the id
CHECKPOINT: Final = b"position"
IMAGE: Final = b"image"  # the name of the one that goes with the checkpoint
ID: Final = struct.Struct(">q")

Stored = TypeVar("Stored", bytes, memoryview)  # a copy, or a view that is valid until its transaction ends
Changes = dict[bytes, bytes | None]  # None: the value was dropped


class Damaged(Exception):
    """A snapshot is not as it was written; the message says what of it."""


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
    def is_complete(folder: Path) -> bool:
        """Whether the file of a folder was finished."""
        return not (folder / _UNFINISHED).exists()

    @property
    def is_persistent(self) -> bool:
        """Whether there is a file, so that records outlive the process."""
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
            stored = txn.get(key)
        return None if stored is None else _verified(key, stored)

    def get_many(self, keys: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
        """Keys and values of those that exist. Raises Damaged."""
        items: list[tuple[bytes, bytes]] = []
        remaining = list(keys)
        for changes in (self._new, self._sealed):
            changed = changes.keys() & remaining if changes else ()
            items += ((key, value[_CRC.size :]) for key in changed if (value := changes[key]) is not None)
            remaining = [key for key in remaining if key not in changed] if changed else remaining
        if self._file is not None and remaining:
            with self._file.begin() as txn, txn.cursor() as cursor:
                items += [(key, _verified(key, value)) for key, value in cursor.getmulti(remaining)]
        return items

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Keys and values of the file, in the order of the keys. Raises Damaged."""
        if self._file is None:
            return
        with self._file.begin() as txn, txn.cursor() as cursor:
            cursor.set_range(prefix)
            for key, value in takewhile(lambda item: item[0].startswith(prefix), cursor):
                yield key, _verified(key, value)

    def count(self, prefix: bytes) -> int:
        """How many keys with this prefix the file has; values are not read."""
        return sum(map(bool, self._keys(prefix)))

    def ids_after(self, addon_id: int, limit: int) -> list[int]:
        """Ids of add-ons whose documents the file has, above `addon_id`, ascending."""
        keys = islice(self._keys(BODIES, ID.pack(addon_id + 1)), limit)
        return [ID.unpack_from(key, len(BODIES))[0] for key in keys]

    def _keys(self, prefix: bytes, start: bytes = b"") -> Iterator[bytes]:
        """Keys of the file with a prefix, in order, from `prefix + start` on."""
        if self._file is None:
            return
        with self._file.begin() as txn, txn.cursor() as cursor:
            cursor.set_range(prefix + start)
            yield from takewhile(methodcaller("startswith", prefix), cursor.iternext(values=False))

    def check(self, key: bytes) -> bytes:
        """Check some values, from a key on; returns the next key, empty at the end. Raises Damaged."""
        if self._file is None:
            return b""
        with self._file.begin(buffers=True) as txn, txn.cursor() as cursor:
            is_found = cursor.set_range(key)
            for _ in range(_CHECK_BATCH):
                if not is_found:
                    return b""
                _verified(cursor.key(), cursor.value())
                is_found = cursor.next()
            return bytes(cursor.key())

    # -- changes

    def put(self, key: bytes, value: bytes) -> None:
        self._new[key] = _CRC.pack(crc32(value)) + value

    def drop(self, key: bytes) -> None:
        self._new[key] = None

    def seal(self) -> None:
        """The next transaction is to write the changes until now."""
        if self._file is not None:
            with self._lock:
                self._sealed |= self._new
            self._new = {}

    def write(self) -> None:
        """Write what was sealed. Raises lmdb.Error; then the next call writes it."""
        with self._lock:
            changes = dict(self._sealed)
        if not changes or self._file is None:
            return
        self._file.reader_check()  # frees the slots of processes that were killed while they read
        with self._file.begin(write=True) as txn:
            for key, value in changes.items():
                if value is None:
                    txn.delete(key)
                else:
                    txn.put(key, value)
        with self._lock:
            for key, value in changes.items():
                if self._sealed.get(key, b"") is value:
                    del self._sealed[key]

    def fill(self) -> None:
        """While a new file is filled, write the changes once there are enough. Raises lmdb.Error."""
        if not self._is_filled and len(self._new) >= _FILL_BATCH:
            self.seal()
            self.write()

    def finish(self) -> None:
        """Write the rest of a new file and wait for the disk. Raises OSError and lmdb.Error."""
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
    return lmdb.open(str(folder), map_size=_MAP_SIZE, mode=0o600, max_spare_txns=4, sync=sync)


def _verified(key: bytes | memoryview, stored: Stored) -> Stored:
    value = stored[_CRC.size :]
    if crc32(value) != _CRC.unpack_from(stored)[0]:
        raise Damaged(f"the record {bytes(key)!r} does not fit its checksum")
    return value
