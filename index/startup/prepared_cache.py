"""The file that remembers prepared add-ons from one start to the next (prepared.py).

    memory = Memory(path); dictionaries = memory.open()
    for key, known in memory: ...               # what was remembered; None: not public
    memory.confirm(key)                         # it still holds
    memory.keep(digest(document), known)        # it is new
    memory.save()

A document is known by the digest of its bytes, so what is remembered of it is right for as
long as nothing is changed that prepares add-ons: `fingerprint` names all of that, and a file
with another one is not read. It may be deleted at any time; nothing here raises OSError.

One thread at a time, except `stop`.
"""

import hashlib
import logging
import sys
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

from index.startup.prepared import Known, from_bytes, to_bytes
from index.startup.record_file import DIGEST_BYTES, FINGERPRINT_BYTES, RecordFile, RecordWriter, UnusableFile

log = logging.getLogger(__name__)

# With this share of new records, or that one of unneeded ones, the file is written anew.
_NEW_SHARE: Final = 1 / 50
_DEAD_SHARE: Final = 1 / 4
_LIBRARIES: Final = ("lz4", "numpy", "orjson", "pymongo", "pystemmer", "tantivy", "zstandard")
_HIDDEN: Final = b""  # the record of an add-on that is not public


def digest(document: memoryview) -> bytes:
    # Twice as fast as the others where the processor helps with it, as most do.
    return hashlib.sha256(document).digest()[:DIGEST_BYTES]


def documents_in(batch: bytes) -> list[memoryview]:
    """The documents of a raw batch: each begins with its length."""
    view, at = memoryview(batch), 0
    documents = []
    while at < len(batch):
        end = at + int.from_bytes(view[at : at + 4], "little")
        documents.append(view[at:end])
        at = end
    return documents


@cache
def fingerprint() -> bytes:
    """Names everything that decides what becomes of a document: sources, Python, libraries."""
    found = hashlib.blake2b(digest_size=FINGERPRINT_BYTES)
    project = Path(__file__).parents[2]
    rooms = [project / "index", project / "conf"]
    for path in sorted(path for room in rooms for path in room.rglob("*.py")):
        source = path.read_bytes()
        found.update(f"{path.name} {len(source)}\n".encode())
        found.update(source)
    versions = [f"{name} {metadata.version(name)}" for name in _LIBRARIES]
    found.update("\n".join((sys.version, unicodedata.unidata_version, *versions)).encode())
    return found.digest()


class PreparedCache:
    def __init__(self, path: Path | None) -> None:
        """`path` None, or in a folder that does not exist: nothing is remembered."""
        self._path = path
        self._old: RecordFile | None = None
        self._new: RecordWriter | None = None
        self._dictionaries: tuple[bytes, ...] = ()
        self._confirmed: list[bytes] = []
        self._stopped = threading.Event()

    def open(self) -> tuple[bytes, ...] | None:
        """The dictionaries its records were packed with; None when there is no file to go by."""
        if self._path is None:
            return None
        try:
            self._old = RecordFile.open(self._path, fingerprint())
        except FileNotFoundError:
            return None
        except UnusableFile as fault:
            log.info("prepared add-ons are not used: %s: %s", self._path, fault)
            return None
        return self._old.dictionaries

    def __len__(self) -> int:
        """How many add-ons were remembered."""
        return len(self._old) if self._old else 0

    def __iter__(self) -> Iterator[tuple[bytes, Known | None]]:
        for key, record in self._old.records() if self._old else ():
            if self._stopped.is_set():
                return
            yield key, from_bytes(record) if record else None

    def find(self, key: bytes) -> memoryview | None:
        return self._old.find(key) if self._old else None

    def __contains__(self, key: bytes) -> bool:
        return self._old is not None and key in self._old

    def forget(self) -> None:
        """What was remembered is of no use: everything is new."""
        if self._old is not None:
            self._old.close()
            self._old = None

    def begin(self, dictionaries: tuple[bytes, ...]) -> None:
        """What the records are packed with, old and new; where nothing was learned, they are not kept."""
        self._dictionaries = dictionaries
        if self._path and not (all(dictionaries) and self._path.parent.is_dir()):
            self._path = None

    def confirm(self, key: bytes) -> None:
        self._confirmed.append(key)

    def keep(self, key: bytes, known: Known | None) -> None:
        """`known` None: the add-on is not public."""
        if self._path is None:
            return
        try:
            if self._new is None:
                self._new = self._writer(self._path)
            self._new.add(key, to_bytes(known) if known else _HIDDEN)
        except OSError as fault:
            self._fail(fault)

    def save(self) -> None:
        """Write what the next start should know, if that is worth it; then close."""
        try:
            if self._path is not None and self._is_worn():
                self._write(self._path)
        except OSError as fault:
            self._fail(fault)
        finally:
            self.close()

    def stop(self) -> None:
        """Any thread: a `save` under way gives up, and what there was stays."""
        self._stopped.set()

    def close(self) -> None:
        self.forget()
        self._drop_new()

    def _is_worn(self) -> bool:
        new, dead = len(self._new) if self._new else 0, len(self) - len(self._confirmed)
        return new > len(self) * _NEW_SHARE or dead > len(self) * _DEAD_SHARE

    def _writer(self, path: Path) -> RecordWriter:
        return RecordWriter(path, fingerprint(), self._dictionaries)

    def _write(self, path: Path) -> None:
        new = self._new = self._new or self._writer(path)
        for key in self._confirmed:
            record = self.find(key)
            if record is not None:
                new.add(key, record)
            if self._stopped.is_set():
                return
        new.finish()
        self._new = None

    def _fail(self, fault: OSError) -> None:
        log.warning("prepared add-ons cannot be kept, so the next start takes longer: %s", fault)
        self._path = None
        self._drop_new()

    def _drop_new(self) -> None:
        if self._new is not None:
            with suppress(OSError):
                self._new.abandon()
            self._new = None
