"""Images in a write: what an uploaded one must be, and where a described one may be (contract/writes.md 3.2);
which uploaded ones a document has (6.1).

The headers of PNG and JPEG are read, nothing is decoded. Pure; any thread.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from tornado.httputil import HTTPFile

from conf.limits import MAX_IMAGE_BYTES, MAX_IMAGE_PARTS, MAX_IMAGE_PIXELS, MAX_URL
from conf.model.addons import PictureDoc
from server.rules.fields import string, taken_by, takes, wrong
from server.rules.values import links

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_OTHERS: Final = (b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*", b"<svg", b"<?xml")  # images of other kinds
# JPEG segments that begin a frame and so have its size; those without content.
_FRAMES: Final = frozenset({*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_MEGABYTE: Final = 1024 * 1024
# Of a file in a form, or null, which takes away what there is.
FILE_SCHEMA: Final[dict[str, Any]] = {
    "type": ["string", "null"],
    "contentMediaType": "application/octet-stream",
}


class Size(NamedTuple):
    width: int
    height: int


class Drawn(NamedTuple):
    """A picture as it is kept."""

    path: str  # below the media address
    size: list[int]  # width, height
    stored: str  # "sha256:…", in the store of files

    @property
    def address(self) -> str:
        """Its path as documents have it, another one for other bytes."""
        return f"{self.path}?modified={mark(self.stored)}"


def mark(stored: str) -> str:
    """What tells the bytes of one path from others."""
    return stored.partition(":")[2][:8]


def check_upload(body: bytes, *, square: bool = False) -> Size:
    """The size in pixels of an image that may be uploaded. Raises Wrong."""
    if body.lstrip()[:5].startswith(_OTHERS):
        raise wrong("image_kind")
    if len(body) > MAX_IMAGE_BYTES:
        raise wrong("image_too_big", limit=MAX_IMAGE_BYTES // _MEGABYTE)
    try:
        size = _png(body) if body.startswith(_PNG) else _jpeg(body)
    except (struct.error, IndexError, ValueError):
        raise wrong("image_broken") from None
    if size.width * size.height > MAX_IMAGE_PIXELS:
        raise wrong("image_too_many_pixels", limit=MAX_IMAGE_PIXELS)
    if square and size.width != size.height:
        raise wrong("image_not_square")
    return size


def no_upload(value: Any) -> None:
    """Reads what is sent as a file: only null, which takes away what there is.

    Raises Wrong for a file, which is not taken here.
    """
    if value is None or value == "":
        return
    if not isinstance(value, HTTPFile):
        raise wrong("no_file")
    raise wrong("upload_unsupported")


@takes(**FILE_SCHEMA)
def upload(value: Any, *, square: bool = False) -> bytes | None:
    """Reads an image that may be uploaded; None, which takes away what there is. Raises Wrong."""
    if not isinstance(value, HTTPFile):
        no_upload(value)
        return None
    check_upload(value.body, square=square)
    return value.body


def with_pictures(document: Mapping[str, Any], drawn: Iterable[Drawn] = ()) -> dict[str, Any]:
    """An add-on or account with what was drawn for it, and without what it does not show any more."""
    known = {picture["path"]: picture for picture in document.get("pictures", ())}
    known |= {one.path: PictureDoc(path=one.path, stored=one.stored) for one in drawn}
    shown = {place.partition("?")[0] for place in _places(document)}
    pictures = [picture for path, picture in known.items() if path in shown]
    changed = pictures != document.get("pictures", [])
    return {**document, "pictures": pictures} if changed else dict(document)


def without_pictures(addon: Mapping[str, Any]) -> dict[str, Any]:
    """An add-on without what was uploaded for its listing."""
    gone = {picture["path"] for picture in addon.get("pictures", ())}
    if not gone:
        return dict(addon)
    icons = {size: place for size, place in addon["icons"].items() if place.partition("?")[0] not in gone}
    previews = [one for one in addon["previews"] if one["image_url"].partition("?")[0] not in gone]
    return {**addon, "icons": icons, "previews": previews, "pictures": []}


def _places(document: Mapping[str, Any]) -> Iterator[str]:
    yield from document.get("icons", {}).values()
    yield document.get("picture") or ""
    for preview in document.get("previews", ()):
        yield from (preview["image_url"], preview["thumbnail_url"])


def check_place(text: str) -> None:
    """A path below the media address, or an address elsewhere."""
    if not text.startswith("/"):
        links.check_url(text)


_read_place: Final = string(MAX_URL, check=check_place)


@takes(**taken_by(_read_place))
def place(value: Any) -> str:
    """Reads where a file is."""
    found: str = _read_place(value)
    return found


def _png(body: bytes) -> Size:
    size = None
    for kind, content in _chunks(body):
        if kind == b"acTL":
            raise wrong("image_animated")
        if kind == b"IHDR":
            size = Size(*struct.unpack(">II", content[:8]))
        elif kind == b"IDAT" and size:
            return size
    raise ValueError("no image")


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_PNG)
    for _ in range(MAX_IMAGE_PARTS):
        length, kind = struct.unpack_from(">I4s", body, place)
        content = body[place + 8 : place + 8 + length]
        (check,) = struct.unpack_from(">I", body, place + 8 + length)
        if zlib.crc32(kind + content) != check:
            raise ValueError("damaged")
        yield kind, content
        place += 12 + length


def _jpeg(body: bytes) -> Size:
    if not body.startswith(_JPEG):
        raise ValueError("no image")
    place = 2
    for _ in range(MAX_IMAGE_PARTS):
        if body[place] != 0xFF:
            raise ValueError("damaged")
        kind = body[place + 1]
        if kind in _FRAMES:
            height, width = struct.unpack_from(">HH", body, place + 5)
            return Size(width, height)
        place += 2 if kind in _BARE else 2 + int(struct.unpack_from(">H", body, place + 2)[0])
    raise ValueError("too many segments")
