"""The access log: a line for each answer, written to standard error by a thread, a few times a second.

    log = AccessLog("json")
    log.add(request, endpoint, 200, 0.004, "5f0c...", None)
    log.close()                    # writes the remaining lines

Lines have only the path of a request, because query strings may contain personal data. They have no addresses
of clients for the same reason; the log of the web server in front has them.

Thread rule: `add` on the event loop, the rest anywhere.
"""

import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Final, Protocol

import orjson

from server.telemetry.log_format import envelope, is_json

log = logging.getLogger(__name__)

_FLUSH_INTERVAL: Final = 0.2  # seconds
_MAX_LINES: Final = 20_000  # waiting; further ones are dropped and counted
_MAX_LENGTH: Final = 300  # characters of a path or a user agent
_TYPE: Final = "request.summary"


class Request(Protocol):
    """The parts of a request that are logged."""

    method: str
    path: str
    query: str  # never in a line; requests.py names its parameters
    headers: Mapping[str, str]


class Endpoint(Protocol):
    """Its route."""

    name: str
    version: str


# A line to be written: timestamp (seconds since 1970), method, path, route, status, seconds, request id, user
# agent, account. It is a plain tuple, because one is made for every answer.
Line = tuple[float, str, str, Endpoint, int, float, str, str, int | None]


class AccessLog:
    """Its thread ends by `close`, or with the program."""

    def __init__(self, log_format: str) -> None:
        self._lines: deque[Line] = deque()
        self._dropped = 0
        self._format = _as_json if is_json(log_format) else _as_text
        self._output = os.dup(sys.stderr.fileno())
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write_until_closed, name="access log", daemon=True)
        self._thread.start()

    def add(
        self,
        request: Request,
        endpoint: Endpoint,
        status: int,
        seconds: float,
        request_id: str,
        user_id: int | None,
    ) -> None:
        """Queue a line; drops it if too many wait."""
        if len(self._lines) >= _MAX_LINES:  # the reader of standard error has stopped
            self._dropped += 1
            return
        agent = request.headers.get("User-Agent", "")[:_MAX_LENGTH]
        path = request.path[:_MAX_LENGTH]
        self._lines.append(
            (time.time(), request.method, path, endpoint, status, seconds, request_id, agent, user_id)
        )

    def close(self) -> None:
        self._closing.set()
        self._thread.join(2 * _FLUSH_INTERVAL)

    def _write_until_closed(self) -> None:
        while not self._closing.wait(_FLUSH_INTERVAL):
            self._write()
        self._write()

    def _write(self) -> None:
        text = b"".join(self._format(self._lines.popleft()) for _ in range(len(self._lines)))
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            log.warning("%d lines of the access log were left out", dropped)
        with suppress(OSError):  # nobody reads any more
            while text:
                text = text[os.write(self._output, text) :]


def _as_json(line: Line) -> bytes:
    timestamp, method, path, endpoint, status, seconds, request_id, agent, user_id = line
    fields: dict[str, Any] = {
        "method": method,
        "path": path,
        "endpoint": endpoint.name,
        "version": endpoint.version,
        "code": status,
        "t": round(seconds * 1000, 2),
        "rid": request_id,
        "agent": agent,
    }
    if user_id is not None:
        fields["uid"] = user_id
    return b'%b,"Timestamp":%d,"Fields":%b}\n' % (
        _common_fields(),
        timestamp * 1_000_000_000,
        orjson.dumps(fields),
    )


@cache
def _common_fields() -> bytes:
    """The fields that all lines share, as the beginning of a JSON object."""
    fields = envelope(_TYPE, 0, 6, {})
    del fields["Timestamp"], fields["Fields"]
    return orjson.dumps(fields)[:-1]


def _as_text(line: Line) -> bytes:
    timestamp, method, path, _, status, seconds, request_id, _, _ = line
    date = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(timestamp))
    path = path.encode("unicode_escape").decode()  # so that no path contains control characters
    return f"{date} {status} {method} {path} {seconds * 1000:.1f} ms {request_id}\n".encode()
