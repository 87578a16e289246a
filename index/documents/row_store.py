"""Compiled objects of add-ons (compiled.py) in a file that outlives the process.

    store = RowStore(folder, maker)         # `maker` names what decides the bytes, beside the add-on
    store.put("row", "v5", 7, digest, record)
    store.get("row", "v5", {7: digest})     -> {7: record}; what is not there is left out
    store.forget(7)

A cache: it may be deleted at any time. Every record is known by the digest of what it was made of, so
one that is out of date is not there. The file is LMDB's, which a crash leaves as the last commit made
it; the system's page cache is its memory. A thread writes, and what waits for it is found meanwhile.
Objects of a kind look much alike, so the first one is the dictionary of the others.

Event loop only, except `forget` and `keep_only`. Nothing here raises: where the disk is full or broken,
objects are made anew each time, and the next start begins with an empty file.
"""

import hashlib
import logging
import shutil
import struct
import threading
import zlib
from collections.abc import Container, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, Self

import lmdb
import lz4.block

from index.runtime.background import background_thread

log = logging.getLogger(__name__)

_MOST_BYTES: Final = 8 * 1024**3  # of the file, which takes 12 kB for an add-on of which everything is asked
_MOST_WAITING: Final = 32 * 1024**2  # bytes; what comes while as much waits for the disk is not kept
_GATHERED: Final = 0.1  # seconds, so that many records share a commit
_TOGETHER: Final = 500  # records a commit at most
_ID: Final = struct.Struct(">Q")  # begins a key; a name follows, which says kind and version
_HEAD: Final = struct.Struct(">8sI")  # digest; CRC of the dictionary and what follows
_MAKER: Final = b"maker"
_DAMAGED: Final = "damaged"  # a file beside it that says so
_GONE: Final = b""  # waits in the place of all records of an add-on


def digest(*parts: bytes) -> bytes:
    """Of what decides a record; 8 bytes."""
    return hashlib.blake2b(b"".join(parts), digest_size=8).digest()


class _Dictionary(NamedTuple):
    text: bytes
    crc: int

    @classmethod
    def of(cls, text: bytes) -> Self:
        return cls(text, zlib.crc32(text))


class RowStore:
    def __init__(self, folder: Path | None, maker: bytes = b"") -> None:
        """The file of another maker gives way to a new one. Without a folder nothing is kept."""
        self._waiting: dict[bytes, bytes] = {}
        self._waiting_bytes = 0
        self._is_writing = False
        self._is_closing = threading.Event()
        self._lock = threading.Lock()  # of the three above
        self._dictionaries: dict[bytes, _Dictionary] = {}
        self._writer = background_thread("row-store")
        self._file: lmdb.Environment | None = None
        self._folder: Path | None = None
        self._maker = maker
        if folder is not None:
            self.open(folder)

    def open(self, folder: Path) -> None:
        """Keep records in the folder from now on."""
        self._folder = folder
        self._dictionaries.clear()  # those of another file
        try:
            self._file = _open(folder, self._maker)
        except (OSError, lmdb.Error) as fault:
            self._give_up(fault)

    @property
    def is_open(self) -> bool:
        """Whether it is worth while to compile."""
        return self._file is not None

    def close(self) -> None:
        self._is_closing.set()
        self._writer.shutdown()
        if self._file is not None:
            self._file.close()
        self._file = None

    # -- reads

    def get(self, kind: str, version: str, digests: Mapping[int, bytes]) -> dict[int, bytes]:
        name = _name(kind, version)
        found: dict[int, bytes] = {}
        if self._file is None:
            return found
        try:
            with self._file.begin(buffers=True) as txn:
                dictionary = self._dictionaries.get(name) or self._dictionary(name, txn.get(name))
                if dictionary is None:
                    return found
                for addon_id, digest in digests.items():
                    key = _ID.pack(addon_id) + name
                    value = self._waiting.get(key) or txn.get(key)
                    if value and value[:8] == digest and _is_sound(value, dictionary.crc):
                        found[addon_id] = lz4.block.decompress(value[_HEAD.size :], dict=dictionary.text)
        except lmdb.Error as fault:
            self._give_up(fault)
        return found

    def _dictionary(self, name: bytes, stored: memoryview | None) -> _Dictionary | None:
        if stored is None or not _is_sound(stored, 0):
            return None
        self._dictionaries[name] = _Dictionary.of(bytes(stored[_HEAD.size :]))
        return self._dictionaries[name]

    # -- changes

    def put(self, kind: str, version: str, addon_id: int, digest: bytes, record: bytes) -> None:
        name = _name(kind, version)
        dictionary = self._dictionaries.get(name)
        if dictionary is None:
            dictionary = self._dictionaries[name] = _Dictionary.of(record)
            self._wait(name, _HEAD.pack(digest, dictionary.crc) + record)
        packed = lz4.block.compress(record, dict=dictionary.text)
        head = _HEAD.pack(digest, zlib.crc32(packed, dictionary.crc))
        self._wait(_ID.pack(addon_id) + name, head + packed)

    def forget(self, addon_id: int) -> None:
        self._wait(_ID.pack(addon_id), _GONE)

    def keep_only(self, known: Container[int]) -> None:
        """Forget all other add-ons; in any thread. A file that cannot be read gives way to a new one."""
        if self._file is None:
            return
        try:
            with self._file.begin() as txn:
                ids = {_ID.unpack_from(key)[0] for key in txn.cursor().iternext(values=False) if len(key) > 8}
        except lmdb.Error as fault:
            self._give_up(fault)
            if self._folder:
                self.open(self._folder)
            return
        for addon_id in ids:
            if addon_id not in known:
                self.forget(addon_id)

    def _wait(self, key: bytes, value: bytes) -> None:
        with self._lock:
            if self._file is None or self._waiting_bytes > _MOST_WAITING:
                return
            self._waiting_bytes += len(value) - len(self._waiting.get(key, b""))
            self._waiting[key] = value
            if not self._is_writing:
                self._is_writing = True
                self._writer.submit(self._write_all)

    # -- the writer's thread

    def _write_all(self) -> None:
        while True:
            self._is_closing.wait(_GATHERED)
            with self._lock:
                some = dict(islice(self._waiting.items(), _TOGETHER))
                if not some or self._file is None:
                    self._is_writing = False
                    return
            try:
                with self._file.begin(write=True) as txn:
                    for key, value in some.items():
                        _write(txn, key, value)
            except lmdb.Error as fault:
                self._give_up(fault)
            with self._lock:
                for key, value in some.items():
                    if self._waiting.get(key) is value:
                        self._waiting_bytes -= len(self._waiting.pop(key))

    def _give_up(self, fault: Exception) -> None:
        """Read and write no more; the file stays open, for another thread may be at it."""
        log.warning("ready add-on objects cannot be kept, so answers take longer: %s", fault)
        if self._folder:
            with suppress(OSError):
                (self._folder / _DAMAGED).touch()
        self._file = None


def _open(folder: Path, maker: bytes) -> lmdb.Environment:
    """Raises OSError and lmdb.Error, where no file can be made at all."""
    if not (folder / _DAMAGED).exists():
        with suppress(OSError, lmdb.Error):
            file = _environment(folder)
            with file.begin(write=True) as txn:
                if txn.get(_MAKER, maker) == maker:
                    txn.put(_MAKER, maker)
                    return file
            file.close()
    shutil.rmtree(folder, ignore_errors=True)
    file = _environment(folder)
    with file.begin(write=True) as txn:
        txn.put(_MAKER, maker)
    return file


def _environment(folder: Path) -> lmdb.Environment:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return lmdb.open(str(folder), map_size=_MOST_BYTES, mode=0o600, max_spare_txns=4)


def _is_sound(value: bytes | memoryview, crc: int) -> bool:
    """Whether it is as it was written, with the dictionary of that CRC."""
    return zlib.crc32(value[_HEAD.size :], crc) == _HEAD.unpack_from(value)[1]


def _name(kind: str, version: str) -> bytes:
    return f"{version}{kind[0]}".encode()


def _write(txn: lmdb.Transaction, key: bytes, value: bytes) -> None:
    if value != _GONE:
        txn.put(key, value)
        return
    cursor = txn.cursor()
    while cursor.set_range(key) and bytes(cursor.key()).startswith(key):
        cursor.delete()
