"""When to retry: doubling pauses, and a breaker that stops calls to a failing service.

READING = Backoff(0.1, 2.0)
for pause in READING: ...                     # without end
breaker = Breaker(Backoff(5.0, 60.0), limit=5)
if breaker.allows_call: ...                   # then `record_success` or `record_failure`
"""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds to wait: `first`, twice that, ... up to `longest`.

    Each is shortened by up to a half at random, so that processes do not retry in step.
    """

    first: float
    longest: float

    def pause(self, failures: int) -> float:
        """The pause after this many failures in a row, at least one."""
        return min(self.first * 2 ** min(failures - 1, 64), self.longest) * random.uniform(0.5, 1.0)

    def __iter__(self) -> Iterator[float]:
        return map(self.pause, count(1))


class Breaker:
    """A circuit breaker: after `limit` failures in a row, and after each further one, no call is allowed
    for a while.
    """

    def __init__(self, backoff: Backoff, limit: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._backoff = backoff
        self._limit = limit
        self._clock = clock
        self._failures = 0
        self._until = self._held_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the service is failing, so that a call is a trial."""
        return self._failures >= self._limit

    @property
    def allows_call(self) -> bool:
        now = self._clock()
        return now >= self._held_until and not (self.is_open and now < self._until)

    def hold_off(self, seconds: float) -> None:
        """Allow no call for as long as the service itself demands."""
        self._held_until = max(self._held_until, self._clock() + seconds)

    def record_success(self) -> bool:
        """Close the breaker; returns whether it was open."""
        was_open, self._failures = self.is_open, 0
        return was_open

    def record_failure(self) -> bool:
        """Count a failure; returns whether it opened the breaker.

        During a pause it is not counted, because the call began before the pause.
        """
        now = self._clock()
        if self.is_open and now < self._until:
            return False
        self._failures += 1
        if self.is_open:
            self._until = now + self._backoff.pause(self._failures - self._limit + 1)
        return self._failures == self._limit
