"""Documents kept for a short while, so that a credential costs no query every time.

Bounded in number, least recently used out first. An entry is fresh for `seconds`;
an old one stays until it is replaced or pushed out, for the time the database
cannot be asked (and so cannot have been changed by anybody who asks it).
Event loop only.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from server.errors import Unavailable

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class DocumentCache(Generic[K, V]):
    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._forgotten = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K) -> V | None:
        """What is kept and fresh."""
        entry = self._kept.get(key)
        if entry is None or entry[0] < time.monotonic():
            return None
        self._kept.move_to_end(key)
        return entry[1]

    async def get_or_load(self, key: K, load: Callable[[K], Awaitable[V | None]]) -> V | None:
        """What is kept, else what `load` finds. Raises Unavailable with neither.

        What was forgotten while `load` was under way is given out but not kept:
        it may be older than the change that made it forgotten.
        """
        found = self.get(key)
        if found is not None:
            return found
        before = self._forgotten
        try:
            found = await load(key)
        except Unavailable:
            entry = self._kept.get(key)
            if entry is None:
                raise
            return entry[1]
        if found is not None and before == self._forgotten:
            self._put(key, found)
        return found

    def _put(self, key: K, value: V) -> None:
        self._kept[key] = (time.monotonic() + self._seconds, value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    def forget(self, key: K) -> None:
        self._forgotten += 1
        self._kept.pop(key, None)

    def clear(self) -> None:
        self._forgotten += 1
        self._kept.clear()
