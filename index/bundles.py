"""What most callers ask for of each add-on, rendered ahead and packed together.

    bundles = Bundles(limit, slots)
    bundles.put(7, texts)             # one for each slot
    bundles.get(7, place)             # the text of the slot at that place

The renderings of one add-on repeat each other, so four of them packed together
take a quarter of the room they would take apart. The first slots are the
cheapest to read. Bounded in bytes: when full, no more are taken. Event loop only.
"""

from collections.abc import Sequence

from index.packing import Packer
from index.view import View

Slot = tuple[str, View]  # kind of object ("row", "detail", ...), and how it is shown

_OVERHEAD = 130  # bytes of bookkeeping a bundle costs beside its texts


class Bundles:
    def __init__(self, limit: int, slots: Sequence[Slot]) -> None:
        """`limit`: bytes held at most, bookkeeping estimated."""
        self.slots = tuple(slots)
        self.size = 0
        self.packer = Packer()
        self._limit = limit
        self._packed: dict[int, bytes] = {}

    def __contains__(self, addon_id: int) -> bool:
        return addon_id in self._packed

    @property
    def is_full(self) -> bool:
        """Whether there is hardly room for another."""
        return self.size > self._limit * 15 // 16

    def place(self, slot: Slot) -> int | None:
        """Where the texts of a slot are; None when it has none here."""
        return self.slots.index(slot) if slot in self.slots else None

    def get(self, addon_id: int, place: int) -> bytes | None:
        packed = self._packed.get(addon_id)
        return None if packed is None else self.packer.unpack_part(packed, place, len(self.slots))

    def put(self, addon_id: int, texts: Sequence[bytes]) -> None:
        """Keep the texts of the slots, in their order; nothing where there is no room for them."""
        self.drop(addon_id)
        packed = self.packer.pack_parts(texts)
        cost = len(packed) + _OVERHEAD
        if self.size + cost <= self._limit:
            self._packed[addon_id] = packed
            self.size += cost

    def drop(self, addon_id: int) -> None:
        packed = self._packed.pop(addon_id, None)
        if packed is not None:
            self.size -= len(packed) + _OVERHEAD
