"""How often a caller may write: sliding windows, kept in memory (contract/auth.md 6).

    throttles = Throttles()
    wait = throttles.hit("rating_post", caller.user, "192.0.2.7")
    if wait:                  # whole seconds until it would pass
        ...                   # 429 with Retry-After

A scope is a row of conf/limits.py THROTTLES: handlers that name the same one
share its budget. Every window of the scope is looked at on every request, and
each that lets it pass counts it, so what one window refuses the others still
count. Safe methods are free: do not ask for them.

Each process counts for itself and tells the others once a second (sharing.py): the limits are
there against floods, and one write to MongoDB for every write asked for would make a flood worse.

Thread rule: event loop only.
"""

import math
import time
from bisect import insort
from collections.abc import Callable, Iterable
from typing import Final

from conf.limits import THROTTLES, Rate
from conf.model.addons import UserDoc
from index.cache import BoundedCache
from server.addresses import network_of
from server.auth.callers import has

BYPASS: Final = "API:BypassThrottling"
# Windows kept at a time, least recently used out first; a window holds at most twice its limit of times.
LIMIT: Final = 100_000
_UNTOLD: Final = 10_000  # hits kept until the next round of telling

# Scope, which of its rates, whose.
WindowKey = tuple[str, int, str]
Hit = tuple[str, int, str, float]  # a key and a time


class Throttles:
    """`clock` gives seconds since 1970."""

    def __init__(
        self, enabled: bool = True, clock: Callable[[], float] = time.time, limit: int = LIMIT
    ) -> None:
        self._enabled = enabled
        self._clock = clock
        self._windows: BoundedCache[list[float]] = BoundedCache(limit)
        self._fresh: list[Hit] = []

    def __len__(self) -> int:
        return len(self._windows)

    def hit(self, scope: str, user: UserDoc | None, address: str) -> int:
        """Count a request; 0 if it may pass, else the seconds to wait. An unknown scope is a KeyError."""
        rates = THROTTLES[scope]
        if not self._enabled or has(user, BYPASS):
            return 0
        now = self._clock()
        waits = [
            self._count((scope, number, _key(rate, user, address)), rate, now)
            for number, rate in enumerate(rates)
        ]
        return math.ceil(max(waits))

    def _count(self, key: WindowKey, rate: Rate, now: float) -> float:
        """Seconds until this window has room; where it has, the request is in it now."""
        window = self._window(key, now - rate.seconds)
        if len(window) >= rate.limit:
            return window[-rate.limit] + rate.seconds - now
        window.append(now)
        if len(self._fresh) < _UNTOLD:
            self._fresh.append((*key, now))
        return 0.0

    def _window(self, key: WindowKey, oldest: float) -> list[float]:
        """Its times, in order, without those that are too old."""
        window = self._windows.get(key)
        if window is None:
            self._windows.put(key, window := [])
        while window and window[0] <= oldest:
            del window[0]
        return window

    def take(self) -> list[Hit]:
        """What was counted here and not taken yet."""
        hits, self._fresh = self._fresh, []
        return hits

    def merge(self, hits: Iterable[Hit]) -> None:
        """What another process counted; a scope or rate that is not known here counts for nothing."""
        for scope, number, key, at in hits:
            rates = THROTTLES.get(scope, ())
            if number < len(rates):
                window = self._window((scope, number, key), self._clock() - rates[number].seconds)
                insort(window, at)
                # Processes that let something pass at the same moment may make it more than the limit.
                del window[: -2 * rates[number].limit]


def _key(rate: Rate, user: UserDoc | None, address: str) -> str:
    return f"user:{user['_id']}" if rate.key == "user" and user is not None else f"ip:{network_of(address)}"
