"""Compiles what callers had to wait for, after they have their answers.

    compiler = Compiler(compile, store)
    compiler.want("row", view, [7, 9])      # some time later: compile("row", view, 7)

An object at a time, with rests in between for whoever asks for something meanwhile, and as long as what
waits for a checkpoint leaves room. What is too much, or left when the program ends, is compiled when it is
asked for again. Event loop only.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from index.documents.row_store import RowStore
from index.shapes.view import View
from index.snapshot.records import Damaged

_MOST: Final = 20_000  # objects that wait, a few megabytes
_REST: Final = 0.001  # seconds before each, twice what it takes, or less
_FULL: Final = 0.5  # seconds between two looks whether a checkpoint has made room


class Compiler:
    def __init__(self, compile: Callable[[str, View, int], None], store: RowStore) -> None:
        self._compile = compile
        self._store = store
        self._wanted: dict[tuple[str, View, int], None] = {}
        self._task: asyncio.Task[None] | None = None

    def want(self, kind: str, view: View, ids: Iterable[int]) -> None:
        """`view`: of any of the readers for whom it is compiled together."""
        if not self._store.is_kept or len(self._wanted) >= _MOST:
            return
        anybody = View(view.version, wrap=view.wrap, grouped=view.grouped)
        self._wanted.update(dict.fromkeys((kind, anybody, addon_id) for addon_id in ids))
        if self._task is None or self._task.done():
            with suppress(RuntimeError):  # no event loop
                self._task = asyncio.get_running_loop().create_task(self._work(), name="compiler")

    async def _work(self) -> None:
        with suppress(Damaged):  # whoever asks for it is told
            while self._wanted:
                await asyncio.sleep(_REST if self._store.has_room else _FULL)
                if self._store.has_room:
                    self._compile(*self._wanted.popitem()[0])

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
