"""Redraws a picture in the stored sizes, without metadata (contract/writes.md 6.1).

Run as a program (server/background/child_process.py) it reads a task in JSON, a line break and the picture,
or a member's name and the descriptor of its package; it writes JSON, a line break and the bytes of all
sizes. It is a process of its own because a few bytes can unpack to any number of pixels.
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
    ending: str  # "png" or "jpg", as the picture was sent
    size: tuple[int, int]
    content: bytes


def resize(content: bytes, sizes: Mapping[str, Sequence[int]]) -> list[Resized]:
    """`sizes`: by name, what a picture must fit into; it is never made larger. Raises what Pillow raises."""
    from PIL import Image, ImageOps  # not imported by the server

    with Image.open(BytesIO(content), formats=_FORMATS) as opened:
        if opened.width * opened.height > MAX_IMAGE_PIXELS:
            raise ValueError("too many pixels")
        kind = opened.format or ""
        turned = ImageOps.exif_transpose(opened)
        image = turned.convert("RGB" if kind == "JPEG" else "RGBA")
    return [_resized(image, kind, name, (size[0], size[1])) for name, size in sizes.items()]


def _resized(image: "Image.Image", kind: str, name: str, size: tuple[int, int]) -> Resized:
    from PIL import Image

    made = image.copy()
    made.thumbnail(size, Image.Resampling.LANCZOS)
    made.info.clear()  # else profiles and comments would be saved
    if made.mode == "RGBA" and made.getchannel("A").getextrema() == (255, 255):
        made = made.convert("RGB")
    out = BytesIO()
    made.save(out, kind, **({"quality": _QUALITY} if kind == "JPEG" else {}))
    return Resized(name, "jpg" if kind == "JPEG" else "png", made.size, out.getvalue())


def _picture(task: Mapping[str, Any], sent: bytes) -> bytes:
    if task["member"] is None:
        return sent
    with open(task["descriptor"], "rb") as file, zipfile.ZipFile(file) as package:
        return package.open(task["member"]).read(MAX_IMAGE_BYTES)


if __name__ == "__main__":
    head, _, body = sys.stdin.buffer.read().partition(b"\n")
    task = orjson.loads(head)
    resized = resize(_picture(task, body), task["sizes"])
    rows = [(picture.name, picture.ending, picture.size, len(picture.content)) for picture in resized]
    sys.stdout.buffer.write(b"".join([orjson.dumps(rows), b"\n", *(picture.content for picture in resized)]))
