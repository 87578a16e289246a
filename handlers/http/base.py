"""Base classes of all handlers, and `Access`: who may use each of their methods.

    access = {"GET": ANYBODY, "PATCH": Access(signed_in=True, throttle="rating_edit")}
    access = {"GET": Access(VISIBLE), "PATCH": Access(EDITORS, submits=True, throttle="submission")}

A server does not start if a method has no Access (handlers/urls.py).

`prepare` makes the checks that come before everything else, in the order of contract/auth.md 3: read-only
mode, the request itself (handlers/http/requests/request.py), the caller's credentials, permission for the
method, and the rate limit. A handler raises `Refusal`; `write_error` is the only place that writes one.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from time import perf_counter
from typing import Any, ClassVar, Final

import orjson
from tornado.httputil import RequestStartLine
from tornado.web import HTTPError, RequestHandler

from conf.numbers import read_number
from handlers.http.bodies import bodies
from handlers.http.replies import errors
from handlers.http.replies.exceptions import EXPECTED, refusal_for
from handlers.http.replies.reply import SECURITY_HEADERS, Reply, refusal_reply, reply_for, success_reply
from handlers.http.requests.paging import envelope, page_size, requested_page
from handlers.http.requests.received import Received, header_fields
from handlers.http.requests.request import Answer, ReadRequest, read_plain, read_request
from server.auth.access.addon_access import Rule, passes
from server.auth.callers import ANONYMOUS, Caller, Mechanism
from server.errors import Forbidden, Unavailable
from server.site import Site

log = logging.getLogger(__name__)

# Credentials that are accepted (contract/auth.md 4).
SESSIONS: Final[tuple[Mechanism, ...]] = ("session",)
KEYS_AND_SESSIONS: Final[tuple[Mechanism, ...]] = ("jwt", "session")
ALLOWED_HEADERS = (
    "accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with, x-country-code"
)
PARSED_TYPES = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a method (contract/auth.md 3, 5.2, 6). `rule` is checked on the document of the path, all
    else before the document is read.
    """

    rule: Rule = ()  # tests, of which the caller has to pass one; (): the handler decides
    signed_in: bool = False  # anonymous callers are answered 401
    permission: str | tuple[str, ...] | None = None  # needed, or one of several; else 401 or 403
    submits: bool = False  # signed-in callers must have accepted the agreement and not be denied
    throttle: str | None = None  # the scope of conf/limits.py THROTTLES that the request counts in

    def has_permission(self, caller: Caller) -> bool:
        """Whether the caller may use the method at all."""
        if self.signed_in and caller.is_anonymous:
            return False
        needed = (self.permission,) if isinstance(self.permission, str) else self.permission
        return needed is None or caller.has(*needed)


ANYBODY: Final = Access()
SIGNED_IN: Final = Access(signed_in=True)
PUBLIC: Final[Mapping[str, Access]] = {"GET": ANYBODY}


class ApiHandler(RequestHandler):
    """Base of every API resource; `version` comes from the path."""

    title: ClassVar[str] = "Amoeba"  # `name` in the answer to OPTIONS
    works_before_ready: ClassVar[bool] = False
    # The credentials that are accepted; a 401 names the first; () for none (contract/auth.md 4).
    mechanisms: ClassVar[tuple[Mechanism, ...]] = SESSIONS
    has_long_texts: ClassVar[bool] = False  # whether bodies may be as long as texts of add-ons
    # Method -> who may use it, for every method of the resource; HEAD is as GET.
    access: ClassVar[Mapping[str, Access]] = {}
    answers_head: ClassVar[bool] = True  # False if GET does more than read
    read: ClassVar[Any] = staticmethod(read_request)  # (version, received) -> ReadRequest
    caller: Caller = ANONYMOUS
    _read_request: ReadRequest | None = None

    def __init_subclass__(cls) -> None:
        if cls.answers_head and "get" in cls.__dict__:
            cls.head = cls.get

    def initialize(self, site: Site, endpoint: Any, version: str = "v5") -> None:
        """`endpoint` is the Endpoint of the route (server/telemetry/requests.py)."""
        self.site = site
        self.endpoint = endpoint
        self.version = version
        self.began = perf_counter()
        request = self.request
        line = RequestStartLine(request.method or "", request.uri or "", request.version)
        self.received = Received(
            site, line, header_fields(request.headers), request.remote_ip or "", request.protocol
        )

    def set_default_headers(self) -> None:
        for name, value in SECURITY_HEADERS.items():
            self.set_header(name, value)

    def compute_etag(self) -> None:
        """Does nothing, because ETags are made from the catalogue's state, not from the body."""

    @property
    def locale_name(self) -> str:
        return self.received.locale

    def prepare(self) -> Awaitable[None] | None:
        self.site.telemetry.begin(self.received.request_id)
        if self._is_blocked():
            raise errors.read_only(self.locale_name)
        if not self.site.ready and not self.works_before_ready:
            raise errors.not_ready(self.locale_name)
        if self.request.method != "OPTIONS":
            self.check_request()
        header = self.request.headers.get("Authorization")
        if header and self.mechanisms:
            return self._authenticate(header)
        self.check_permissions()
        self.check_throttles()
        return None

    def _is_blocked(self) -> bool:
        """Whether read-only mode refuses the request."""
        return not self.is_safe and self.site.status.read_only

    async def _authenticate(self, header: str) -> None:
        self.caller = await self.site.authenticator.identify(header, self.mechanisms)
        self.check_permissions()
        self.check_throttles()

    @property
    def method_access(self) -> Access:
        verb = "GET" if self.request.method == "HEAD" else self.request.method
        return self.access.get(verb or "", ANYBODY)  # Tornado answers 405 for methods it does not have

    def check_permissions(self) -> None:
        """Raises Forbidden if the caller may not use the method on any object."""
        if not self.method_access.has_permission(self.caller):
            raise Forbidden

    def check_throttles(self) -> None:
        """Count the request if its method has a scope. Raises Refusal 429 (contract/auth.md 6)."""
        scope = self.method_access.throttle
        wait = self.site.limits.wait_to_write(scope, self.caller.user, self.address) if scope else 0
        if wait:
            raise self.throttled(wait)

    def check_object_permissions(self, document: Any) -> None:
        """Raises Forbidden unless the caller may use the method on this document."""
        if not passes(self.method_access.rule, self.caller, document, safe=self.is_safe):
            raise Forbidden

    @property
    def is_safe(self) -> bool:
        """Whether the method only reads (RFC 9110, 9.2.1)."""
        return self.received.is_safe

    @property
    def address(self) -> str:
        """The caller's IP address."""
        return self.received.address

    @property
    def user_id(self) -> int:
        """The caller's account id; only for methods that need a signed-in caller."""
        assert self.caller.id is not None
        return self.caller.id

    @staticmethod
    def path_id(text: str) -> int:
        """An id from the path; 0, which no object has, if it is no number or too long for one."""
        return read_number(text) or 0

    def check_request(self) -> None:
        """Refuse a request that would be refused to any caller."""
        self.read_request()

    def read_request(self) -> ReadRequest:
        """Raises Refusal 400, 404, 406."""
        if self._read_request is None:
            self._read_request = self.read(self.version, self.received)
        assert self._read_request is not None
        return self._read_request

    @classmethod
    def max_json_bytes(cls) -> int:
        return bodies.max_json_bytes(cls.has_long_texts)

    def body(self) -> bodies.Body:
        """The parsed body; call it after the permission checks. Raises Refusal 400, 413, 415."""
        return bodies.parse(self.request, self.locale_name, self.max_json_bytes())

    def data(self) -> dict[str, Any]:
        """The body's fields and files in one dict; files are Tornado's HTTPFile. Raises as `body`."""
        body = self.body()
        return {**body.fields, **body.files}

    @classmethod
    @cache
    def allow(cls) -> str:
        """The methods of this resource, as in the `Allow` header."""
        implemented = [verb for verb in cls.SUPPORTED_METHODS if _implements(cls, verb)]
        return ", ".join(sorted({*implemented, "OPTIONS"}))

    def options(self, *args: str, **kwargs: str) -> None:
        """Preflight (contract/requests.md 9), else the resource's description."""
        if "Access-Control-Request-Method" in self.request.headers:
            requested = self.request.headers.get("Access-Control-Request-Headers", "").lower()
            if_match = ", if-match" if "if-match" in requested else ""
            self.set_header("Access-Control-Allow-Headers", ALLOWED_HEADERS + if_match)
            self.set_header("Access-Control-Allow-Methods", "DELETE, GET, OPTIONS, PATCH, POST, PUT")
            self.set_header("Access-Control-Max-Age", "86400")
            self.set_header("Content-Length", "0")
            self.send(Reply(200, b"", {"Cache-Control": "s-maxage=0"}))
            return
        description = {
            "name": self.title,
            "description": "",
            "renders": ["application/json"],
            "parses": PARSED_TYPES,
        }
        self.send(Reply(200, orjson.dumps(description), {"Allow": self.allow()}))

    # -- answers

    def error(self, status: int, key: str, **values: object) -> errors.Refusal:
        """A refusal with a text of the message table under `detail`."""
        return errors.detail(status, key, self.locale_name, **values)

    def throttled(self, wait: int) -> errors.Refusal:
        """`wait`: seconds until the caller may try again."""
        return errors.throttled(wait, self.locale_name)

    def not_found(self, headers: dict[str, str] | None = None) -> errors.Refusal:
        return errors.Refusal(404, errors.not_found(self.locale_name).body, headers)

    def moved_to(self, location: str, headers: Mapping[str, str] = {}, status: int = 302) -> errors.Refusal:
        """A redirect; `location` is ASCII, as headers need it."""
        return errors.Refusal(status, {}, {**headers, "Location": location})

    def send(self, reply: Reply) -> None:
        status, headers, body = reply.render(self.received)
        self.begin(status, headers)
        self.finish(body or None)  # Tornado accepts no body with 304, not even an empty one

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Begin an answer whose body is written in pieces."""
        self.set_status(status)
        self.clear_header("Content-Type")
        for name, value in headers.items():
            self.set_header(name, value)

    def begin_stream(self, headers: dict[str, str], etag: str | None = None) -> int:
        """Begin a 200 without Content-Length, or answer 304; returns the status."""
        status, rendered, _ = Reply(200, b"", headers, etag).render(self.received)
        rendered.pop("Content-Length", None)
        self.begin(status, rendered)
        return status

    def send_json(self, value: Any, status: int = 200) -> None:
        """An answer for one caller, which shared caches may not store."""
        headers = {"Cache-Control": "s-maxage=0", "Allow": self.allow()}
        self.send(Reply(status, orjson.dumps(value), headers))

    def send_body(self, body: bytes, headers: Mapping[str, str], status: int = 200) -> None:
        """Send anything other than the API's JSON; `headers` may have its Content-Type."""
        self.send(Reply(status, body, dict(headers)))

    async def send_page(self, count: int, read: Callable[[int, int], Awaitable[Iterable[Any]]]) -> None:
        """Send a page of `count` objects; `read(start, size)` gives JSON values. Raises Refusal 404."""
        request = self.read_request()
        page = requested_page(request, page_size(request), lambda: count)
        self.send_json(orjson.Fragment(envelope(request, page, count, await read(page.start, page.size))))

    def send_nothing(self, status: int = 204) -> None:
        self.send(Reply(status, b"", {"Cache-Control": "s-maxage=0", "Allow": self.allow()}))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs["exc_info"][1] if "exc_info" in kwargs else None
        self.send(refusal_reply(self._refusal_for(status_code, error)))

    def _refusal_for(self, status: int, error: BaseException | None) -> errors.Refusal:
        locale = self.locale_name
        if isinstance(error, HTTPError) and status == 400:
            return self._form_refusal(error)
        if status == 405:
            return errors.method_not_allowed(self.request.method, self.allow(), locale)
        if status == 404:
            return self.not_found()
        return refusal_for(error, self.caller, self.mechanisms, self.version, locale)

    def _form_refusal(self, error: HTTPError) -> errors.Refusal:
        """The refusal of a form that Tornado cannot parse, before `prepare`; read-only mode comes first."""
        if self._is_blocked():
            return errors.read_only(self.locale_name)
        message = error.log_message or ""
        if not message.startswith("Invalid body: "):
            return self.error(400, "bad_request")
        return self.error(400, "form_parse_error", reason=message.removeprefix("Invalid body: "))

    def record(self) -> None:
        """Record the answer in telemetry."""
        self.site.telemetry.requests.record(
            self.endpoint,
            self.received,
            self.get_status(),
            self.began,
            self.received.request_id,
            self.caller.id,
        )

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if isinstance(value, (HTTPError, *EXPECTED)):
            return
        if isinstance(value, Unavailable):
            self.site.outages.warning(
                "%s %s needs MongoDB: %s", self.request.method, self.request.path, value
            )
            return
        log.error("%s %s failed", self.request.method, self.request.path, exc_info=(typ, value, tb))


class PageHandler(ApiHandler):
    """A resource whose GET is a page function answered from memory.

    Credentials are ignored, even broken ones, unless a subclass sets `mechanisms`.
    """

    mechanisms: ClassVar[tuple[Mechanism, ...]] = ()
    # (request, *path arguments) -> Answer; None, as always here, if it cannot be made from memory.
    page: ClassVar[Any] = staticmethod(lambda request, *args: None)
    # The kind of its object or rows, if the parameter `fields` selects their keys
    # (handlers/http/replies/fields.py).
    kind: ClassVar[str | None] = None

    @staticmethod
    def representation(received: Received) -> bytes:
        """The answer's key in the cache; empty if it is not worth caching. Raises Refusal 400."""
        return received.representation

    async def get(self, *args: str) -> None:
        request = self.read_request()
        differs = self.may_differ_for(self.site, self.caller, *args)
        reply = None if differs else reply_for(request, type(self), args)
        if reply is None:
            answer = await self.answer_from_store(request, *args)
            reply = success_reply(answer, request, type(self))
        self.send(reply)

    @classmethod
    def may_differ_for(cls, site: Site, caller: Caller, *args: str) -> bool:
        """Whether the caller may get another answer than anonymous callers, who get the page function's."""
        return False

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        """The answer that cannot be made from memory; here there is none."""
        raise request.not_found()


class PublicResource(ApiHandler):
    """A resource that everybody may read; credentials are ignored."""

    access: ClassVar[Mapping[str, Access]] = PUBLIC
    mechanisms: ClassVar[tuple[Mechanism, ...]] = ()


class PublicPage(PublicResource, PageHandler):
    """A public resource that is answered from memory."""


class SiteResource(PublicResource):
    """A path outside the API, for which `format` and `lang` have no meaning."""

    read: ClassVar[Any] = staticmethod(read_plain)


class SitePage(SiteResource, PageHandler):
    """A path outside the API that is answered from memory."""


def public_page(title: str, page: Callable[..., Answer], kind: str | None = None) -> type[PageHandler]:
    """The handler of a page function that everybody may read; it has no other methods."""
    return type("PublicPage", (PublicPage,), {"title": title, "page": staticmethod(page), "kind": kind})


def _implements(handler: type[RequestHandler], verb: str) -> bool:
    name = verb.lower()
    return getattr(handler, name) is not getattr(RequestHandler, name)
