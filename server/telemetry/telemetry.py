"""Figures that a process collects about itself; `server/telemetry/metrics.py` exports them.

telemetry = Telemetry(settings)
with telemetry.stage("match"): ...
telemetry.add("gauge", "connections", "Open connections.", lambda: 12)
"""

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Literal, NamedTuple

from conf.settings.settings import Settings
from server.telemetry.history import History
from server.telemetry.log_format import current_request
from server.telemetry.loop_lag import LoopLag
from server.telemetry.recent import RecentRecords
from server.telemetry.requests import Histogram, Requests


class Reading(NamedTuple):
    """A figure that another object holds."""

    kind: Literal["gauge", "counter"]
    name: str
    help: str
    read: Callable[[], float]


class Stage:
    """Measures the time spent in it; a class, because a context of a generator takes five times as long."""

    __slots__ = ("_began", "histogram")

    def __init__(self) -> None:
        self.histogram = Histogram()

    def __enter__(self) -> None:
        self._began = perf_counter()

    def __exit__(self, *fault: object) -> None:
        self.histogram.observe(perf_counter() - self._began)


class Telemetry:
    """The telemetry of one process."""

    def __init__(self, settings: Settings) -> None:
        self.requests = Requests(settings)
        self.stages: dict[str, Stage] = {}  # of searches
        self.loop_lag = LoopLag()
        self.history = History(self.requests, self.loop_lag)
        self.recent = RecentRecords()
        self.readings: list[Reading] = []

    def start(self) -> None:
        """Start measuring the running event loop."""
        logging.getLogger().addHandler(self.recent)
        self.loop_lag.start()
        self.history.start()

    def add(self, kind: Literal["gauge", "counter"], name: str, help: str, read: Callable[[], float]) -> None:
        """`read` is called whenever metrics are read, on the event loop, so it must be cheap."""
        self.readings.append(Reading(kind, name, help, read))

    def stage(self, name: str) -> "Stage":
        """A context that measures a part of a search, which must not await anything."""
        stage = self.stages.get(name)
        if stage is None:
            stage = self.stages[name] = Stage()
        return stage

    def begin(self, request_id: str) -> None:
        """Put the request's id into further log lines of this task."""
        current_request.set(request_id)

    def close(self) -> None:
        logging.getLogger().removeHandler(self.recent)
        self.history.close()
        self.loop_lag.close()
        if self.requests.access_log is not None:
            self.requests.access_log.close()
