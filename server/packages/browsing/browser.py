"""Reads and rewrites stored packages in child processes with limits.

    output = await browser.run_task([base, stored], {"path": "background.js", ...})
    await browser.renumber(stored, "1.3", open_file)

The tasks are those of contents.py, comparison.py and server/packages/renumbering.py. Event loop only.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from io import BufferedIOBase
from typing import Any, Final

import orjson

from conf.limits import MAX_ARCHIVE_BYTES, MAX_BROWSED_BYTES
from server.background.child_process import ChildFailed, ChildSlots, run_child
from server.errors import NotBrowsable
from server.files.files import Files
from server.files.uploaded_file import open_spool

_SECONDS: Final = 30.0  # for a child
_MEDIA_TYPE: Final = 1024  # bytes in front of a raw file's own


class PackageBrowser:
    """Runs a few tasks at a time. Each fetches its packages again, because they may be too large to cache."""

    def __init__(self, files: Files, data_dir: str) -> None:
        self._files = files
        self._data_dir = data_dir
        self._slots = ChildSlots()

    async def run_task(self, stored: Sequence[str], task: Mapping[str, Any]) -> bytes:
        """The program's output about one package, or about two, the earlier first; `stored` are their ids.

        Raises Busy, NotBrowsable, NotFound, BadDocument, Unavailable, and OSError of a full disk.
        """
        program = (
            "server.packages.browsing.contents" if len(stored) == 1 else "server.packages.browsing.comparison"
        )
        async with self._slots, AsyncExitStack() as stack:
            packages = [await self._fetch(id_, stack) for id_ in stored]
            input = orjson.dumps({**task, "descriptors": [package.fileno() for package in packages]})
            try:
                return await run_child(
                    program,
                    input,
                    seconds=_SECONDS,
                    files=packages,
                    max_bytes=MAX_BROWSED_BYTES + _MEDIA_TYPE,
                )
            except (ChildFailed, TimeoutError) as fault:
                raise NotBrowsable from fault

    async def renumber(self, stored: str, version: str, sink: BufferedIOBase) -> None:
        """Write the package to a file, with another version in its manifest. Raises as `run_task`."""
        async with self._slots, AsyncExitStack() as stack:
            package = await self._fetch(stored, stack)
            task = orjson.dumps({"descriptors": [package.fileno()], "version": version})
            try:
                await run_child(
                    "server.packages.renumbering",
                    task,
                    seconds=_SECONDS,
                    files=[package],
                    max_bytes=MAX_ARCHIVE_BYTES,
                    sink=sink,
                )
            except (ChildFailed, TimeoutError) as fault:
                raise NotBrowsable from fault
        await asyncio.to_thread(sink.flush)

    async def _fetch(self, id_: str, stack: AsyncExitStack) -> BufferedIOBase:
        """A copy in an unnamed file, which the stack closes."""
        package = stack.enter_context(open_spool(self._data_dir))
        async for part in self._files.read(id_):
            await asyncio.to_thread(package.write, part)
        await asyncio.to_thread(package.flush)
        return package
