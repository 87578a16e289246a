"""The short way for the hottest reads: a GET answered before a RequestHandler is built.

Tornado's documented seam (`HTTPServerConnectionDelegate`) hands every request
here first. What a page function can answer from memory is written at once,
which halves the cost of a request; everything else (other methods, callers who
see more than strangers, what is not public) goes on to the Application, whose
handlers answer by the same `reply_for`. `tests/bench` shows what it pays.
"""

import logging
import re
from collections.abc import Callable, Iterable
from http.client import responses
from time import perf_counter
from typing import Any, NamedTuple

from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.web import Application

from handlers.http.base import SAFE, PageHandler
from handlers.http.errors import Refusal, detail, server_error, throttled
from handlers.http.multipart import MultipartForm
from handlers.http.received import Received
from handlers.http.refusals import read_only_first, refused_at_once
from handlers.http.reply import Reply, ReplyCache, refusal, reply_for
from server.site import Site
from server.telemetry.requests import REFUSED, Endpoint

log = logging.getLogger(__name__)

_LARGE = 128 * 1024  # bytes; Tornado would copy them to stand behind the headers


class RouteMatch(NamedTuple):
    """Whose path it is: the API version, the resource, its path arguments decoded."""

    version: str
    handler: type[PageHandler]
    args: tuple[str, ...]
    endpoint: Endpoint


FindRoute = Callable[[str], RouteMatch | None]


class _Fields(HTTPHeaders):
    """The headers of a reply, whose names are spelled as they should be: what Tornado's own
    makes sure of by regular expressions, header by header, for every answer anew."""

    def __init__(self, fields: dict[str, str]) -> None:
        self._fields = fields

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __getitem__(self, name: str) -> str:
        return self._fields[name]

    def __setitem__(self, name: str, value: str) -> None:
        self._fields[name] = value

    def get_all(self) -> Iterable[tuple[str, str]]:
        return self._fields.items()


class FastReads(HTTPServerConnectionDelegate):
    """`find(path)` names the resource of a path, None for what is not fast; `takes_files` is matched by
    the paths of those who take large files.
    """

    def __init__(
        self,
        site: Site,
        application: Application,
        find: FindRoute,
        takes_files: re.Pattern[str],
        replies: ReplyCache,
    ) -> None:
        self.site = site
        self.application = application
        self.find = find
        self.takes_files = takes_files
        self.replies = replies
        # None where reads have no limit: then nothing of it costs anything.
        self.limits = site.limits if site.limits.reads is not None else None
        self.refused = site.telemetry.requests.endpoint(REFUSED)

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        connection: Any = request_conn  # an HTTP1Connection: the interface leaves `stream` out
        connection.stream.await_header()
        return _Exchange(self, server_conn, connection)


class _Exchange(HTTPMessageDelegate):
    """One request: either answered here in `finish`, or passed on whole."""

    __slots__ = (
        "_began",
        "_body_size",
        "_conn",
        "_fast_reads",
        "_form",
        "_headers",
        "_is_refused",
        "_line",
        "_match",
        "_onward",
        "_received",
        "_server_conn",
        "_wait",
    )

    def __init__(self, fast_reads: FastReads, server_conn: object, conn: Any) -> None:
        self._fast_reads = fast_reads
        self._server_conn = server_conn
        self._conn = conn
        self._body_size = 0
        self._is_refused = False
        self._form: MultipartForm | None = None
        self._onward: HTTPMessageDelegate | None = None
        self._match: RouteMatch | None = None
        self._wait = 0  # seconds for a client who reads too often

    def headers_received(self, start_line, headers):  # type: ignore[no-untyped-def]
        self._conn.stream.end_header()
        self._began = perf_counter()
        self._line: RequestStartLine = start_line
        self._headers: HTTPHeaders = headers
        site, context = self._fast_reads.site, self._conn.context
        received = Received(site, start_line, headers, context.remote_ip, context.protocol)
        if received.has_body:
            self._form = MultipartForm.of(headers)
            received.takes_files = bool(self._form and self._fast_reads.takes_files.fullmatch(received.path))
        self._received = received
        error = refused_at_once(self._received)
        if error is not None:
            self._refuse(error)
            return None
        if received.has_body:
            self._conn.stream.await_body(by_rate=received.takes_files)
        limits = self._fast_reads.limits
        if limits and start_line.method in SAFE and not _watches(received.path):
            self._wait = limits.wait_to_read(received.address)
            if self._wait:
                return None
        if site.ready and start_line.method in ("GET", "HEAD") and not self._received.has_body:
            self._match = self._fast_reads.find(self._received.path)
            if self._match is not None and self._is_for_everybody(self._match):
                return None
            self._match = None
        return self._pass_on()

    def _is_for_everybody(self, match: RouteMatch) -> bool:
        """Whether this caller gets what strangers get; not known without a query means no."""
        header = self._received.headers.get("Authorization")
        if header is None or not match.handler.mechanisms:
            return True
        caller = self._fast_reads.site.authenticator.recall(header, match.handler.mechanisms)
        return caller is not None and not match.handler.may_differ_for(
            self._fast_reads.site, caller, *match.args
        )

    def data_received(self, chunk: bytes):  # type: ignore[no-untyped-def]
        if self._is_refused:
            return None
        self._body_size += len(chunk)
        if self._body_size > self._received.body_limit:  # it came in chunks, its length unsaid
            self._refuse(read_only_first(self._received.too_large(), self._received))
            return None
        if self._form:
            self._form.note(chunk)
        return self._onward.data_received(chunk) if self._onward else None

    def _refuse(self, error: Refusal) -> None:
        self._is_refused = True
        self._conn.stream.refuse(error, self._received)

    def finish(self) -> None:
        if self._is_refused:
            return
        self._conn.stream.end_body()
        if self._form and (fault := self._form.fault):
            error = detail(400, "form_parse_error", self._received.locale, reason=fault)
            self._refuse(read_only_first(error, self._received))
            return
        if self._onward is None:
            reply = self._answer()
            if reply is not None:
                self._write(reply)
                return
            self._pass_on()
        assert self._onward is not None
        self._onward.finish()

    def on_connection_close(self) -> None:
        if self._onward is not None:
            self._onward.on_connection_close()

    def _pass_on(self):  # type: ignore[no-untyped-def]
        self._onward = self._fast_reads.application.start_request(self._server_conn, self._conn)
        return self._onward.headers_received(self._line, self._headers)

    def _answer(self) -> Reply | None:
        """The page's reply; None when the request needs the Application after all."""
        received = self._received
        try:
            if self._wait:
                raise throttled(self._wait, received.locale)
            return self._recall()
        except Refusal as error:
            return refusal(error)
        except Exception:
            log.exception("%s %s failed", received.method, received.path, extra={"rid": received.request_id})
            return refusal(server_error(received.locale))

    def _recall(self) -> Reply | None:
        """From the ready ones, or made. Raises Refusal."""
        assert self._match is not None
        version, handler, args, _ = self._match
        site, replies, received = self._fast_reads.site, self._fast_reads.replies, self._received
        key = handler.representation(received)
        reply = replies.get(key, site.generation) if key else None
        if reply is not None and received.takes_json:
            return reply
        reply = reply_for(site, handler.read(version, received), handler, args)
        if reply is not None and key:
            replies.keep(key, reply)
        return reply

    def _write(self, reply: Reply) -> None:
        status, headers, body = reply.render(self._received.headers, self._received.request_id)
        line = ResponseStartLine("HTTP/1.1", status, responses[status])
        chunk = None if self._line.method == "HEAD" else body
        is_large = chunk is not None and len(chunk) > _LARGE
        self._conn.write_headers(line, _Fields(headers), None if is_large else chunk)
        if is_large:
            self._conn.write(chunk)
        self._conn.finish()
        endpoint = self._match.endpoint if self._match else self._fast_reads.refused
        self._fast_reads.site.telemetry.requests.record(
            endpoint, self._received, status, self._began, self._received.request_id
        )


def _watches(path: str) -> bool:
    """Whether it is for those who watch over the server, whom no limit may keep from it."""
    return path.startswith("/__") or path == "/metrics"
