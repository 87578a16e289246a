"""Rendered bytes by view: a cache bounded in bytes, cheap on a hit.

One shelf holds the rendered objects of one kind for one view. A hit costs one
dict look-up; when the whole is too large, the oldest objects of the view that
was asked for least recently go first. Event loop only.
"""

from collections import OrderedDict
from typing import Final

from conf.locales import SUPPORTED
from index.view import View

_OVERHEAD: Final = 100  # bytes of bookkeeping an object costs beside its text
_SUPPORTED: Final = frozenset(SUPPORTED)

Shelf = dict[int, bytes]


class Shelves:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._shelves: OrderedDict[tuple[str, View], Shelf] = OrderedDict()

    @property
    def size(self) -> int:
        """Bytes held, bookkeeping estimated."""
        return self._size

    def shelf(self, kind: str, view: View) -> Shelf | None:
        """The shelf to read from; callers add to it through `keep` only.

        None for an unknown `lang`: anybody can invent one, so it gets no place.
        """
        if view.lang is not None and view.lang not in _SUPPORTED:
            return None
        key = (kind, view)
        shelf = self._shelves.get(key)
        if shelf is None:
            shelf = self._shelves[key] = {}
        else:
            self._shelves.move_to_end(key)
        return shelf

    def keep(self, shelf: Shelf, addon_id: int, text: bytes) -> None:
        if addon_id in shelf:
            self._size -= len(shelf[addon_id]) + _OVERHEAD
        shelf[addon_id] = text
        self._size += len(text) + _OVERHEAD
        if self._size > self._limit:
            self._shrink()

    def forget(self, addon_id: int) -> None:
        for shelf in self._shelves.values():
            text = shelf.pop(addon_id, None)
            if text is not None:
                self._size -= len(text) + _OVERHEAD

    def _shrink(self) -> None:
        while self._size > self._limit and self._shelves:
            key, shelf = next(iter(self._shelves.items()))
            while shelf and self._size > self._limit:
                self._size -= len(shelf.pop(next(iter(shelf)))) + _OVERHEAD
            if not shelf and len(self._shelves) > 1:
                del self._shelves[key]
