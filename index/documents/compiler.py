"""Compiles what callers had to wait for, after they have their answers.

    compiler = Compiler(compile, store)
    compiler.want("row", view, [7, 9])      # some time later: compile("row", view, 7)

An object at a time, with rests in between for whoever asks for something meanwhile. A place that has
no room, a program that ends, or one without an event loop, and some of it is not compiled: it is asked
for again. Event loop only.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from index.documents.row_store import RowStore
from index.shapes.view import View
from index.snapshot.records import Damaged

_MOST: Final = 4000  # objects that wait
_REST: Final = 0.001  # seconds after each, about half of what it takes


class Compiler:
    def __init__(self, compile: Callable[[str, View, int], None], store: RowStore) -> None:
        self._compile = compile
        self._store = store
        self._wanted: dict[tuple[str, View, int], None] = {}
        self._task: asyncio.Task[None] | None = None

    def want(self, kind: str, view: View, ids: Iterable[int]) -> None:
        """`view`: of any of the readers for whom it is compiled together."""
        if not self._store.has_room or len(self._wanted) >= _MOST:
            return
        anybody = View(view.version, wrap=view.wrap, grouped=view.grouped)
        self._wanted.update(dict.fromkeys((kind, anybody, addon_id) for addon_id in ids))
        if self._task is None or self._task.done():
            with suppress(RuntimeError):  # no event loop
                self._task = asyncio.get_running_loop().create_task(self._work(), name="compiler")

    async def _work(self) -> None:
        with suppress(Damaged):  # whoever asks for it is told
            while self._wanted and self._store.has_room:
                await asyncio.sleep(_REST)
                self._compile(*self._wanted.popitem()[0])
        self._wanted.clear()

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
