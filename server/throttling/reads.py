"""Limits the reads of a client per minute; counts are in memory.

The window slides: the reads of the previous minute count by the share of it that lies in the last 60 seconds.
Reads are not stored; once a second the counts of the busiest clients are shared with other processes
(sharing.py).

Event loop only.
"""

import heapq
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from conf.limits import MINUTE
from server.addresses import client_network

CLIENTS: Final = 100_000  # counted per minute; further ones pass uncounted
_MAX_SHARED: Final = 2_000  # clients per round; the others are shared later


class ReadLimit:
    """At most `limit` reads a minute; `clock` gives seconds since 1970."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.time) -> None:
        self._limit = limit
        self._clock = clock
        self._minute = 0
        self._previous: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        self._unshared: Counter[str] = Counter()

    def hit(self, address: str) -> int:
        """Count a read; 0 if it may pass, else the seconds to wait."""
        elapsed = self._begin_minute()
        client = client_network(address)
        previous, count = self._previous.get(client, 0), self._counts.get(client, 0)
        if previous * (1 - elapsed / MINUTE) + count >= self._limit:
            return self._wait(previous, count, elapsed)
        if count or len(self._counts) < CLIENTS:
            self._counts[client] = count + 1
            self._unshared[client] += 1
        return 0

    def _begin_minute(self) -> float:
        """Seconds since the minute began; begins a new one if it is over."""
        now = self._clock()
        minute = int(now // MINUTE)
        if minute != self._minute:
            self._previous = self._counts if minute == self._minute + 1 else {}
            self._minute, self._counts = minute, {}
            self._unshared.clear()
        return now % MINUTE

    def _wait(self, previous: int, count: int, elapsed: float) -> int:
        """Seconds until there is room for one more read."""
        if count < self._limit:
            return math.ceil(MINUTE * (1 - (self._limit - count) / previous) - elapsed) or 1
        return math.ceil(MINUTE - elapsed + MINUTE * (1 - self._limit / count)) + 1

    def take_unshared(self) -> tuple[int, list[tuple[str, int]]]:
        """The minute, and the busiest clients' counts that were not shared yet."""
        self._begin_minute()
        counts = heapq.nlargest(_MAX_SHARED, self._unshared.items(), key=lambda item: item[1])
        for client, _ in counts:
            del self._unshared[client]
        return self._minute, counts

    def merge(self, minute: int, counts: Iterable[tuple[str, int]]) -> None:
        """Add the counts of another process."""
        self._begin_minute()
        known = {self._minute: self._counts, self._minute - 1: self._previous}.get(minute)
        if known is not None:
            for client, count in counts:
                if client in known or len(known) < CLIENTS:
                    known[client] = known.get(client, 0) + count
