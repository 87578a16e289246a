"""Opens and checks a package's archive, and reads its members; never unpacks it (contract/uploads.md 4.1).

archive = open_archive(file, "tree-1.0.xpi", report)      # None if it is unusable
archive.read("manifest.json")
"""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from copy import copy
from io import BufferedIOBase
from typing import Final

from conf.limits import MAX_ARCHIVE_BYTES, MAX_ARCHIVE_MEMBERS, MAX_MEMBER_BYTES, MAX_PARSED_BYTES
from server.packages.validation.report import Report

CRX: Final = b"Cr24"  # the first bytes of a CRX file
EXTENSIONS: Final = (".crx", ".xpi", ".zip")
_PARSED: Final = (".css", ".htm", ".html", ".js", ".json", ".jsm", ".mjs", ".xhtml")
_NESTED: Final = (".jar", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".7z", ".zip", ".xpi", ".crx")
_FLAGGED: Final = frozenset({"thumbs.db", ".ds_store", "desktop.ini"})
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UTF8: Final = 0x800
_ENCRYPTED: Final = 0x1
_SIGNED: Final = ("manifest.mf", ".rsa", ".sf", ".sig")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")
_CHUNK: Final = 256 * 1024
_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(ValueError, NotImplementedError, RuntimeError, KeyError, IndexError, OverflowError),
)


class Archive:
    """An opened package; `names` are the full paths of its files, with `/`."""

    def __init__(self, opened: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> None:
        self._opened = opened
        self._members = members
        self.names = frozenset(members)

    def read(self, name: str, limit: int = MAX_PARSED_BYTES) -> bytes:
        """At most `limit` bytes of a member."""
        with self._opened.open(self._members[name]) as member:
            return member.read(limit)

    def chunks(self, name: str) -> Iterator[bytes]:
        """A member in parts, whatever its size."""
        with self._opened.open(self._members[name]) as member:
            while part := member.read(_CHUNK):
                yield part

    def file_size(self, name: str) -> int:
        """The size of a member in bytes, uncompressed."""
        return self._members[name].file_size

    @property
    def size(self) -> int:
        """The size of all files in bytes, uncompressed."""
        return sum(info.file_size for info in self._members.values())

    @property
    def empty_files(self) -> list[str]:
        return sorted(name for name, info in self._members.items() if not info.file_size)


def open_archive(
    file: BufferedIOBase, file_name: str, report: Report, secrets: Sequence[bytes] = ()
) -> Archive | None:
    """None if the archive is unusable. A member that contains one of the secrets is an error."""
    if not file_name.lower().endswith(EXTENSIONS):
        report.add("unsupported_filetype")
        return None
    try:
        _check_frame(file, file_name)
        opened = zipfile.ZipFile(file)
        members = dict(_members(opened, report))
        if report.failed:
            return None
        has_secret = [_inflate(opened, info, secrets) for info in members.values()]
    except _BROKEN:
        report.add("bad_archive")
        return None
    if any(has_secret):
        report.add("api_key_detected")
    for name, info in members.items():
        _flag(name, info, report)
    return Archive(opened, members)


def _check_frame(file: BufferedIOBase, file_name: str) -> None:
    """Check that the file has no bytes before and after the archive. Raises ValueError, struct.error."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(16)
    start = 0
    if head.startswith(CRX):
        kind, first, second = struct.unpack("<III", head[4:16])
        start = 16 + first + second if kind == 2 else 12 + first
    file.seek(start)
    if file.read(4) not in (b"PK\x03\x04", b"PK\x05\x06"):
        raise ValueError("does not begin as an archive does")
    tail_size = min(size, 22 + 65535)
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    end = tail.rfind(b"PK\x05\x06")
    (comment,) = struct.unpack_from("<H", tail, end + 20) if end >= 0 else (-1,)
    if end + 22 + comment != len(tail):
        raise ValueError("something follows the archive")


def _members(opened: zipfile.ZipFile, report: Report) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    infos = opened.infolist()
    if len(infos) > MAX_ARCHIVE_MEMBERS:
        report.add("too_many_members", limit=MAX_ARCHIVE_MEMBERS)
        return
    if sum(info.file_size for info in infos) >= MAX_ARCHIVE_BYTES:
        report.add("archive_too_large")
        return
    seen: set[str] = set()
    for info in infos:
        name = _name(info)
        if name is None:
            report.add("bad_name", name=info.orig_filename.replace("\0", "\ufffd"))
        elif info.flag_bits & _ENCRYPTED:
            report.add("encrypted", name=name)
        elif info.compress_type not in _METHODS:
            report.add("bad_compression")
        elif _is_special(info):
            report.add("special_file", name=name)
        elif info.file_size > MAX_MEMBER_BYTES:
            report.add("member_too_large", name=name)
        elif name in seen:
            report.add("DUPLICATE_XPI_ENTRY", name=name)
        elif not name.endswith("/"):
            yield name, info
        seen.add(name or "")


def _name(info: zipfile.ZipInfo) -> str | None:
    """The name of a member; None if it leads out of the archive or cannot be decoded."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        try:
            name = name.encode("cp437").decode()
        except UnicodeError:
            return None
    parts = name.split("/")
    is_unsafe = "\\" in name or ".." in parts or not name or name.startswith("/") or parts[0].endswith(":")
    return None if is_unsafe or _CONTROL.search(name) else name


def _is_special(info: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(info.external_attr >> 16)
    return kind not in (0, stat.S_IFREG, stat.S_IFDIR)


def _inflate(opened: zipfile.ZipFile, info: zipfile.ZipInfo, secrets: Sequence[bytes]) -> bool:
    """Read a member to its end, which checks its CRC and its declared size.

    Returns whether it contains one of the secrets. Raises BadZipFile.
    """
    size, end, has_secret = 0, b"", False
    longest = max(map(len, secrets), default=1)
    wider = copy(info)
    wider.file_size += 1  # else the library would stop at the declared size, and not see what follows
    with opened.open(wider) as member:
        while part := member.read(_CHUNK):
            size += len(part)
            part = end + part
            has_secret = has_secret or any(secret in part for secret in secrets)
            end = part[1 - longest :] if longest > 1 else b""
    if size != info.file_size:
        raise zipfile.BadZipFile("another size than declared")
    return has_secret


def _flag(name: str, info: zipfile.ZipInfo, report: Report) -> None:
    lower = name.lower()
    base_name = lower.rpartition("/")[2]
    if lower.endswith(_PARSED) and info.file_size > MAX_PARSED_BYTES:
        report.add("FILE_TOO_LARGE", file=name)
    if base_name in _FLAGGED:
        report.add("FLAGGED_FILE", file=name)
    elif lower.startswith((".", "__macosx/")) or "/." in lower:
        report.add("HIDDEN_FILE", file=name)
    elif base_name.endswith(_NESTED):
        report.add("FLAGGED_FILE_EXTENSION", file=name)
    elif lower.startswith("meta-inf/") and base_name.endswith(_SIGNED):
        report.add("ALREADY_SIGNED", file=name)
