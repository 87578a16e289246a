"""A small synchronous HTTP client for tests: one kept connection, nothing hidden.

    answer = client.get("/api/v5/addons/search/", params={"q": "tab tree"})
    assert answer.status == 200 and answer.json["count"] == 1

The body stays as it came off the socket (a gzip answer is still gzip), no
redirect is followed, no header is added but Host and Accept-Encoding: identity.
One client serves one thread.
"""

import http.client
import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlencode, urlsplit

Params = Mapping[str, Any] | Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; `headers` looks names up without regard to case."""

    status: int
    reason: str
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Requests to one server, `base` being `http://HOST:PORT`."""

    def __init__(self, base: str, timeout: float = 10.0) -> None:
        self.base = base
        self.timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | str | None = None,
        json_body: Any = None,
    ) -> Answer:
        """Send one request; `path` is used as it stands, or an absolute URL of this server.

        `json_body` sets the body and its Content-Type. A connection that the
        server closed between two requests is opened again, once.
        """
        sent = dict(headers or {})
        if json_body is not None:
            body = json.dumps(json_body)
            sent.setdefault("Content-Type", "application/json")
        target = self._target(path, params)
        try:
            return self._exchange(method, target, body, sent)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.close()
            return self._exchange(method, target, body, sent)

    def get(self, path: str, **words: Any) -> Answer:
        return self.request("GET", path, **words)

    def head(self, path: str, **words: Any) -> Answer:
        return self.request("HEAD", path, **words)

    def options(self, path: str, **words: Any) -> Answer:
        return self.request("OPTIONS", path, **words)

    def post(self, path: str, **words: Any) -> Answer:
        return self.request("POST", path, **words)

    def put(self, path: str, **words: Any) -> Answer:
        return self.request("PUT", path, **words)

    def patch(self, path: str, **words: Any) -> Answer:
        return self.request("PATCH", path, **words)

    def delete(self, path: str, **words: Any) -> Answer:
        return self.request("DELETE", path, **words)

    def pages(self, path: str, **words: Any) -> Iterator[Answer]:
        """The answer to `path`, and that to each `next` after it; every one has to be 200."""
        url: str | None = path
        while url:
            answer = self.get(url, **words)
            assert answer.status == 200
            yield answer
            url = answer.json["next"]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _target(self, path: str, params: Params | None) -> str:
        path = path.removeprefix(self.base)
        if params is None:
            return path
        return f"{path}{'&' if '?' in path else '?'}{urlencode(_pairs(params), doseq=True)}"

    def _exchange(
        self, method: str, target: str, body: bytes | str | None, headers: dict[str, str]
    ) -> Answer:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=self.timeout)
        try:
            if isinstance(body, str):
                body = body.encode()
            self._connection.request(method, target, body, headers)
            response = self._connection.getresponse()
            return Answer(response.status, response.reason, response.headers, response.read())
        except BaseException:
            self.close()
            raise


def send_raw(base: str, data: bytes, method: str = "GET", timeout: float = 20.0) -> Answer:
    """The answer to bytes as they stand, on a connection of their own.

    Raises http.client.RemoteDisconnected where the server hangs up without an answer.
    """
    parts = urlsplit(base)
    with socket.create_connection((parts.hostname, parts.port), timeout=timeout) as connection:
        with suppress(ConnectionError):  # refused before all of it was read
            connection.sendall(data)
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        return Answer(response.status, response.reason, response.headers, response.read())


def _pairs(params: Params) -> list[tuple[str, Any]]:
    return list(params.items() if isinstance(params, Mapping) else params)
