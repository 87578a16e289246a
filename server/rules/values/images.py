"""Images in bodies, uploaded or by their addresses (contract/writes.md 3.2), and the uploaded pictures of a
document (6.1).

Reads the headers of PNG and JPEG without decoding images. Pure; any thread.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from tornado.httputil import HTTPFile

from conf.limits import MAX_IMAGE_BYTES, MAX_IMAGE_PARTS, MAX_IMAGE_PIXELS, MAX_URL
from conf.model.addons import PictureDoc
from server.rules.fields import reader_schema, string, with_schema, wrong_value
from server.rules.values import links

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
# First bytes of formats that are not accepted.
_UNSUPPORTED: Final = (b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*", b"<svg", b"<?xml")
# JPEG segments that begin a frame and contain its size; segments without content.
_FRAMES: Final = frozenset({*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
_EMPTY_SEGMENTS: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_MEGABYTE: Final = 1024 * 1024
# A file in a form, or null, which removes the stored one.
FILE_SCHEMA: Final[dict[str, Any]] = {
    "type": ["string", "null"],
    "contentMediaType": "application/octet-stream",
}


class Size(NamedTuple):
    width: int
    height: int


class DrawnPicture(NamedTuple):
    """A stored picture."""

    path: str  # below the media address
    size: list[int]  # width, height
    stored: str  # "sha256:…", in the store of files

    @property
    def address(self) -> str:
        """Its path in documents, which changes with the bytes."""
        return f"{self.path}?modified={mark(self.stored)}"


def mark(stored: str) -> str:
    """The beginning of the digest, by which an address changes with the bytes."""
    return stored.partition(":")[2][:8]


def check_upload(body: bytes, *, square: bool = False) -> Size:
    """The size in pixels of an image that may be uploaded. Raises WrongValue."""
    if body.lstrip()[:5].startswith(_UNSUPPORTED):
        raise wrong_value("image_kind")
    if len(body) > MAX_IMAGE_BYTES:
        raise wrong_value("image_too_big", limit=MAX_IMAGE_BYTES // _MEGABYTE)
    try:
        size = _png(body) if body.startswith(_PNG) else _jpeg(body)
    except (struct.error, IndexError, ValueError):
        raise wrong_value("image_broken") from None
    if size.width * size.height > MAX_IMAGE_PIXELS:
        raise wrong_value("image_too_many_pixels", limit=MAX_IMAGE_PIXELS)
    if square and size.width != size.height:
        raise wrong_value("image_not_square")
    return size


def check_removal(value: Any) -> None:
    """Accepts null, which removes the stored file.

    Raises WrongValue for anything else.
    """
    if value is None or value == "":
        return
    if not isinstance(value, HTTPFile):
        raise wrong_value("no_file")
    raise wrong_value("upload_unsupported")


@with_schema(**FILE_SCHEMA)
def upload(value: Any, *, square: bool = False) -> bytes | None:
    """Reads an uploaded image; None removes the stored one. Raises WrongValue."""
    if not isinstance(value, HTTPFile):
        check_removal(value)
        return None
    check_upload(value.body, square=square)
    return value.body


def with_pictures(document: Mapping[str, Any], drawn: Iterable[DrawnPicture] = ()) -> dict[str, Any]:
    """The add-on or account with new pictures, and without pictures that it no longer refers to."""
    by_path = {picture["path"]: picture for picture in document.get("pictures", ())}
    by_path |= {picture.path: PictureDoc(path=picture.path, stored=picture.stored) for picture in drawn}
    paths = {address.partition("?")[0] for address in _addresses(document)}
    pictures = [picture for path, picture in by_path.items() if path in paths]
    changed = pictures != document.get("pictures", [])
    return {**document, "pictures": pictures} if changed else dict(document)


def without_pictures(addon: Mapping[str, Any]) -> dict[str, Any]:
    """The add-on without the pictures that were uploaded for its listing."""
    uploaded_paths = {picture["path"] for picture in addon.get("pictures", ())}
    if not uploaded_paths:
        return dict(addon)
    icons = {
        size: address
        for size, address in addon["icons"].items()
        if address.partition("?")[0] not in uploaded_paths
    }
    previews = [
        preview
        for preview in addon["previews"]
        if preview["image_url"].partition("?")[0] not in uploaded_paths
    ]
    return {**addon, "icons": icons, "previews": previews, "pictures": []}


def _addresses(document: Mapping[str, Any]) -> Iterator[str]:
    yield from document.get("icons", {}).values()
    yield document.get("picture") or ""
    for preview in document.get("previews", ()):
        yield from (preview["image_url"], preview["thumbnail_url"])


def check_address(text: str) -> None:
    """Raises WrongValue unless it is a path below the media address, or a URL."""
    if not text.startswith("/"):
        links.check_url(text)


_read_address: Final = string(MAX_URL, check=check_address)


@with_schema(**reader_schema(_read_address))
def address(value: Any) -> str:
    """Reads the address of a file."""
    text: str = _read_address(value)
    return text


def _png(body: bytes) -> Size:
    size = None
    for kind, content in _chunks(body):
        if kind == b"acTL":
            raise wrong_value("image_animated")
        if kind == b"IHDR":
            size = Size(*struct.unpack(">II", content[:8]))
        elif kind == b"IDAT" and size:
            return size
    raise ValueError("no image")


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset = len(_PNG)
    for _ in range(MAX_IMAGE_PARTS):
        length, kind = struct.unpack_from(">I4s", body, offset)
        content = body[offset + 8 : offset + 8 + length]
        (check,) = struct.unpack_from(">I", body, offset + 8 + length)
        if zlib.crc32(kind + content) != check:
            raise ValueError("damaged")
        yield kind, content
        offset += 12 + length


def _jpeg(body: bytes) -> Size:
    if not body.startswith(_JPEG):
        raise ValueError("no image")
    offset = 2
    for _ in range(MAX_IMAGE_PARTS):
        if body[offset] != 0xFF:
            raise ValueError("damaged")
        kind = body[offset + 1]
        if kind in _FRAMES:
            height, width = struct.unpack_from(">HH", body, offset + 5)
            return Size(width, height)
        offset += 2 if kind in _EMPTY_SEGMENTS else 2 + int(struct.unpack_from(">H", body, offset + 2)[0])
    raise ValueError("too many segments")
