"""The slow lane: checks a request when its header arrives, then passes it on to Tornado's Application.

Invalid requests are refused at once, bodies as soon as they exceed their limit, and broken forms before
Tornado makes a handler. Simple reads never get here (fast_reads.py).
"""

import re
from http.client import responses
from time import perf_counter
from typing import Any

from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    ResponseStartLine,
)
from tornado.web import Application

from handlers.http.bodies.multipart import MultipartForm
from handlers.http.connections.refusals import read_only_first, refused_at_once
from handlers.http.replies.errors import Refusal, detail, throttled
from handlers.http.replies.reply import refusal_reply
from handlers.http.requests.received import Received, header_fields
from server.site import Site
from server.telemetry.requests import REFUSED


class Exchanges(HTTPServerConnectionDelegate):
    """`file_paths` matches the paths of resources that accept large files."""

    def __init__(self, site: Site, application: Application, file_paths: re.Pattern[str]) -> None:
        self.site = site
        self.application = application
        self.file_paths = file_paths
        self.refused = site.telemetry.requests.endpoint(REFUSED)

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        return _Exchange(self, server_conn, request_conn)


class _Exchange(HTTPMessageDelegate):
    """One request."""

    __slots__ = (
        "_began",
        "_body_size",
        "_conn",
        "_delegate",
        "_exchanges",
        "_form",
        "_is_refused",
        "_received",
        "_retry_after",
    )

    def __init__(self, exchanges: Exchanges, server_conn: object, conn: Any) -> None:
        self._exchanges = exchanges
        self._conn = conn  # an HTTP1Connection, because the interface has no `stream`
        self._body_size = 0
        self._is_refused = False
        self._form: MultipartForm | None = None
        self._retry_after = 0  # seconds until a client who reads too often may try again; 0: it does not
        self._delegate = exchanges.application.start_request(server_conn, conn)

    def headers_received(self, start_line, headers):  # type: ignore[no-untyped-def]
        self._began = perf_counter()
        self._conn.stream.end_header()
        site, context = self._exchanges.site, self._conn.context
        received = self._conn.stream.received or Received(
            site, start_line, header_fields(headers), context.remote_ip, context.protocol
        )
        if received.has_body:
            self._form = MultipartForm.from_headers(headers)
            received.accepts_files = bool(self._form and self._exchanges.file_paths.fullmatch(received.path))
        self._received = received
        if start_line.path != received.target:  # because it was absolute, or not ASCII
            start_line = start_line._replace(path=received.target)
            if "Host" in received.headers:  # HTTP/1.0 needs none
                headers["Host"] = received.headers["Host"]
        error = refused_at_once(received)
        if error is not None:
            self._refuse(error)
            return None
        if received.has_body:
            self._conn.stream.await_body(by_rate=received.accepts_files)
        if received.is_safe and not received.is_counted and not _is_monitoring(received.path):
            self._retry_after = site.limits.wait_to_read(received.address)
            if self._retry_after:
                return None
        return self._delegate.headers_received(start_line, headers)

    def data_received(self, chunk: bytes):  # type: ignore[no-untyped-def]
        if self._is_refused:
            return None
        self._body_size += len(chunk)
        if self._body_size > self._received.body_limit:  # sent in chunks, without Content-Length
            self._refuse(read_only_first(self._received.too_large(), self._received))
            return None
        if self._retry_after:
            return None
        if self._form:
            self._form.feed(chunk)
        return self._delegate.data_received(chunk)

    def _refuse(self, error: Refusal) -> None:
        self._is_refused = True
        self._conn.stream.refuse(error, self._received)

    def finish(self) -> None:
        if self._is_refused:
            return
        self._conn.stream.end_body()
        if self._retry_after:
            self._answer(throttled(self._retry_after, self._received.locale))
            return
        if self._form and (fault := self._form.fault):
            error = detail(400, "form_parse_error", self._received.locale, reason=fault)
            self._refuse(read_only_first(error, self._received))
            return
        self._delegate.finish()

    def _answer(self, error: Refusal) -> None:
        """Answer instead of the Application; the connection stays open."""
        received = self._received
        status, headers, body = refusal_reply(error).render(received)
        line = ResponseStartLine("HTTP/1.1", status, responses[status])
        self._conn.write_headers(line, HTTPHeaders(headers), None if received.method == "HEAD" else body)
        self._conn.finish()
        requests = self._exchanges.site.telemetry.requests
        requests.record(self._exchanges.refused, received, status, self._began, received.request_id)

    def on_connection_close(self) -> None:
        self._delegate.on_connection_close()


def _is_monitoring(path: str) -> bool:
    """Whether the path is for monitoring, which has no limit."""
    return path.startswith("/__") or path == "/metrics"
