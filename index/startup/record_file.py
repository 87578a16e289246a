"""A file of records found by digest: a cache that may be deleted at any time.

    with suppress(Unusable): old = RecordFile.open(path, fingerprint)
    old.find(digest)                    -> memoryview of the record, or None
    new = RecordWriter(path, fingerprint, dictionaries)
    new.add(digest, record); new.finish()     # only now others see it

    header  magic, fingerprint of whoever made it, place, length and checksum of the tail
    pages   records one after the other, some 64 kB a page
    tail    dictionaries; place, length and checksum of each page; digest and place of each record

Records are best asked for in the order they were added, or in a few such orders
at once: the last pages are at hand. Nothing but these stays in memory. What does
not fit its checksum is not there. Numbers are little-endian.

A reader, and a writer, are for one thread at a time.
"""

import fcntl
import logging
import os
import struct
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, Self

from conf.files import open_file

log = logging.getLogger(__name__)

DIGEST_BYTES: Final = 16
FINGERPRINT_BYTES: Final = 32
_MAGIC: Final = b"amoeba records 1"
_HEADER: Final = struct.Struct("<16s32sQII")  # magic, fingerprint, offset, length and CRC of the tail
_TAIL: Final = struct.Struct("<III")  # how many dictionaries, pages, records
_LENGTH: Final = struct.Struct("<I")
_PAGE: Final = struct.Struct("<QII")  # offset, length, CRC
_RECORD: Final = struct.Struct("<16sIII")  # digest, page, where in it, length
_PAGE_BYTES: Final = 64 * 1024
_PAGES_AT_HAND: Final = 8


class UnusableFile(Exception):
    """A file that is not what it should be; says why."""


class _Tail(NamedTuple):
    dictionaries: tuple[bytes, ...]
    pages: list[tuple[int, int, int]]
    records: bytes

    def to_bytes(self) -> bytes:
        count = len(self.records) // _RECORD.size
        parts = [_TAIL.pack(len(self.dictionaries), len(self.pages), count)]
        for dictionary in self.dictionaries:
            parts += [_LENGTH.pack(len(dictionary)), dictionary]
        return b"".join([*parts, *(_PAGE.pack(*page) for page in self.pages), self.records])

    @classmethod
    def read(cls, data: bytes) -> Self:
        """The checksum holds, so the lengths are right."""
        dictionary_count, page_count, record_count = _TAIL.unpack_from(data)
        at, dictionaries = _TAIL.size, []
        for _ in range(dictionary_count):
            (length,) = _LENGTH.unpack_from(data, at)
            at += _LENGTH.size
            dictionaries.append(data[at : at + length])
            at += length
        end = at + page_count * _PAGE.size
        pages = list(_PAGE.iter_unpack(data[at:end]))
        return cls(tuple(dictionaries), pages, data[end : end + record_count * _RECORD.size])


class RecordFile:
    """The reader."""

    def __init__(self, descriptor: int, tail: _Tail) -> None:
        self._descriptor = descriptor
        self._tail = tail
        self._numbers = {found[0]: number for number, found in enumerate(_RECORD.iter_unpack(tail.records))}
        self._is_damaged = False
        self._at_hand: OrderedDict[int, memoryview | None] = OrderedDict()

    @classmethod
    def open(cls, path: Path, fingerprint: bytes) -> Self:
        """Raises Unusable; FileNotFoundError where there is none."""
        try:
            descriptor = open_file(path)
        except FileNotFoundError:
            raise
        except OSError as fault:
            raise UnusableFile(fault.strerror) from fault
        try:
            return cls(descriptor, _read_tail(descriptor, fingerprint))
        except BaseException as fault:
            os.close(descriptor)
            if isinstance(fault, OSError | struct.error):
                raise UnusableFile(str(fault)) from fault
            raise

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def dictionaries(self) -> tuple[bytes, ...]:
        return self._tail.dictionaries

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._numbers

    def records(self) -> Iterator[tuple[bytes, memoryview]]:
        """All that are not damaged, in the order they were added."""
        current, data = -1, None
        for digest, page, start, length in _RECORD.iter_unpack(self._tail.records):
            if page != current:
                current, data = page, self._read(page)
            if data is not None:
                yield digest, data[start : start + length]

    def find(self, digest: bytes) -> memoryview | None:
        """The record; None when it is not there or damaged."""
        number = self._numbers.get(digest)
        if number is None:
            return None
        _, page, start, length = _RECORD.unpack_from(self._tail.records, number * _RECORD.size)
        data = self._at_hand[page] if page in self._at_hand else self._fetch(page)
        return None if data is None else data[start : start + length]

    def _fetch(self, page: int) -> memoryview | None:
        data = self._read(page)
        self._at_hand[page] = data
        if len(self._at_hand) > _PAGES_AT_HAND:
            self._at_hand.popitem(last=False)
        return data

    def _read(self, page: int) -> memoryview | None:
        offset, length, checksum = self._tail.pages[page]
        try:
            data = os.pread(self._descriptor, length, offset)
        except OSError:
            data = b""
        if len(data) == length and zlib.crc32(data) == checksum:
            return memoryview(data)
        if not self._is_damaged:
            self._is_damaged = True
            log.warning("prepared add-ons are damaged in part; these are prepared anew")
        return None

    def close(self) -> None:
        os.close(self._descriptor)
        self._numbers.clear()
        self._at_hand.clear()


def _read_tail(descriptor: int, fingerprint: bytes) -> _Tail:
    header = os.pread(descriptor, _HEADER.size, 0)
    if len(header) < _HEADER.size:
        raise UnusableFile("it is too short")
    magic, made_by, offset, length, checksum = _HEADER.unpack(header)
    if magic != _MAGIC:
        raise UnusableFile("it is something else")
    if made_by != fingerprint:
        raise UnusableFile("another release made it")
    tail = os.pread(descriptor, length, offset)
    if len(tail) != length or zlib.crc32(tail) != checksum:
        raise UnusableFile("it is damaged")
    return _Tail.read(tail)


class RecordWriter:
    """Writes beside `path` and takes its place in `finish`. Raises OSError from every method."""

    def __init__(self, path: Path, fingerprint: bytes, dictionaries: tuple[bytes, ...]) -> None:
        self._path = path
        self._fingerprint = fingerprint
        self._tail = _Tail(dictionaries, [], b"")
        self._records = bytearray()
        self._page = bytearray()
        self._offset = _HEADER.size
        self._fresh = path.with_name(path.name + ".new")
        self._descriptor = _open_alone(self._fresh)

    def __len__(self) -> int:
        return len(self._records) // _RECORD.size

    def add(self, digest: bytes, record: bytes | memoryview) -> None:
        self._records += _RECORD.pack(digest, len(self._tail.pages), len(self._page), len(record))
        self._page += record
        if len(self._page) >= _PAGE_BYTES:
            self._end_page()

    def _end_page(self) -> None:
        # An empty page too: what is said of its records is nothing, and that is right.
        self._tail.pages.append((self._offset, len(self._page), zlib.crc32(self._page)))
        _write_all(self._descriptor, self._page, self._offset)
        self._offset += len(self._page)
        self._page = bytearray()

    def finish(self) -> None:
        """Put the file in its place. What a crash leaves of it fails its checksums."""
        self._end_page()
        tail = self._tail._replace(records=bytes(self._records)).to_bytes()
        _write_all(self._descriptor, tail, self._offset)
        header = _HEADER.pack(_MAGIC, self._fingerprint, self._offset, len(tail), zlib.crc32(tail))
        _write_all(self._descriptor, header, 0)
        self._fresh.replace(self._path)
        os.close(self._descriptor)

    def abandon(self) -> None:
        self._fresh.unlink(missing_ok=True)
        os.close(self._descriptor)


def _open_alone(path: Path) -> int:
    """Empty, for its owner alone. Raises BlockingIOError while another process writes it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The other one may have finished in between: then this is the file in its place.
        if os.fstat(descriptor).st_ino != path.stat().st_ino:
            raise BlockingIOError("another process has just written it")
        os.ftruncate(descriptor, 0)
        os.fchmod(descriptor, 0o600)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _write_all(descriptor: int, data: bytes | bytearray, offset: int) -> None:
    written = os.pwrite(descriptor, data, offset)
    while written < len(data):
        written += os.pwrite(descriptor, memoryview(data)[written:], offset + written)
