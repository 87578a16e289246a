"""The access log: a line for each answer, written to standard error by a thread, a few times a second.

    log = AccessLog("json")
    log.add(request, endpoint, 200, 0.004, "5f0c...", None)
    log.close()                    # writes the remaining lines

Lines have only the path of a request, because query strings may be personal. So may clients' addresses,
which the log of the web server in front has.

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

_PAUSE: Final = 0.2  # seconds between two writings
_MAX_LINES: Final = 20_000  # that wait; further ones are only counted
_LONGEST: Final = 300  # characters of a path or a program's name
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


# An answer that waits for its line: when (seconds since 1970), method, path, route, status, seconds, id,
# program, account. A plain tuple, because one is made for every answer.
Line = tuple[float, str, str, Endpoint, int, float, str, str, int | None]


class AccessLog:
    """Its thread ends with the program, or by `close`."""

    def __init__(self, log_format: str) -> None:
        self._lines: deque[Line] = deque()
        self._left_out = 0
        self._format = _as_json if is_json(log_format) else _as_text
        self._output = os.dup(sys.stderr.fileno())
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write_on, name="access log", daemon=True)
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
            self._left_out += 1
            return
        agent = request.headers.get("User-Agent", "")[:_LONGEST]
        path = request.path[:_LONGEST]
        self._lines.append(
            (time.time(), request.method, path, endpoint, status, seconds, request_id, agent, user_id)
        )

    def close(self) -> None:
        self._closing.set()
        self._thread.join(2 * _PAUSE)

    def _write_on(self) -> None:
        while not self._closing.wait(_PAUSE):
            self._write()
        self._write()

    def _write(self) -> None:
        text = b"".join(self._format(self._lines.popleft()) for _ in range(len(self._lines)))
        if self._left_out:
            left_out, self._left_out = self._left_out, 0
            log.warning("%d lines of the access log were left out", left_out)
        with suppress(OSError):  # nobody reads any more
            while text:
                text = text[os.write(self._output, text) :]


def _as_json(line: Line) -> bytes:
    when, method, path, endpoint, status, seconds, request_id, agent, user_id = line
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
    return b'%b,"Timestamp":%d,"Fields":%b}\n' % (_beginning(), when * 1_000_000_000, orjson.dumps(fields))


@cache
def _beginning() -> bytes:
    """The beginning that the objects of all lines share."""
    same = envelope(_TYPE, 0, 6, {})
    del same["Timestamp"], same["Fields"]
    return orjson.dumps(same)[:-1]


def _as_text(line: Line) -> bytes:
    moment, method, path, _, status, seconds, request_id, _, _ = line
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))
    path = path.encode("unicode_escape").decode()  # so that no path controls the terminal
    return f"{when} {status} {method} {path} {seconds * 1000:.1f} ms {request_id}\n".encode()
