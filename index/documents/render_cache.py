"""Rendered bytes by view: a cache bounded in bytes, cheap on a hit.

One shelf holds the rendered objects of one kind for one view, some of them
ready, more of them compressed (`packed`), for a ready one takes six times the
room and a packed one comes back in microseconds, which is a twentieth of
rendering it. What most callers ask for is rendered ahead of them (`bundles`).

Ready ones are of two ages. When the young have filled half the room they become
the old, and the old ones before them go: what is asked for again stays, and none
needs its own bookkeeping. When packed ones are too many, the oldest objects of
the view that was asked for least recently make room. Event loop only.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from conf.locales import SUPPORTED
from index.documents.compression import Compressor, dictionary_of
from index.documents.prerendered import Prerendered, Slot
from index.shapes.view import View

_READY_SHARE: Final = 0.15
_BUNDLED_SHARE: Final = 0.75
_OVERHEAD: Final = 100  # bytes of bookkeeping an object costs beside its text
_MOST: Final = 1000  # shelves; callers can ask for a hundred thousand different views
_SUPPORTED: Final = frozenset(SUPPORTED)

RenderedTexts = dict[int, bytes]


@dataclass(eq=False, slots=True)
class Shelf:
    """Texts by add-on id; `RenderCache.fetch` looks for them."""

    place: int | None  # among the bundled ones
    young: RenderedTexts = field(default_factory=dict)
    old: RenderedTexts = field(default_factory=dict)
    packed: RenderedTexts = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.young or self.old or self.packed)


class RenderCache:
    def __init__(self, limit: int, bundled: Sequence[Slot] = ()) -> None:
        """`limit`: bytes held at most, bookkeeping estimated; `bundled`: see Bundles."""
        self._limit = limit
        self._ready_room = int(limit * _READY_SHARE)
        self._young_size = self._old_size = self._packed_size = 0
        self._shelves: OrderedDict[tuple[str, View], Shelf] = OrderedDict()
        self._packer = Compressor()
        self.bundles = Prerendered(int(limit * _BUNDLED_SHARE), bundled)

    def fit(self, samples: Iterable[bytes]) -> None:
        """Fit the packing to texts like these; only before the first is kept."""
        self.use(dictionary_of(samples))

    @property
    def dictionary(self) -> bytes:
        """What `fit` found out, for the `use` of other shelves."""
        return self._packer.dictionary

    def use(self, dictionary: bytes) -> None:
        """In place of `fit`."""
        self._packer = Compressor(dictionary)
        self.bundles.use(dictionary)

    @property
    def size(self) -> int:
        return self._young_size + self._old_size + self._packed_size + self.bundles.size

    def shelf(self, kind: str, view: View) -> Shelf | None:
        """The shelf of a kind and view.

        None for an unknown `lang`: anybody can invent one, so it gets no place.
        """
        if view.lang is not None and view.lang not in _SUPPORTED:
            return None
        key = (kind, view)
        shelf = self._shelves.get(key)
        if shelf is None:
            if len(self._shelves) >= _MOST:
                self._drop_oldest()
            shelf = self._shelves[key] = Shelf(self.bundles.place(kind, view))
        else:
            self._shelves.move_to_end(key)
        return shelf

    def fetch(self, shelf: Shelf, ids: Iterable[int]) -> list[bytes | None]:
        """The texts of these add-ons, made ready; None for those that have to be rendered."""
        young, old, find = shelf.young, shelf.old, self._finder(shelf)
        texts: list[bytes | None] = []
        for addon_id in ids:
            text = young.get(addon_id)
            if text is None:
                text = old.get(addon_id) or find(addon_id)
                if text is not None:
                    young[addon_id] = text
                    self._young_size += len(text) + _OVERHEAD
            texts.append(text)
        self._age()
        return texts

    def _finder(self, shelf: Shelf) -> Callable[[int], bytes | None]:
        """What brings back a text that is not ready."""
        packed, unpack = shelf.packed.get, self._packer.unpack

        def find(addon_id: int) -> bytes | None:
            found = packed(addon_id)
            return None if found is None else unpack(found)

        return find if shelf.place is None else self.bundles.finder(shelf.place, find)

    def keep(self, shelf: Shelf, addon_id: int, text: bytes) -> None:
        """Keep a text that was just rendered, ready and packed."""
        shelf.young[addon_id] = text
        self._young_size += len(text) + _OVERHEAD
        self._age()
        self._drop_packed(shelf, addon_id)
        packed = shelf.packed[addon_id] = self._packer.pack(text)
        self._packed_size += len(packed) + _OVERHEAD
        self._make_room()

    def bundle(self, addon_id: int, packed: bytes) -> None:
        """Keep what was rendered ahead and packed by the bundles' chain."""
        self.bundles.put(addon_id, packed)
        self._make_room()

    def forget(self, addon_id: int) -> None:
        self.bundles.drop(addon_id)
        for shelf in self._shelves.values():
            # Sizes of the ready ones are not corrected: too large an estimate ages them sooner.
            shelf.young.pop(addon_id, None)
            shelf.old.pop(addon_id, None)
            self._drop_packed(shelf, addon_id)

    def _age(self) -> None:
        if self._young_size * 2 <= self._ready_room:
            return
        for shelf in self._shelves.values():
            shelf.young, shelf.old = {}, shelf.young
        self._young_size, self._old_size = 0, self._young_size

    def _drop_packed(self, shelf: Shelf, addon_id: int) -> None:
        packed = shelf.packed.pop(addon_id, None)
        if packed is not None:
            self._packed_size -= len(packed) + _OVERHEAD

    def _drop_oldest(self) -> None:
        _, shelf = self._shelves.popitem(last=False)
        for addon_id in list(shelf.packed):
            self._drop_packed(shelf, addon_id)

    def _make_room(self) -> None:
        """Packed ones may have what is neither for ready ones nor taken by bundles.

        Down to an eighth below it: one by one, each would look for the oldest anew.
        """
        room = self._limit - self._ready_room - self.bundles.size
        if self._packed_size <= room:
            return
        for key, shelf in list(self._shelves.items()):
            for addon_id in list(shelf.packed):
                if self._packed_size <= room * 7 // 8:
                    return
                self._drop_packed(shelf, addon_id)
            if shelf.is_empty and key != next(reversed(self._shelves)):
                del self._shelves[key]  # never the one in use
