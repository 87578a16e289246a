"""Counts answers by route, status and duration, and writes a line for each if the access log is on.

    requests = Requests(settings)
    endpoint = requests.endpoint("addons/search/", "v5")
    requests.record(endpoint, request, 200, began, "5f0c...")      # `began` is time.perf_counter()

It runs for every answer, so it counts in plain lists: the counters of prometheus_client take a lock for each
value, which takes ten times as long. Endpoints have the names of routes, never paths, so that their number is
bounded.

Thread rule: event loop only.
"""

import logging
import re
from bisect import bisect_left
from time import perf_counter
from typing import Final

from conf.settings.settings import Settings
from server.telemetry.access_log import AccessLog, Request

log = logging.getLogger("amoeba.slow")

# Upper bounds in seconds; a value may be equal to its bound.
BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
UNKNOWN: Final = "unknown"  # no route has the path
REFUSED: Final = "refused"  # before a route was looked up
_PARAMETER: Final = re.compile(r"[a-z_]{1,32}")  # names of parameters that may be logged
_MAX_PARAMETERS: Final = 20


class Histogram(list[float]):
    """How many values are in each bucket of BOUNDS and beyond them; the last item is their sum."""

    def __init__(self) -> None:
        super().__init__([0] * (len(BOUNDS) + 1) + [0.0])

    def observe(self, seconds: float) -> None:
        self[bisect_left(BOUNDS, seconds)] += 1
        self[-1] += seconds

    @property
    def values(self) -> int:
        return int(sum(self[:-1]))


class Endpoint:
    """A route in one version of the API; "" for routes outside the API."""

    __slots__ = ("by_status", "name", "version")

    def __init__(self, name: str, version: str) -> None:
        self.name = name
        self.version = version
        self.by_status: dict[int, Histogram] = {}


class Requests:
    """The counts of all answers since the start."""

    def __init__(self, settings: Settings) -> None:
        self._endpoints: dict[tuple[str, str], Endpoint] = {}
        self._slow = settings.slow_request or float("inf")
        self.access_log = AccessLog(settings.log_format) if settings.access_log else None

    def endpoint(self, name: str, version: str = "") -> Endpoint:
        return self._endpoints.setdefault((name, version), Endpoint(name, version))

    @property
    def endpoints(self) -> list[Endpoint]:
        return list(self._endpoints.values())

    def record(
        self,
        endpoint: Endpoint,
        request: Request | None,
        status: int,
        began: float,
        request_id: str,
        user_id: int | None = None,
    ) -> None:
        """Count an answer that is being sent. `request` is None if none could be read."""
        seconds = perf_counter() - began
        histogram = endpoint.by_status.get(status)
        if histogram is None:
            histogram = endpoint.by_status[status] = Histogram()
        histogram[bisect_left(BOUNDS, seconds)] += 1
        histogram[-1] += seconds
        if request is None:
            return
        if self.access_log is not None:
            self.access_log.add(request, endpoint, status, seconds, request_id, user_id)
        if seconds > self._slow:
            self._log_slow(request, endpoint, status, seconds, request_id)

    def _log_slow(
        self, request: Request, endpoint: Endpoint, status: int, seconds: float, request_id: str
    ) -> None:
        """Log the names of parameters, without values, which may be personal data."""
        names = [part.partition("=")[0] for part in request.query.split("&")[:_MAX_PARAMETERS]]
        parameters = ",".join(name for name in names if _PARAMETER.fullmatch(name))
        log.info(
            "%s %s took %.3f s: %d, parameters: %s",
            request.method,
            f"{endpoint.version}/{endpoint.name}".lstrip("/"),
            seconds,
            status,
            parameters or "none",
            extra={"rid": request_id},
        )
