"""A bounded cache: evicts the least recently used first, and loads a value once for all who wait for it.

    cache: BoundedCache[bytes] = BoundedCache(1_000_000, seconds=60.0)
    cache.put(key, body, len(body))
    body = cache.get(key)                                # None: missing, or too old
    body = await cache.load(key, lambda: fetch(key))     # one fetch for all who wait

Event loop only.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable, Iterator
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")
Make = Callable[[], Coroutine[Any, Any, Value]]


class BoundedCache(Generic[Value]):
    """Values with a total weight of at most `limit`."""

    def __init__(self, limit: int, seconds: float | None = None) -> None:
        """`seconds` for which a value is fresh; None: always."""
        self._limit = limit
        self._seconds = seconds
        self._weight = 0
        self._values: OrderedDict[Hashable, tuple[Value, int, float]] = OrderedDict()
        self._loading: dict[Hashable, asyncio.Task[Value]] = {}

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[Value]:
        return (value for value, *_ in self._values.values())

    def get(self, key: Hashable) -> Value | None:
        """The value, if it is fresh."""
        item = self._values.get(key)
        if item is None or (self._seconds is not None and time.monotonic() >= item[2] + self._seconds):
            return None
        self._values.move_to_end(key)
        return item[0]

    def get_stale(self, key: Hashable) -> Value | None:
        """The value, however old."""
        return self._values[key][0] if key in self._values else None

    def put(self, key: Hashable, value: Value, weight: int = 1) -> None:
        """Store a value, unless it is heavier than the limit."""
        self._discard(key)
        if weight > self._limit:
            return
        self._values[key] = value, weight, time.monotonic()
        self._weight += weight
        while self._weight > self._limit:
            self._discard(next(iter(self._values)))

    def _discard(self, key: Hashable) -> None:
        if key in self._values:
            self._weight -= self._values.pop(key)[1]

    def drop(self, key: Hashable) -> None:
        """Remove a value. One that is being loaded is not stored, and later callers do not wait for it."""
        self._loading.pop(key, None)
        self._discard(key)

    def clear(self) -> None:
        self._loading.clear()
        self._values.clear()
        self._weight = 0

    async def load(self, key: Hashable, make: Make[Value]) -> Value:
        """The value, else what `make` returns, which is stored unless it is None. Raises what `make` does."""
        cached = self.get(key)
        if cached is not None:
            return cached
        # Shielded, because a caller that is cancelled must not cancel the others' task.
        return await asyncio.shield(self.loading(key) or self.start(key, make))

    def loading(self, key: Hashable) -> asyncio.Task[Value] | None:
        """The task that is loading the value, if any."""
        return self._loading.get(key)

    @property
    def count_loading(self) -> int:
        return len(self._loading)

    def start(self, key: Hashable, make: Make[Value]) -> asyncio.Task[Value]:
        """Load a value, whether or not anybody waits for it."""
        task = self._loading[key] = asyncio.create_task(self._make(key, make))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may await it
        return task

    async def _make(self, key: Hashable, make: Make[Value]) -> Value:
        try:
            value = await make()
        finally:
            is_current = self._loading.get(key) is asyncio.current_task()
            if is_current:
                del self._loading[key]
        if is_current and value is not None:
            self.put(key, value)
        return value

    async def close(self) -> None:
        """Cancel what is being loaded."""
        tasks = list(self._loading.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
