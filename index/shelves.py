"""Rendered bytes by view: a cache bounded in bytes, cheap on a hit.

One shelf holds the rendered objects of one kind for one view, some of them
ready (`hot`), more of them compressed (`packed`), for a ready one takes six
times the room and a packed one comes back in microseconds, which is a twentieth
of rendering it. When either is full, the oldest objects of the view that was
asked for least recently make room. Event loop only.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from conf.locales import SUPPORTED
from index.packing import Packer
from index.view import View

_HOT_SHARE: Final = 0.25
_OVERHEAD: Final = 100  # bytes of bookkeeping an object costs beside its text
_SUPPORTED: Final = frozenset(SUPPORTED)

Texts = dict[int, bytes]


@dataclass(eq=False, slots=True)
class Shelf:
    """Texts by add-on id; readers look into `hot` themselves, then ask `Shelves.fetch`."""

    hot: Texts = field(default_factory=dict)
    packed: Texts = field(default_factory=dict)


class Shelves:
    def __init__(self, limit: int) -> None:
        """`limit`: bytes held at most, bookkeeping estimated."""
        self._room = {"hot": int(limit * _HOT_SHARE), "packed": int(limit * (1 - _HOT_SHARE))}
        self._size = {"hot": 0, "packed": 0}
        self._shelves: OrderedDict[tuple[str, View], Shelf] = OrderedDict()
        self._packer = Packer()

    def fit(self, samples: Iterable[bytes]) -> None:
        """Fit the packing to texts like these; only before the first is kept."""
        self._packer = Packer.trained(samples)

    @property
    def size(self) -> int:
        return sum(self._size.values())

    @property
    def is_full(self) -> bool:
        """Whether packing many more would push others out."""
        return self._size["packed"] > self._room["packed"] * 15 // 16

    def shelf(self, kind: str, view: View) -> Shelf | None:
        """The shelf of a kind and view.

        None for an unknown `lang`: anybody can invent one, so it gets no place.
        """
        if view.lang is not None and view.lang not in _SUPPORTED:
            return None
        key = (kind, view)
        shelf = self._shelves.get(key)
        if shelf is None:
            shelf = self._shelves[key] = Shelf()
        else:
            self._shelves.move_to_end(key)
        return shelf

    def fetch(self, shelf: Shelf, addon_id: int) -> bytes | None:
        """A packed text, ready again."""
        packed = shelf.packed.get(addon_id)
        if packed is None:
            return None
        text = self._packer.unpack(packed)
        self._put(shelf.hot, "hot", addon_id, text)
        return text

    def keep(self, shelf: Shelf, addon_id: int, text: bytes) -> None:
        """Keep a text that was just rendered, ready and packed."""
        self._put(shelf.hot, "hot", addon_id, text)
        self.store(shelf, addon_id, text)

    def store(self, shelf: Shelf, addon_id: int, text: bytes) -> None:
        """Keep a text packed only: nobody has asked for it yet."""
        self._put(shelf.packed, "packed", addon_id, self._packer.pack(text))

    def forget(self, addon_id: int) -> None:
        for shelf in self._shelves.values():
            self._drop(shelf.hot, "hot", addon_id)
            self._drop(shelf.packed, "packed", addon_id)

    def _put(self, texts: Texts, kind: str, addon_id: int, text: bytes) -> None:
        self._drop(texts, kind, addon_id)
        texts[addon_id] = text
        self._size[kind] += len(text) + _OVERHEAD
        if self._size[kind] > self._room[kind]:
            self._shrink(kind)

    def _drop(self, texts: Texts, kind: str, addon_id: int) -> None:
        text = texts.pop(addon_id, None)
        if text is not None:
            self._size[kind] -= len(text) + _OVERHEAD

    def _shrink(self, kind: str) -> None:
        """Down to an eighth below the limit: one by one, each would look for the oldest anew."""
        goal = self._room[kind] * 7 // 8
        for key, shelf in list(self._shelves.items()):
            texts = shelf.hot if kind == "hot" else shelf.packed
            for addon_id in list(texts):
                if self._size[kind] <= goal:
                    return
                self._drop(texts, kind, addon_id)
            if not shelf.hot and not shelf.packed and key != next(reversed(self._shelves)):
                del self._shelves[key]  # never the one in use
