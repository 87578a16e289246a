"""Redraws a picture in the stored sizes, without metadata (contract/writes.md 6.1).

It runs as a program (server/background/child_process.py), because a few bytes can unpack to any number of
pixels. It reads a task in JSON, a line break and the picture; the task may name a member and the descriptor
of its package instead. It writes JSON, a line break and the bytes of all sizes.
"""

import sys
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from conf.limits import MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS

if TYPE_CHECKING:
    from PIL import Image

_FORMATS: Final = ("PNG", "JPEG")
_QUALITY: Final = 90  # of JPEG


class Resized(NamedTuple):
    """A picture in one of its sizes."""

    name: str  # of the size
    suffix: str  # "png" or "jpg", as the picture was sent
    size: tuple[int, int]
    content: bytes


def resize(content: bytes, sizes: Mapping[str, Sequence[int]]) -> list[Resized]:
    """`sizes`: the box, by name, that a picture must fit into; it is not enlarged. Raises as Pillow does."""
    from PIL import Image, ImageOps  # not imported by the server

    with Image.open(BytesIO(content), formats=_FORMATS) as opened:
        if opened.width * opened.height > MAX_IMAGE_PIXELS:
            raise ValueError("too many pixels")
        file_format = opened.format or ""
        rotated = ImageOps.exif_transpose(opened)
        image = rotated.convert("RGB" if file_format == "JPEG" else "RGBA")
    return [_resized(image, file_format, name, (size[0], size[1])) for name, size in sizes.items()]


def _resized(image: "Image.Image", file_format: str, name: str, size: tuple[int, int]) -> Resized:
    from PIL import Image

    copy = image.copy()
    copy.thumbnail(size, Image.Resampling.LANCZOS)
    copy.info.clear()  # or profiles and comments would be saved
    if copy.mode == "RGBA" and copy.getchannel("A").getextrema() == (255, 255):
        copy = copy.convert("RGB")
    out = BytesIO()
    copy.save(out, file_format, **({"quality": _QUALITY} if file_format == "JPEG" else {}))
    return Resized(name, "jpg" if file_format == "JPEG" else "png", copy.size, out.getvalue())


def _picture(task: Mapping[str, Any], sent: bytes) -> bytes:
    if task["member"] is None:
        return sent
    with open(task["descriptor"], "rb") as file, zipfile.ZipFile(file) as package:
        return package.open(task["member"]).read(MAX_IMAGE_BYTES)


if __name__ == "__main__":
    head, _, body = sys.stdin.buffer.read().partition(b"\n")
    task = orjson.loads(head)
    resized = resize(_picture(task, body), task["sizes"])
    rows = [(picture.name, picture.suffix, picture.size, len(picture.content)) for picture in resized]
    sys.stdout.buffer.write(b"".join([orjson.dumps(rows), b"\n", *(picture.content for picture in resized)]))
