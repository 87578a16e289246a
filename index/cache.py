"""A bounded cache: what was used least recently goes first.

Event loop only.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class BoundedCache(Generic[Value]):
    """Holds values of a total weight of at most `limit`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._weight = 0
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable) -> Value | None:
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, value: Value, weight: int) -> None:
        """Keep a value under a key that is not there yet; too heavy a value is not kept."""
        if weight > self._limit or key in self._values:
            return
        self._values[key] = value, weight
        self._weight += weight
        while self._weight > self._limit:
            self._weight -= self._values.popitem(last=False)[1][1]

    def clear(self) -> None:
        self._values.clear()
        self._weight = 0
