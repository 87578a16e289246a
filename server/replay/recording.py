"""Reads recorded requests from a list of addresses, with or without counts, or from an access log.

    recording = read_recording(stream)
    recording.counts        {"/api/v5/addons/search/?q=tab": 12, ...}, in the order of their first appearance
    recording.skipped       {"no GET": 3, ...}

The format of each line is recognised by itself. One thread at a time.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Final
from urllib.parse import quote, urlsplit

import orjson

from conf.limits import MAX_RECORDED, MAX_RECORDED_LINE
from conf.numbers import read_number

NOT_GET: Final = "no GET"
NOT_READ: Final = "not understood"
TOO_LONG: Final = "too long"
TOO_MANY: Final = f"beyond the first {MAX_RECORDED} addresses"
# nginx's and Apache's: … [28/Nov/2026:20:00:00 +0000] "GET /api/v5/site/ HTTP/1.1" 200 …
_COMBINED: Final = re.compile(r'"([A-Z]+) ([^" ]+) HTTP/')
# `uniq -c` aligns counts to the right.
_LISTED: Final = re.compile(r"(?:([0-9]+)[ \t]+)?(?:GET[ \t]+)?((?:/|https?://)\S*)")
_SAFE: Final = "/?:@!$&'()*+,;=%-._~[]|"  # characters of an address that are not quoted
_PROGRESS_LINES: Final = 10_000  # lines
_QUOTED: Final = re.compile(r"\\x([0-9A-Fa-f]{2})")  # nginx's way


@dataclass
class Recording:
    """How often each address was requested, and how many lines were left out, by reason."""

    counts: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def requests(self) -> int:
        """The number of requests."""
        return self.counts.total()


class SkippedLine(Exception):
    """The line has no request to send; the text is the reason."""


def read_recording(stream: BinaryIO, progress: Callable[[int], object] = lambda lines: None) -> Recording:
    """`progress` gets the number of further lines, now and then. Raises OSError."""
    recording = Recording()
    number = 0
    while line := stream.readline(MAX_RECORDED_LINE):
        number += 1
        if number % _PROGRESS_LINES == 0:
            progress(_PROGRESS_LINES)
        try:
            if len(line) == MAX_RECORDED_LINE and not line.endswith(b"\n"):
                _skip_line(stream)
                raise SkippedLine(TOO_LONG)
            text = line.decode(errors="replace").strip()
            if text and not text.startswith("#"):
                _add(recording, *read_line(text))
        except SkippedLine as reason:
            recording.skipped[str(reason)] += 1
    return recording


def _skip_line(stream: BinaryIO) -> None:
    while (chunk := stream.readline(MAX_RECORDED_LINE)) and not chunk.endswith(b"\n"):
        pass


def _add(recording: Recording, target: str, count: int) -> None:
    if target not in recording.counts and len(recording.counts) >= MAX_RECORDED:
        raise SkippedLine(TOO_MANY)
    recording.counts[target] += count


def read_line(text: str) -> tuple[str, int]:
    """The requested path and query, and how often it was requested. Raises SkippedLine."""
    if text.startswith("{"):
        return _parse_log_line(text), 1
    if match := _COMBINED.search(text):
        return _target(*match.groups()), 1
    if match := _LISTED.fullmatch(text):
        return _target("GET", match[2]), max(1, read_number(match[1] or "1") or 1)
    raise SkippedLine(NOT_GET if text.partition(" ")[0] in ("POST", "PUT", "PATCH", "DELETE") else NOT_READ)


def _parse_log_line(text: str) -> str:
    """A line of our own access log (server/telemetry/access_log.py)."""
    try:
        fields = orjson.loads(text)["Fields"]
        method, path = fields["method"], fields["path"]
    except (ValueError, KeyError, TypeError):
        raise SkippedLine(NOT_READ) from None
    if not (isinstance(method, str) and isinstance(path, str)):
        raise SkippedLine(NOT_READ)
    return _target(method, path)


def _target(method: str, address: str) -> str:
    if method != "GET":
        raise SkippedLine(NOT_GET)
    address = _QUOTED.sub(r"%\1", address)
    try:
        parts = urlsplit(address)
    except ValueError:
        raise SkippedLine(NOT_READ) from None
    query = f"?{parts.query}" if parts.query else ""
    return quote(f"/{parts.path.lstrip('/')}{query}", safe=_SAFE)
