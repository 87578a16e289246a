"""Limits the writes of a caller: sliding windows in memory (contract/auth.md 6).

    throttles = Throttles()
    wait = throttles.hit("rating_post", caller.user, "192.0.2.7")
    if wait:                  # whole seconds until it would pass
        ...                   # 429 with Retry-After

A scope is a row of conf/limits.py THROTTLES: handlers that name the same one
share its budget. A request is counted in every window of the scope that lets it
pass, even if another window refuses it. Safe methods are not counted.

Each process counts in memory and shares its counts once a second (sharing.py). Limits protect from
floods, and writing to MongoDB for each request would make a flood worse.

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
from server.addresses import client_network
from server.auth.callers import has

BYPASS: Final = "API:BypassThrottling"
# The least recently used windows are dropped. A window holds at most twice as many times as its limit.
MAX_WINDOWS: Final = 100_000
_MAX_UNSHARED: Final = 10_000  # hits kept until they are shared

# (scope, index of its rate, user or network)
WindowKey = tuple[str, int, str]
Hit = tuple[str, int, str, float]  # a key and a time


class Throttles:
    """`clock` gives seconds since 1970."""

    def __init__(
        self, enabled: bool = True, clock: Callable[[], float] = time.time, limit: int = MAX_WINDOWS
    ) -> None:
        self._enabled = enabled
        self._clock = clock
        self._windows: BoundedCache[list[float]] = BoundedCache(limit)
        self._unshared: list[Hit] = []

    def __len__(self) -> int:
        return len(self._windows)

    def hit(self, scope: str, user: UserDoc | None, address: str) -> int:
        """Count a request; 0 if it may pass, else seconds to wait. Raises KeyError for an unknown scope."""
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
        """Seconds until this window has room; if it has, 0, and the request is counted."""
        window = self._window(key, rate, now)
        if len(window) >= rate.limit:
            return window[-rate.limit] + rate.seconds - now
        window.append(now)
        if len(self._unshared) < _MAX_UNSHARED:
            self._unshared.append((*key, now))
        return 0.0

    def _window(self, key: WindowKey, rate: Rate, now: float) -> list[float]:
        """The window's times, in order, without expired ones.

        Later times than now become now, because a clock that was set back would keep callers out until it
        has caught up.
        """
        window = self._windows.get(key)
        if window is None:
            self._windows.put(key, window := [])
        if window and window[-1] > now:
            window[:] = [min(at, now) for at in window]
        while window and window[0] <= now - rate.seconds:
            del window[0]
        return window

    def take_unshared(self) -> list[Hit]:
        """The hits counted here and not shared yet."""
        hits, self._unshared = self._unshared, []
        return hits

    def merge(self, hits: Iterable[Hit]) -> None:
        """Add hits of another process; unknown scopes and rates are ignored."""
        for scope, number, key, at in hits:
            rates = THROTTLES.get(scope, ())
            if number < len(rates):
                window = self._window((scope, number, key), rates[number], self._clock())
                insort(window, at)
                # May exceed the limit, because processes let requests pass at the same moment.
                del window[: -2 * rates[number].limit]


def _key(rate: Rate, user: UserDoc | None, address: str) -> str:
    return (
        f"user:{user['_id']}" if rate.key == "user" and user is not None else f"ip:{client_network(address)}"
    )
