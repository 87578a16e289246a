"""A bounded cache: what was used least recently goes first, and what many ask for at once is made once.

    cache: BoundedCache[bytes] = BoundedCache(1_000_000, seconds=60.0)
    cache.put(key, body, len(body))
    body = cache.get(key)                                # None: not there, or too old
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
    """Holds values of a total weight of at most `limit`, each as long as there is room."""

    def __init__(self, limit: int, seconds: float | None = None) -> None:
        """`seconds` for which a value is fresh; None: for ever."""
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
        """What is kept and fresh."""
        found = self._values.get(key)
        if found is None or (self._seconds is not None and time.monotonic() >= found[2] + self._seconds):
            return None
        self._values.move_to_end(key)
        return found[0]

    def get_stale(self, key: Hashable) -> Value | None:
        """What is kept, however old."""
        return self._values[key][0] if key in self._values else None

    def put(self, key: Hashable, value: Value, weight: int = 1) -> None:
        """Keep a value; too heavy a one is not kept."""
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
        """Forget a value. What is being made of it is not kept, nor given to who asks from now on."""
        self._loading.pop(key, None)
        self._discard(key)

    def clear(self) -> None:
        self._loading.clear()
        self._values.clear()
        self._weight = 0

    async def load(self, key: Hashable, make: Make[Value]) -> Value:
        """What is kept, else what `make` returns; None is not kept. Raises what `make` does."""
        kept = self.get(key)
        if kept is not None:
            return kept
        # A caller who goes away takes nobody else's value along.
        return await asyncio.shield(self.loading(key) or self.start(key, make))

    def loading(self, key: Hashable) -> asyncio.Task[Value] | None:
        """What makes the value of a key at this time."""
        return self._loading.get(key)

    @property
    def count_loading(self) -> int:
        return len(self._loading)

    def start(self, key: Hashable, make: Make[Value]) -> asyncio.Task[Value]:
        """Have a value made, whether or not anybody waits for it."""
        task = self._loading[key] = asyncio.create_task(self._make(key, make))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # perhaps nobody looks
        return task

    async def _make(self, key: Hashable, make: Make[Value]) -> Value:
        try:
            value = await make()
        finally:
            is_wanted = self._loading.get(key) is asyncio.current_task()
            if is_wanted:
                del self._loading[key]
        if is_wanted and value is not None:
            self.put(key, value)
        return value

    async def close(self) -> None:
        """Give up what is being made."""
        tasks = list(self._loading.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
