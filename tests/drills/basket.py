"""A Basket on loopback that can be unwell in every way, and knows who was told what and when.

Basket is not ours, so this is a stand-in: a real HTTP server in threads of this
process. What arrives is noted when it arrives, before any answer, so the notes
are in the order in which Basket was told.
"""

import contextlib
import json
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

# What it does -> what it sends; None is for those that are no answer at once.
ILLS: Final[Mapping[str, bytes | None]] = {
    "refuses": None,
    "hangs": None,
    "500": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nno",
    "429": b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\nno",
    "answers garbage": b"\x00\x01 this is not HTTP\r\n\r\n",
    "closes mid-answer": b"HTTP/1.1 2",
}
_KEPT_OPEN: Final = {"500", "429"}
_WELL: Final = b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"status":"ok"}'


@dataclass(slots=True)
class Arrival:
    """One request; `sender` is its x-api-key, by which processes can be told apart."""

    path: str
    sender: str
    body: dict[str, Any]
    at: float
    accepted: bool = False


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that went away in between is what drills are about."""


class Basket:
    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.ill: str | None = None
        self._port = 0
        self._server: _Server | None = None
        self._open()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def be(self, ill: str | None) -> None:
        """Unwell in one of ILLS from now on, or well again."""
        self.ill = ill
        if ill == "refuses":
            self.close()
        elif self._server is None:
            self._open()

    def sent(self, kind: str = "addon") -> dict[int, list[Arrival]]:
        """What arrived of each object, in that order; `kind` is "addon" or "userprofile"."""
        found: dict[int, list[Arrival]] = defaultdict(list)
        for arrival in list(self.arrivals):
            if arrival.path == f"/amo-sync/{kind}/":
                found[arrival.body["id"]].append(arrival)
        return found

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _open(self) -> None:
        self._server = _Server(("127.0.0.1", self._port), _handler(self))
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()


def _handler(basket: Basket) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            sender = self.headers.get("x-api-key", "")
            arrival = Arrival(self.path, sender, json.loads(body), time.monotonic())
            basket.arrivals.append(arrival)
            ill = basket.ill
            self.close_connection = ill is not None and ill not in _KEPT_OPEN
            if ill == "hangs":
                with contextlib.suppress(OSError):
                    self.rfile.read(1)  # until the sender gives up
                return
            arrival.accepted = ill is None
            answer = _WELL if ill is None else ILLS[ill]
            if answer:
                self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
