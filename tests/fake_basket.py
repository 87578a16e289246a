"""A Basket on loopback that can be unwell in every way, and knows who was told what and when.

    basket.be("hangs"); basket.be(None)             # one of ILLS, and well again
    basket.answer = said(503)                       # to every request
    basket.first = [said(429, retry_after="1")]     # to the next ones, one each

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
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Said:
    """The bytes of an answer; after one that is none the connection is closed."""

    text: bytes
    status: int = 0

    @property
    def is_whole(self) -> bool:
        return self.status > 0


def said(status: int, **headers: str) -> Said:
    """A proper answer; `retry_after="1"` is a header."""
    body = b'{"status":"ok"}' if status == 200 else b"no"
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return Said("\r\n".join([*lines, "", ""]).encode() + body, status)


WELL: Final = said(200)
# What it does -> what it sends; None is for those that are no answer at once.
ILLS: Final[Mapping[str, Said | None]] = {
    "refuses": None,
    "hangs": None,
    "500": said(500),
    "429": said(429, retry_after="1"),
    "answers garbage": Said(b"\x00\x01 this is not HTTP\r\n\r\n"),
    "closes mid-answer": Said(b"HTTP/1.1 2"),
}


NO_KEY: Final = "(none)"


@dataclass(slots=True)
class Arrival:
    """One request; `sender` is its x-api-key (NO_KEY: has none), by which processes can be told apart."""

    path: str
    sender: str
    body: dict[str, Any]
    at: float
    accepted: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    text: bytes = b""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that went away in between is what drills are about."""


class Basket:
    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.heads: list[str] = []  # the first line of every request, whatever it is
        self.answer: Said | None = WELL  # None: it hangs
        self.first: list[Said] = []
        self.delay = 0.0  # seconds before an answer
        self._port = 0
        self._server: _Server | None = None
        self._open()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def be(self, ill: str | None) -> None:
        """Unwell in one of ILLS from now on, or well again."""
        self.answer = WELL if ill is None else ILLS[ill]
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

        def parse_request(self) -> bool:
            read = super().parse_request()
            basket.heads.append(self.requestline)
            return read

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            sender = self.headers.get("x-api-key", NO_KEY)
            arrival = Arrival(
                self.path, sender, json.loads(body), time.monotonic(), headers=dict(self.headers), text=body
            )
            basket.arrivals.append(arrival)
            time.sleep(basket.delay)
            answer = basket.first.pop(0) if basket.first else basket.answer
            self.close_connection = answer is None or not answer.is_whole
            if answer is None:
                with contextlib.suppress(OSError):
                    self.rfile.read(1)  # until the sender gives up
                return
            arrival.accepted = answer.status == 200
            self.wfile.write(answer.text)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
