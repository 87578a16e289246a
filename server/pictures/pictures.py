"""Redraws pictures that callers sent, in a child process, and stores them as files (contract/writes.md 6.1).

    drawn = await pictures.draw(body, ICON, "/addon_icons/0/7-%s")       # {"32": DrawnPicture(...), ...}
    drawn = await pictures.draw_member(package, "icons/64.png", ICON, "/addon_icons/0/7-%s")

The bytes are stored before the change that refers to them. Event loop only.
"""

from collections.abc import Iterator, Mapping
from io import BufferedIOBase, BytesIO
from typing import Any, Final

import orjson

from server.background.child_process import ChildSlots, run_child
from server.files.files import Files
from server.pictures.resizing import Resized
from server.rules.values.images import DrawnPicture

Sizes = Mapping[str, tuple[int, int]]  # by name, pixels

_SECONDS: Final = 20.0
_MAX_ANSWER: Final = 32 * 1024**2  # bytes


class Pictures:
    """`draw` takes a picture, `draw_member` a picture in a package; `%s` in a path stands for the name of a
    size.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._slots = ChildSlots()

    async def draw(self, picture: bytes, sizes: Sizes, path: str) -> dict[str, DrawnPicture]:
        """Raises ChildFailed, TimeoutError (no valid picture, or over the limits); Unavailable, ReadOnly,
        Busy.
        """
        return await self._draw({"sizes": sizes, "member": None}, picture, None, path)

    async def draw_member(
        self, package: BufferedIOBase, member: str, sizes: Sizes, path: str
    ) -> dict[str, DrawnPicture]:
        """Draw a member of an open package. Raises as `draw`."""
        task = {"sizes": sizes, "member": member, "descriptor": package.fileno()}
        return await self._draw(task, b"", package, path)

    async def _draw(
        self, task: dict[str, Any], picture: bytes, file: BufferedIOBase | None, path: str
    ) -> dict[str, DrawnPicture]:
        async with self._slots:
            answer = await run_child(
                "server.pictures.resizing",
                b"\n".join([orjson.dumps(task), picture]),
                seconds=_SECONDS,
                files=[file] if file else [],
                max_bytes=_MAX_ANSWER,
            )
        drawn = {}
        for resized in _read(answer):
            stored = (await self._files.put(BytesIO(resized.content))).id
            drawn[resized.name] = DrawnPicture(
                f"{path % resized.name}.{resized.suffix}", list(resized.size), stored
            )
        return drawn


def _read(answer: bytes) -> Iterator[Resized]:
    head, _, content = answer.partition(b"\n")
    for name, suffix, size, length in orjson.loads(head):
        yield Resized(name, suffix, tuple(size), content[:length])
        content = content[length:]
