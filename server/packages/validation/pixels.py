"""Reads the size of an icon in a package from the beginning of its file, without decoding it."""

import struct
from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
# JPEG segments that begin a frame and so have its size.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SEGMENTS: Final = 1000


def is_drawable(image: bytes) -> bool:
    """Whether icons can be made from this format. SVG is not one, because it is not safe to serve."""
    return image.startswith((_PNG, _JPEG))


def image_size(image: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF or JPEG; None for other formats."""
    try:
        if image.startswith(_PNG):
            width, height = struct.unpack_from(">II", image, 16)
        elif image.startswith(b"GIF8"):
            width, height = struct.unpack_from("<HH", image, 6)
        elif image.startswith(_JPEG):
            height, width = struct.unpack_from(">HH", image, _frame(image) + 5)
        else:
            return None
    except (struct.error, IndexError):
        return None
    return width, height


def _frame(image: bytes) -> int:
    """The offset of the first frame. Raises IndexError, struct.error."""
    offset = 2
    for _ in range(_SEGMENTS):
        if image[offset + 1] in _FRAMES:
            return offset
        offset += 2 + int(struct.unpack_from(">H", image, offset + 2)[0])
    raise IndexError
