"""A proxy on loopback that changes what a server answers, or does not answer well.

    with Proxy(server.url, {"/api/v5/site/": changed(lambda document: document | {"notice": "x"})}) as proxy:
        Client(proxy.url).get("/api/v5/site/")

A target's alteration makes bytes of an answer; other targets are answered as the server does, but for the
proxy's own address in place of the server's.
"""

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit


class Whole(NamedTuple):
    """An answer of the server."""

    status: int
    headers: dict[str, str]
    body: bytes

    def as_bytes(self) -> bytes:
        headers = {**self.headers, "Content-Length": str(len(self.body)), "Connection": "close"}
        lines = [f"HTTP/1.1 {self.status} x", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


Alteration = Callable[[Whole], bytes]


def changed(change: Callable[[Any], Any], status: int | None = None, **headers: str) -> Alteration:
    """`change` makes another document of the answer's."""

    def alter(answer: Whole) -> bytes:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = json.dumps(change(json.loads(answer.body))).encode()
        return Whole(status or answer.status, answer.headers | named, body).as_bytes()

    return alter


def late(seconds: float) -> Alteration:
    """The server's answer, after a while."""

    def alter(answer: Whole) -> bytes:
        time.sleep(seconds)
        return answer.as_bytes()

    return alter


class Proxy(ThreadingHTTPServer):
    """A context; `targets` are those that were asked for."""

    daemon_threads = True

    def __init__(self, server: str, alterations: Mapping[str, Alteration]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.server, self.alterations = urlsplit(server).netloc, dict(alterations)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.targets: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some of this is about."""


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        self.server.targets.append(self.path)
        connection = http.client.HTTPConnection(self.server.server, timeout=10)
        connection.request("GET", self.path, headers={"Accept-Encoding": "identity"})
        answer = connection.getresponse()
        body = answer.read().replace(self.server.server.encode(), self.headers["Host"].encode())
        connection.close()
        headers = {name: value for name, value in answer.getheaders() if name != "Content-Length"}
        whole = Whole(answer.status, headers, body)
        alter = self.server.alterations.get(self.path, Whole.as_bytes)
        self.wfile.write(alter(whole))
        self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None:
        pass
