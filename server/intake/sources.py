"""Reads files of records: JSON Lines or JSON documents, gzipped or not.

    with Source("addons.jsonl.gz") as source:
        for source_record in source.records():
            source_record.location, source_record.record    # a record, or a BadRecord

The format is told by the content, never by the name; `-` is standard input. A file is read as a stream,
except a JSON document of several lines, which is read whole. Many lines are parsed in other processes.
One thread at a time.
"""

import gzip
import io
import json
import os
import sys
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain, islice
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import orjson

from index.runtime.process_pool import POOL_FAILURES, POOL_THRESHOLD, POOL_TIMEOUT, ProcessPool, pool_size
from server.intake.json_values import BadRecord
from server.intake.records import FullDocument, InputRecord, Patch, expand, parse_record

STDIN: Final = "-"
MAX_LINE: Final = 256 * 1024 * 1024
MAX_DOCUMENT: Final = 1024 * 1024 * 1024
# MongoDB takes documents of 16 MiB; their JSON is seldom much smaller.
MAX_RECORD: Final = 15 * 1024 * 1024
_BUFFER: Final = 1024 * 1024
_GZIP: Final = b"\x1f\x8b"
_ARCHIVES: Final = {
    b"PK": "a zip archive",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"7z\xbc\xaf": "a 7z archive",
}
_HEAD_BYTES: Final = 4096  # in which a text has no zero byte
_EMPTY: Final = "is empty"
_BOM: Final = b"\xef\xbb\xbf"
_SPACE: Final = b" \t\r\n"
_BROKEN: Final = (EOFError, OSError, zlib.error)  # while a file is read; gzip's own is an OSError
# Lines and bytes that a process gets at a time, and bytes that all of them have.
_CHUNK_LINES: Final = 50
_CHUNK_BYTES: Final = 1024 * 1024
_PENDING_BYTES: Final = 16 * _CHUNK_BYTES

Line = tuple[int, bytes]  # its number and text


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A record of a file, or why it is invalid."""

    file: str
    line: int
    item: int | None  # its number within the line, where a line holds several
    record: InputRecord | Patch | BadRecord
    size: int  # bytes of the text it came from, roughly

    @property
    def location(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def reason(self) -> str:
        """Why it cannot be loaded; only for a BadRecord."""
        return f"item {self.item}: {self.record}" if self.item is not None else str(self.record)


Parse = Callable[[Any], InputRecord | Patch]


class LineReader:
    """Makes records of the lines of a file."""

    def __init__(self, file: str, parse: Parse) -> None:
        self.file = file
        self._parse = parse

    def read(self, lines: list[Line]) -> list[SourceRecord]:
        return [record for line in lines for record in self._read_line(*line)]

    def _read_line(self, number: int, line: bytes) -> Iterator[SourceRecord]:
        if len(line) == MAX_LINE:
            yield self.bad(BadRecord(f"longer than {MAX_LINE} bytes"), number)
            return
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield self.bad(BadRecord(f"not JSON: {error}"), number)
            return
        records = list(expand(value))
        several = len(records) > 1
        size = len(line) // max(1, len(records))
        for item, record in enumerate(records, 1):
            parsed = self.parse(record, len(line))
            yield SourceRecord(self.file, number, item if several else None, parsed, size)

    def parse(self, value: Any, size: int) -> InputRecord | Patch | BadRecord:
        """Parse a value from a text of this size."""
        try:
            if size > MAX_RECORD and len(orjson.dumps(value)) > MAX_RECORD:
                raise BadRecord(f"larger than {MAX_RECORD} bytes")
            return self._parse(value)
        except BadRecord as error:
            return error

    def bad(self, error: BadRecord, line: int) -> SourceRecord:
        return SourceRecord(self.file, line, None, error, 0)


def make_worker(reader: LineReader) -> Callable[[list[Line]], list[SourceRecord]]:
    """The function that parses lines in another process, which sends full documents as BSON."""

    def read(lines: list[Line]) -> list[SourceRecord]:
        return [
            replace(source, record=source.record.encoded())
            if isinstance(source.record, FullDocument)
            else source
            for source in reader.read(lines)
        ]

    return read


class Source:
    """An input file; raises OSError if it cannot be opened."""

    def __init__(self, name: str, parse: Parse = parse_record) -> None:
        """`parse` makes a record of a value, or raises BadRecord."""
        self.name = "stdin" if name == STDIN else name
        self._reader = LineReader(self.name, parse)
        self._raw: BinaryIO = sys.stdin.buffer if name == STDIN else open(name, "rb")  # noqa: SIM115
        self._stream: BinaryIO = self._raw
        self._line = 0
        self._broken: Exception | None = None
        self.bytes_read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing a pipe would wait for the thread that may still wait for its writer.
        if self._raw is not sys.stdin.buffer and self._raw.seekable():
            self._raw.close()

    @property
    def size(self) -> int | None:
        """Bytes of the file as it lies on disk; None for a pipe."""
        try:
            size = os.fstat(self._raw.fileno()).st_size
        except (OSError, io.UnsupportedOperation):
            return None
        return size if self._raw.seekable() else None

    @property
    def position(self) -> int:
        """How many of these bytes have been read."""
        return self._raw.tell() if self._raw.seekable() else self.bytes_read

    def records(self) -> Iterator[SourceRecord]:
        """Every record in order; of a truncated file, finally a bad record that says so."""
        try:
            self._open_stream()
            yield from self._read()
            if self._broken:
                raise self._broken
        except BadRecord as error:
            yield self._bad(error)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            yield self._bad(BadRecord(f"broken gzip file: {error}"))
        except OSError as error:
            yield self._bad(BadRecord(f"cannot be read on: {error}"))

    def check(self) -> None:
        """Raises BadRecord for a file that cannot hold records, without decompressing or reading a pipe."""
        head = _peek(self._raw) if self._raw.seekable() else b" "
        if not head.startswith(_GZIP) and (fault := _fault(head)):
            raise BadRecord(fault)

    def _open_stream(self) -> None:
        head = _peek(self._raw)
        if head.startswith(_GZIP):
            # Without a buffer of ours, so that all of a truncated file is read up to its end.
            self._stream = gzip.GzipFile(fileobj=self._raw)  # type: ignore[assignment]
            head = self._stream.peek(1)  # type: ignore[attr-defined]
        if fault := _fault(head):
            raise BadRecord(fault)

    def _read(self) -> Iterator[SourceRecord]:
        lines = self._lines()
        start = list(islice(lines, 2))
        if not start and self._broken is None:
            raise BadRecord(_EMPTY)
        if _is_document(start):
            yield from self._read_document(start)
            return
        lines = chain(start, lines)
        for line in islice(lines, POOL_THRESHOLD):
            yield from self._reader.read([line])
        if count := pool_size():  # one of them is MongoDB's
            yield from self._read_in_processes(lines, max(1, count - 1))
        for line in lines:
            yield from self._reader.read([line])

    def _read_in_processes(self, lines: Iterator[Line], count: int) -> Iterator[SourceRecord]:
        """Parse lines in other processes; the records are in order."""
        if (first := next(lines, None)) is None:
            return
        pending: deque[tuple[list[Line], Future[list[SourceRecord]]]] = deque()
        try:
            pool = ProcessPool(make_worker, count)
        except OSError:  # there is no memory for them
            yield from self._reader.read([first])
            return
        with closing(pool) as processes:
            processes.initialize(self._reader)
            for chunk in _chunks(chain([first], lines)):
                pending.append((chunk, processes.submit(chunk)))
                while len(pending) > 2 * count or sum(_size(lines) for lines, _ in pending) > _PENDING_BYTES:
                    yield from self._result(*pending.popleft())
            while pending:
                yield from self._result(*pending.popleft())

    def _result(self, lines: list[Line], answer: Future[list[SourceRecord]]) -> list[SourceRecord]:
        try:
            return answer.result(POOL_TIMEOUT)
        except POOL_FAILURES:
            return self._reader.read(lines)

    def _lines(self) -> Iterator[Line]:
        """Every line that is not blank; one that is too long is cut.

        Of a truncated file all lines before the end, and `_broken` has the reason.
        """
        try:
            while line := self._stream.readline(MAX_LINE):
                self._line += 1
                self.bytes_read += len(line)
                if self._line == 1:
                    line = line.removeprefix(_BOM)
                if len(line) == MAX_LINE and not line.endswith(b"\n"):
                    while (remainder := self._stream.readline(_BUFFER)) and not remainder.endswith(b"\n"):
                        pass
                if not line.isspace() and line:
                    yield self._line, line
        except _BROKEN as error:
            self._broken = error

    def _read_document(self, start: list[tuple[int, bytes]]) -> Iterator[SourceRecord]:
        first = start[0][0]
        # Blank lines between the two are given back, so that lines can be counted.
        text = start[0][1].rstrip() + b"\n" * (start[1][0] - first) + start[1][1]
        text += self._stream.read(MAX_DOCUMENT)
        self.bytes_read += len(text)
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            yield from self._read_invalid_document(text, first, error)
            return
        records = list(expand(value))
        lines = [first + line for line in _element_lines(text.decode())]
        if len(lines) != len(records):
            lines = [first] * len(records)
        for line, record in zip(lines, records, strict=True):
            parsed = self._reader.parse(record, len(text))
            yield SourceRecord(self.name, line, None, parsed, len(text) // len(records))

    def _read_invalid_document(
        self, text: bytes, first: int, error: orjson.JSONDecodeError
    ) -> Iterator[SourceRecord]:
        """Read a text that is no JSON document: as lines if any is an object, else as one bad record."""
        lines = [(number, line) for number, line in enumerate(text.split(b"\n"), first) if line.strip(_SPACE)]
        if any(_is_object(line) for _, line in lines):
            yield from self._reader.read(lines)
        else:
            yield self._bad(BadRecord(f"not JSON: {error}"), first + error.lineno - 1)

    def _bad(self, error: BadRecord, line: int | None = None) -> SourceRecord:
        return self._reader.bad(error, line or self._line + 1)


def _chunks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    chunk: list[Line] = []
    size = 0
    for line in lines:
        chunk.append(line)
        size += len(line[1])
        if len(chunk) == _CHUNK_LINES or size > _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _size(lines: list[Line]) -> int:
    return sum(len(text) for _, text in lines)


def _peek(stream: BinaryIO) -> bytes:
    """The next bytes, which stay unread."""
    return stream.peek(1) if isinstance(stream, io.BufferedReader) else b" "


def _fault(head: bytes) -> str | None:
    """Why a file with this head holds no records, if so."""
    if not head:
        return _EMPTY
    packed = next((name for magic, name in _ARCHIVES.items() if head.startswith(magic)), None)
    if packed:
        return f"is {packed}: unpack it first (gzip alone is read as it is)"
    return "is no text: JSON and JSON Lines are read, gzipped or not" if b"\0" in head[:_HEAD_BYTES] else None


def _is_object(line: bytes) -> bool:
    if not line.lstrip(_SPACE).startswith(b"{"):
        return False
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _is_document(start: list[tuple[int, bytes]]) -> bool:
    """Whether a file that starts so is one JSON document of several lines."""
    if len(start) < 2 or not start[0][1].lstrip(_SPACE).startswith((b"{", b"[")):
        return False
    try:
        orjson.loads(start[0][1])
    except orjson.JSONDecodeError:
        return start[0][1].lstrip(_SPACE).startswith(b"[") or not _is_object(start[1][1])
    return False


def _element_lines(text: str) -> list[int]:
    """The line, from 0, on which each element of a document's list starts; [] if that is unclear."""
    decoder = json.JSONDecoder()
    try:
        at = _list_start(decoder, text)
        lines = []
        at = _skip(text, at + 1)
        while text[at] != "]":
            lines.append(text.count("\n", 0, at))
            _, at = decoder.raw_decode(text, at)
            at = _skip(text, at, ",")
    except (ValueError, IndexError):
        return []
    return lines


def _list_start(decoder: json.JSONDecoder, text: str) -> int:
    """Where the list begins: at the start, or as the value of the key `results`."""
    at = _skip(text, 0)
    if text[at] == "[":
        return at
    at = _skip(text, at + 1)
    while text[at] == '"':
        key, at = decoder.raw_decode(text, at)
        at = _skip(text, at, ":")
        if key == "results":
            return at
        _, at = decoder.raw_decode(text, at)
        at = _skip(text, at, ",")
    raise ValueError("no list")


def _skip(text: str, at: int, also: str = "") -> int:
    while text[at] in " \t\r\n" + also:
        at += 1
    return at
