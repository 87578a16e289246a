"""How often a caller may write: sliding windows, kept in memory (contract/auth.md 6).

    throttles = Throttles(settings.throttling)
    wait = throttles.hit("rating_post", caller.user, "192.0.2.7")
    if wait:                  # whole seconds until it would pass
        ...                   # 429 with Retry-After

A scope is a row of conf/limits.py THROTTLES: handlers that name the same one
share its budget. Every window of the scope is looked at on every request, and
each that lets it pass counts it, so what one window refuses the others still
count. Safe methods are free: do not ask for them.

Each process counts for itself: behind n processes a caller may come up to n
times as often. The limits are there against floods, and one write to MongoDB
for every write asked for would make a flood worse.

Thread rule: event loop only.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from conf.limits import THROTTLES, Rate
from conf.model.addons import UserDoc
from index.cache import BoundedCache
from server.auth.callers import has

BYPASS: Final = "API:BypassThrottling"
# Windows kept at a time, least recently used out first; a window holds at most its limit of times.
LIMIT: Final = 100_000

# Scope, which of its rates, whose.
WindowKey = tuple[str, int, str]


class Throttles:
    """`clock` gives seconds that never go back."""

    def __init__(
        self, enabled: bool = True, clock: Callable[[], float] = time.monotonic, limit: int = LIMIT
    ) -> None:
        self._enabled = enabled
        self._clock = clock
        self._windows: BoundedCache[deque[float]] = BoundedCache(limit)

    def __len__(self) -> int:
        return len(self._windows)

    def hit(self, scope: str, user: UserDoc | None, address: str) -> int:
        """Count a request; 0 if it may pass, else the seconds to wait. An unknown scope is a KeyError."""
        rates = THROTTLES[scope]
        if not self._enabled or has(user, BYPASS):
            return 0
        now = self._clock()
        waits = [
            self._count((scope, number, _who(rate, user, address)), rate, now)
            for number, rate in enumerate(rates)
        ]
        return math.ceil(max(waits))

    def _count(self, key: WindowKey, rate: Rate, now: float) -> float:
        """Seconds until this window has room; where it has, the request is in it now."""
        window = self._windows.get(key)
        if window is None:
            self._windows.put(key, window := deque())
        while window and window[0] <= now - rate.seconds:
            window.popleft()
        if len(window) >= rate.limit:
            return window[0] + rate.seconds - now
        window.append(now)
        return 0.0


def _who(rate: Rate, user: UserDoc | None, address: str) -> str:
    return f"user:{user['_id']}" if rate.key == "user" and user is not None else f"ip:{address}"
