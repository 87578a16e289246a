"""What most callers ask for of each add-on, rendered ahead and packed together.

    bundles = Bundles(limit, slots)
    bundles.put(7, bundles.chain.pack(texts))   # one text for each slot; `pack` in any thread
    bundles.finder(place, otherwise)(7)         # the text of the slot at that place

Bounded in bytes: when full, no more are taken. Event loop only.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from index.documents.compression import Chain
from index.shapes.view import View

FindRendered = Callable[[int], bytes | None]

_OVERHEAD: Final = 130  # bytes of bookkeeping a bundle costs beside its texts


class Slot(NamedTuple):
    kind: str  # of object: "row", "detail", ...
    view: View
    like: int | None = None  # the place of an earlier slot whose text this one nearly repeats


class Prerendered:
    def __init__(self, limit: int, slots: Sequence[Slot]) -> None:
        """`limit`: bytes held at most, bookkeeping estimated."""
        self.slots = tuple(slots)
        self.size = 0
        self._use(Chain([slot.like for slot in slots]))
        self._places = {(slot.kind, slot.view): place for place, slot in enumerate(slots)}
        self._limit = limit
        self._packed: dict[int, bytes] = {}

    def use(self, dictionary: bytes) -> None:
        """Pack with this one (packing.py: `dictionary_of`); only before the first is kept."""
        self._use(Chain([slot.like for slot in self.slots], dictionary))

    def _use(self, chain: Chain) -> None:
        self.chain = chain
        self._readers = [chain.reader(place) for place in range(len(self.slots))]

    def __contains__(self, addon_id: int) -> bool:
        return addon_id in self._packed

    @property
    def is_full(self) -> bool:
        """Whether there is hardly room for another."""
        return self.size > self._limit * 15 // 16

    def place(self, kind: str, view: View) -> int | None:
        """Where the texts of a slot are; None when it has none here."""
        return self._places.get((kind, view))

    def finder(self, place: int, otherwise: FindRendered) -> FindRendered:
        """What gives the text of a slot by add-on id; `otherwise` is asked for those not here."""
        packed, read = self._packed.get, self._readers[place]

        def find(addon_id: int) -> bytes | None:
            found = packed(addon_id)
            return otherwise(addon_id) if found is None else read(found)

        return find

    def put(self, addon_id: int, packed: bytes) -> None:
        """Keep a bundle; nothing where there is no room for it."""
        self.drop(addon_id)
        cost = len(packed) + _OVERHEAD
        if self.size + cost <= self._limit:
            self._packed[addon_id] = packed
            self.size += cost

    def drop(self, addon_id: int) -> None:
        packed = self._packed.pop(addon_id, None)
        if packed is not None:
            self.size -= len(packed) + _OVERHEAD
