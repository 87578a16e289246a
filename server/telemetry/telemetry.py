"""What a process knows of itself while it works; `server/telemetry/metrics.py` tells it.

telemetry = Telemetry(settings)
with telemetry.stage("match"): ...
telemetry.add("gauge", "connections", "Connections that are open.", lambda: 12)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Literal, NamedTuple

from conf.settings.settings import Settings
from server.telemetry.log_format import current_request
from server.telemetry.loop_lag import LoopLag
from server.telemetry.requests import Histogram, Requests


class Reading(NamedTuple):
    """A figure that somebody else keeps."""

    kind: Literal["gauge", "counter"]
    name: str
    help: str
    read: Callable[[], float]


class Telemetry:
    """Of one process; made with its site."""

    def __init__(self, settings: Settings) -> None:
        self.requests = Requests(settings)
        self.stages: dict[str, Histogram] = {}  # of searches
        self.loop_lag = LoopLag()
        self.readings: list[Reading] = []

    def add(self, kind: Literal["gauge", "counter"], name: str, help: str, read: Callable[[], float]) -> None:
        """`read` is called for every look at the metrics, on the event loop: it must cost nothing."""
        self.readings.append(Reading(kind, name, help, read))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """The time that a part of a search takes."""
        began = perf_counter()
        try:
            yield
        finally:
            self.stages.setdefault(name, Histogram()).observe(perf_counter() - began)

    def begin(self, request_id: str) -> None:
        """Lines of the log that this task writes from now on are about the request."""
        current_request.set(request_id)

    def close(self) -> None:
        self.loop_lag.close()
        if self.requests.access_log is not None:
            self.requests.access_log.close()
