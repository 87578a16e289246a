"""A Basket on loopback that records what it is sent and answers as it is told.

Basket is not ours, so this is the one stand-in: a real HTTP server of its own
thread, with the answers and the order of checks of reference/basket.md 2.1.
"""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    path: str
    key: str | None
    body: Any
    at: float


@dataclass
class Behaviour:
    """`status` for every answer; `statuses` first, one a request."""

    status: int = 200
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    garbage: bool = False  # close in the middle of the answer


class Recorder:
    def __init__(self, key: str | None = None) -> None:
        self.behaviour = Behaviour()
        self.received: list[Received] = []
        self._key = key
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def paths(self) -> list[str]:
        return [one.path for one in self.received]

    def _status(self) -> int:
        waiting = self.behaviour.statuses
        return waiting.pop(0) if waiting else self.behaviour.status

    def _handler(recorder) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                if recorder.behaviour.delay:
                    time.sleep(recorder.behaviour.delay)
                status = recorder._status()
                if recorder._key is not None and self.headers.get("x-api-key") != recorder._key:
                    status = 401
                received = Received(self.path, self.headers.get("x-api-key"), json.loads(body), time.time())
                recorder.received.append(received)
                self._answer(status)

            def _answer(self, status: int) -> None:
                if recorder.behaviour.garbage:
                    self.wfile.write(b"HTTP/1.1 2")
                    self.close_connection = True
                    return
                text = b'{"status":"ok"}'
                self.send_response(status)
                for name, value in recorder.behaviour.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler
