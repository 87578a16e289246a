"""The kind of a file in a package, by its bytes first and its name second (contract/reviewers.md 4).

    detect_kind("icons/a.png", head)     -> FileKind("image/png", "image")
    as_text(content)                     -> text without its byte order mark

A file named as code is text whatever it contains, because otherwise a NUL would hide a script from
reviewers. Pure; any thread.
"""

import codecs
import mimetypes
import re
from typing import Final, NamedTuple

HEAD_BYTES: Final = 1024  # at the beginning of a file; they decide about its kind
TEXT: Final = "text"

_UNKNOWN: Final = "application/octet-stream"
_CODE: Final = {
    ".js": "application/javascript",
    ".jsm": "application/javascript",
    ".mjs": "application/javascript",
    ".json": "application/json",
    ".css": "text/css",
    ".htm": "text/html",
    ".html": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".xml": "application/xml",
    ".xul": "application/vnd.mozilla.xul+xml",
    ".rdf": "application/rdf+xml",
}
_VECTORS: Final = "image/svg+xml"
_IMAGES: Final = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"BM....\x00{4}", re.DOTALL), "image/bmp"),
    (re.compile(rb"\x00\x00\x01\x00"), "image/x-icon"),
)
_BINARY: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# The longer mark comes first, because UTF-32's begins with UTF-16's.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Only Python's own table, because those of machines differ.
_NAMES: Final = mimetypes.MimeTypes(filenames=())


class FileKind(NamedTuple):
    """A media type, and what a reader can do with it: "text", "image", "directory" or "binary"."""

    mimetype: str
    category: str


DIRECTORY: Final = FileKind(_UNKNOWN, "directory")


def detect_kind(name: str, head: bytes) -> FileKind:
    """The kind of a file with this name and these first bytes."""
    code = _CODE.get(_suffix(name))
    if code is not None:
        return FileKind(code, TEXT)
    guessed = guess_type(name)
    if not _BINARY.search(head) or _byte_order_mark(head):
        if guessed == _VECTORS:
            return FileKind(guessed, "image")
        return FileKind(guessed if guessed.startswith("text/") else "text/plain", TEXT)
    for beginning, mimetype in _IMAGES:
        if beginning.match(head):
            return FileKind(mimetype, "image")
    return FileKind(_UNKNOWN if guessed.startswith(("image/", "text/")) else guessed, "binary")


def guess_type(name: str) -> str:
    """The media type by the name alone."""
    return _CODE.get(_suffix(name)) or _NAMES.guess_type(name)[0] or _UNKNOWN


def _suffix(name: str) -> str:
    return "." + name.rpartition(".")[2].lower()


def _byte_order_mark(content: bytes) -> tuple[bytes, str] | None:
    return next((mark for mark in _MARKS if content.startswith(mark[0])), None)


def as_text(content: bytes) -> str:
    """The content decoded by its byte order mark, else as UTF-8, else as Latin-1."""
    mark = _byte_order_mark(content)
    if mark is not None:
        return content[len(mark[0]) :].decode(mark[1], "replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")
