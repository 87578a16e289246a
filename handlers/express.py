"""The short way for the hottest reads: a GET answered before a RequestHandler is built.

Tornado's documented seam (`HTTPServerConnectionDelegate`) hands every request
here first. What a page function can answer from memory is written at once,
which halves the cost of a request; everything else (other methods, callers who
see more than strangers, unusual Accept headers, what is not public) goes on to
the Application, whose handlers call the same page functions. `tests/bench` shows
what it pays.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from http.client import responses
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

from conf.locales import request_locale
from handlers import client
from handlers.answer import Replies, Reply, refusal, success
from handlers.ask import app_of, make_ask
from handlers.base import PageHandler
from handlers.errors import Refusal, detail
from handlers.oversize import answer_for, hang_up, is_too_large
from server.site import Site

log = logging.getLogger(__name__)


class Found(NamedTuple):
    """Whose path it is: the API version, the resource, its path arguments decoded."""

    version: str
    handler: type[PageHandler]
    args: tuple[str, ...]


Find = Callable[[str], Found | None]

_PLAIN_ACCEPT = ("*/*", "application/json", "application/*")


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


class Express(HTTPServerConnectionDelegate):
    """`find(path)` names the resource of a path, None for what is not express."""

    def __init__(self, site: Site, application: Application, find: Find, replies: Replies) -> None:
        self.site = site
        self.application = application
        self.find = find
        self.replies = replies

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        return _Exchange(self, server_conn, request_conn)


class _Exchange(HTTPMessageDelegate):
    """One request: either answered here in `finish`, or passed on whole."""

    __slots__ = ("_conn", "_express", "_found", "_headers", "_line", "_onward", "_sent", "_server_conn")

    def __init__(self, express: Express, server_conn: object, conn: HTTPConnection) -> None:
        self._express = express
        self._server_conn = server_conn
        self._conn = conn
        self._onward: HTTPMessageDelegate | None = None
        self._found: Found | None = None

    def headers_received(self, start_line, headers):  # type: ignore[no-untyped-def]
        self._line: RequestStartLine = start_line
        self._sent: HTTPHeaders = headers
        self._headers = client.plain(headers)
        if is_too_large(self._headers, self._express.site.settings.max_body_bytes):
            return self._refuse_body()
        if start_line.method in ("GET", "HEAD") and self._express.site.ready and _is_plain(self._headers):
            self._found = self._express.find(start_line.path.partition("?")[0])
            if self._found is not None and self._is_for_everybody(self._found):
                return None
            self._found = None
        return self._pass_on()

    async def _refuse_body(self) -> None:
        connection: Any = self._conn  # the interface leaves `detach` out
        error = answer_for(self._express.site, self._line, self._headers)
        await hang_up(connection.detach(), error, self._headers)

    def _is_for_everybody(self, found: Found) -> bool:
        """Whether this caller gets what strangers get; not known without a query means no."""
        header = self._headers.get("Authorization")
        if header is None or not found.handler.mechanisms:
            return True
        caller = self._express.site.accounts.recall(header, found.handler.mechanisms)
        return caller is not None and not found.handler.shows_more(self._express.site, caller, *found.args)

    def data_received(self, chunk: bytes):  # type: ignore[no-untyped-def]
        return self._onward.data_received(chunk) if self._onward else None

    def finish(self) -> None:
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
        self._onward = self._express.application.start_request(self._server_conn, self._conn)
        return self._onward.headers_received(self._line, self._sent)

    def _answer(self) -> Reply | None:
        headers, replies = self._headers, self._express.replies
        origin, locale = self._origin(), request_locale(None, headers.get("Accept-Language"))
        key = (
            self._line.path,
            origin,
            locale,
            app_of(None, headers.get("User-Agent")),
            headers.get("X-Country-Code"),
            "Authorization" in headers,
        )
        reply = replies.get(key, self._express.site.generation)
        if reply is None:
            reply = self._make(key, origin, locale)
            if reply is not None and reply.etag:
                replies.keep(key, reply)
        return reply

    def _origin(self) -> str:
        settings = self._express.site.settings
        context: Any = getattr(self._conn, "context", None)  # HTTP1Connection's; the interface leaves it out
        scheme = client.forwarded_scheme(self._headers, context.remote_ip, context.protocol, settings)
        return f"{scheme}://{self._headers.get('Host', '')}"

    def _make(self, key: object, origin: str, locale: str) -> Reply | None:
        """The page's reply; None when the request needs the Application after all."""
        assert self._found is not None
        version, handler, args = self._found
        site, headers = self._express.site, self._headers
        path, _, query = self._line.path.partition("?")
        try:
            client.check_limits(self._line.path, headers, site.settings, locale)
            ask = make_ask(version, origin, path, query, headers)
            locale = ask.view.locale
            if "format" in ask.params:
                return None
            answer = handler.page(site, ask, *args)
            if answer is None:
                return None
            shared = "disable_caching" not in ask.params and "Authorization" not in headers
            return success(answer, key, handler.allow(), shared=shared)
        except Refusal as error:
            return refusal(error)
        except Exception:
            log.exception("%s %s failed", self._line.method, path)
            return refusal(detail(500, "server_error", locale))

    def _write(self, reply: Reply) -> None:
        status, headers, body = reply.render(self._headers)
        line = ResponseStartLine("HTTP/1.1", status, responses[status])
        chunk = None if self._line.method == "HEAD" else body
        self._conn.write_headers(line, _Fields(headers), chunk)
        self._conn.finish()


def _is_plain(headers: Mapping[str, str]) -> bool:
    """No body, and JSON is welcome."""
    if "Content-Length" in headers or "Transfer-Encoding" in headers:
        return False
    accept = headers.get("Accept")
    return not accept or any(kind in accept for kind in _PLAIN_ACCEPT)
