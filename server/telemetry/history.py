"""The last hours of a process: rate and speed of its answers, lag of its event loop; a point for each minute.

    history = History(requests, loop_lag); history.start()
    history.points()          # oldest first; the last is the time since the one before
    history.close()

It is made from the counts of requests.py and loop_lag.py, and has at most as many points as HOURS have
minutes. Event loop only.
"""

import asyncio
import time
from collections import deque
from typing import Final, NamedTuple

from server.telemetry.loop_lag import LoopLag
from server.telemetry.requests import BOUNDS, Histogram, Requests

HOURS: Final = 6
_INTERVAL: Final = 60.0  # seconds
_FAILED: Final = 500  # and above


class Point(NamedTuple):
    """From the previous point to `moment` (seconds since 1970). In seconds; None: no data."""

    moment: float
    rate: float  # answers a second
    failed: float  # of those, with a status of 5xx
    median: float | None
    slow: float | None  # the 95th percentile
    lag: float | None  # of the event loop, the 95th percentile


class _Sample(NamedTuple):
    """Counts since the start."""

    moment: float  # seconds since 1970
    clock: float  # time.monotonic()
    answers: list[float]
    failed: int
    lags: list[float]


class History:
    """`start` it when the process does."""

    def __init__(self, requests: Requests, loop_lag: LoopLag) -> None:
        self._requests = requests
        self._loop_lag = loop_lag
        self._points: deque[Point] = deque(maxlen=int(HOURS * 3600 / _INTERVAL))
        self._last: _Sample | None = None
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._last = self._sample()
        self._points.append(Point(self._last.moment, 0.0, 0.0, None, None, None))
        self._wait()

    def close(self) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def points(self) -> list[Point]:
        if self._last is None:
            return []
        return [*self._points, _point_between(self._last, self._sample())]

    def _wait(self) -> None:
        self._handle = asyncio.get_running_loop().call_later(_INTERVAL, self._observe)

    def _observe(self) -> None:
        assert self._last is not None
        now = self._sample()
        self._points.append(_point_between(self._last, now))
        self._last = now
        self._wait()

    def _sample(self) -> _Sample:
        answers, failed = Histogram(), 0
        for endpoint in self._requests.endpoints:
            for status, histogram in endpoint.by_status.items():
                for index, count in enumerate(histogram):
                    answers[index] += count
                failed += histogram.values if status >= _FAILED else 0
        return _Sample(time.time(), time.monotonic(), answers, failed, list(self._loop_lag.histogram))


def _point_between(old: _Sample, new: _Sample) -> Point:
    seconds = max(new.clock - old.clock, 0.001)
    answers = _difference(old.answers, new.answers)
    return Point(
        moment=new.moment,
        rate=sum(answers) / seconds,
        failed=(new.failed - old.failed) / seconds,
        median=quantile(answers, 0.5),
        slow=quantile(answers, 0.95),
        lag=quantile(_difference(old.lags, new.lags), 0.95),
    )


def _difference(old: list[float], new: list[float]) -> list[float]:
    """The increase of each bucket, without the sum of the values."""
    return [after - before for before, after in zip(old[:-1], new[:-1], strict=True)]


def quantile(counts: list[float], share: float) -> float | None:
    """The value that `share` of all do not exceed, interpolated between BOUNDS; at most their last."""
    target, cumulated, lower = share * sum(counts), 0.0, 0.0
    if not target:
        return None
    for count, upper in zip(counts, BOUNDS, strict=False):
        if cumulated + count >= target:
            return lower + (upper - lower) * (target - cumulated) / count
        cumulated, lower = cumulated + count, upper
    return BOUNDS[-1]
