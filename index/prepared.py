"""Prepared add-ons: what the catalogue makes of a document, and the file that remembers it.

    prepared = prepare(addon, documents)        # what documents, filters and sorts need
    record = to_bytes(prepared, text)           # text: Engine.text(addon, prepared.own.entry)
    prepared, text = from_bytes(record)

Analysing and packing an add-on takes ten times as long as taking over the result, so a start
looks each document up by the digest of its bytes. A record holds what follows from the
document alone; what users and featured sets add is added when it is used. The same bytes give
the same record, so a file is right for as long as nothing is changed that makes records:
`fingerprint` names all of that, and a file with another one is not read.

`Memory` is such a file, and the next one. It may be deleted at any time.
"""

import hashlib
import logging
import struct
import sys
import threading
import unicodedata
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from conf.model import AddonDoc
from index import addon as facts
from index.documents import Documents, Packed
from index.entry import Entry, listed_authors, own_entry, own_terms
from index.recordfile import DIGEST_BYTES, FINGERPRINT_BYTES, RecordFile, RecordWriter, Unusable
from index.schema import IndexText

log = logging.getLogger(__name__)

# Of this share of new records, or that one of unneeded ones, the file is written anew.
_NEW_SHARE: Final = 1 / 50
_DEAD_SHARE: Final = 1 / 4
_LIBRARIES: Final = ("numpy", "orjson", "pymongo", "pystemmer", "tantivy", "zstandard")
_ENDS: Final = struct.Struct("<III")  # where facts, main and rest end; the index text is last
HIDDEN: Final = b""  # the record of an add-on that is not public


class Own(NamedTuple):
    """What listings know of an add-on from its document alone."""

    entry: Entry
    authors: tuple[int, ...]  # the listed ones: their names are terms too


class Prepared(NamedTuple):
    """A public add-on; all of it follows from its document alone."""

    id: int
    packed: Packed
    is_tool: bool  # a language tool: LanguageTools need the document
    own: Own | None  # None: no current version, so listings do not show it


def prepare(addon: AddonDoc, documents: Documents) -> Prepared:
    """Of a public add-on; `documents` only packs."""
    listed = facts.current_version(addon) is not None
    own = Own(own_entry(addon), listed_authors(addon)) if listed else None
    return Prepared(addon["_id"], documents.pack(addon), bool(addon["target_locale"]), own)


def to_bytes(prepared: Prepared, text: IndexText | None) -> bytes:
    packed, own = prepared.packed, prepared.own
    told: list[object] = [prepared.id, prepared.is_tool, *packed[2:]]
    if own and text:
        entry = own.entry
        alone = sum(1 for _ in own_terms(entry.id, packed.slug, packed.guid))
        told += [own.authors, entry.terms[alone:], entry.numbers, entry.name, text.joined, text.words]
    head, rest = orjson.dumps(told), packed.rest or b""
    main_at = _ENDS.size + len(head)
    ends = _ENDS.pack(main_at, main_at + len(packed.main), main_at + len(packed.main) + len(rest))
    return b"".join((ends, head, packed.main, rest, text.fields.encode() if text else b""))


def from_bytes(record: memoryview) -> tuple[Prepared, IndexText | None]:
    main_at, rest_at, text_at = _ENDS.unpack_from(record)
    told = orjson.loads(record[_ENDS.size : main_at])
    addon_id, is_tool, guid, slug, authors, exclusions = told[:6]
    packed = Packed(
        bytes(record[main_at:rest_at]),
        bytes(record[rest_at:text_at]) or None,
        guid,
        slug,
        tuple(authors),
        tuple(exclusions),
    )
    if len(told) == 6:
        return Prepared(addon_id, packed, is_tool, None), None
    listed, shared, numbers, name, joined, words = told[6:]
    terms = (*own_terms(addon_id, slug, guid), *map(sys.intern, shared))
    own = Own(Entry(addon_id, terms, tuple(numbers), name), tuple(listed))
    return Prepared(addon_id, packed, is_tool, own), IndexText(str(record[text_at:], "utf-8"), joined, words)


def documents_in(batch: bytes) -> list[memoryview]:
    """The documents of a raw batch: each begins with its length."""
    view, at = memoryview(batch), 0
    documents = []
    while at < len(batch):
        end = at + int.from_bytes(view[at : at + 4], "little")
        documents.append(view[at:end])
        at = end
    return documents


def digest(document: memoryview) -> bytes:
    return hashlib.blake2b(document, digest_size=DIGEST_BYTES).digest()


@cache
def fingerprint() -> bytes:
    """Names everything that decides what becomes of a document: sources, Python, libraries."""
    found = hashlib.blake2b(digest_size=FINGERPRINT_BYTES)
    rooms = [Path(__file__).parent, Path(__file__).parents[1] / "conf"]
    for path in sorted(path for room in rooms for path in room.rglob("*.py")):
        source = path.read_bytes()
        found.update(f"{path.name} {len(source)}\n".encode())
        found.update(source)
    versions = [f"{name} {metadata.version(name)}" for name in _LIBRARIES]
    found.update("\n".join((sys.version, unicodedata.unidata_version, *versions)).encode())
    return found.digest()


class Memory:
    """The records of the last time, and what the next time should know.

    One thread at a time, except `stop`, which makes a `save` under way give up. Never raises OSError:
    without a file everything works as well, and only takes longer.
    """

    def __init__(self, path: Path | None) -> None:
        """`path` None: nothing is remembered."""
        self._path = path
        self._old: RecordFile | None = None
        self._new: RecordWriter | None = None
        self._dictionaries: tuple[bytes, ...] = ()
        self._found: list[bytes] = []
        self._stopped = threading.Event()

    def open(self, expected: int) -> tuple[bytes, ...] | None:
        """The dictionaries its records were packed with; None when there are none to go by.

        A file with less than half of the `expected` add-ons is left alone: what was learned from
        so few does not fit so many.
        """
        if self._path is None:
            return None
        try:
            self._old = RecordFile.open(self._path, fingerprint())
        except FileNotFoundError:
            return None
        except Unusable as fault:
            log.info("prepared add-ons are not used: %s: %s", self._path, fault)
            return None
        if 2 * len(self._old) < expected:
            self._close_old()
            return None
        return self._old.dictionaries

    def begin(self, dictionaries: tuple[bytes, ...]) -> None:
        """What all records are packed with, old and new. None that was learned: not worth remembering."""
        self._dictionaries = dictionaries
        if not all(dictionaries):
            self._path = None

    def find(self, key: bytes) -> memoryview | None:
        if self._old is None:
            return None
        record = self._old.find(key)
        if record is not None:
            self._found.append(key)
        return record

    def keep(self, key: bytes, record: bytes) -> None:
        """A record that was not found."""
        if self._path is None:
            return
        try:
            if self._new is None:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._new = RecordWriter(self._path, fingerprint(), self._dictionaries)
            self._new.add(key, record)
        except OSError as fault:
            self._fail(fault)

    def save(self) -> None:
        """Write what the next time should know, if that is worth it; then close."""
        try:
            if self._path is not None and self._is_worn():
                self._write(self._path)
        except OSError as fault:
            self._fail(fault)
        finally:
            self.close()

    def stop(self) -> None:
        self._stopped.set()

    def close(self) -> None:
        self._close_old()
        self._drop_new()

    def _is_worn(self) -> bool:
        size = len(self._old) if self._old else 0
        new, dead = len(self._new) if self._new else 0, size - len(self._found)
        return new > size * _NEW_SHARE or dead > size * _DEAD_SHARE

    def _write(self, path: Path) -> None:
        new = self._new or RecordWriter(path, fingerprint(), self._dictionaries)
        self._new = new
        for key in self._found:
            record = self._old.find(key) if self._old else None
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

    def _close_old(self) -> None:
        if self._old is not None:
            self._old.close()
            self._old = None
