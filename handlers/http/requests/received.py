"""A request's line and headers, in both lanes, and everything that follows from these alone."""

import hashlib
import re
from binascii import a2b_qp
from collections.abc import Callable, Mapping
from functools import lru_cache
from string import punctuation
from typing import Any, Final, Generic, TypeVar, overload
from urllib.parse import quote, unquote_plus

from tornado.httputil import HTTPHeaders, RequestStartLine

from conf.limits import MAX_PARAMETERS, MAX_TEXTS_BYTES
from conf.locales import negotiate, request_locale
from conf.numbers import read_number
from conf.vocabulary import DEFAULT_APP
from handlers.http.replies.errors import Refusal, detail
from handlers.http.requests import client
from server.site import Site

_HOST: Final = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
_MAIL: Final = "/activity/mail"
_COUNTRY: Final = re.compile("[A-Za-z]{2}")
# A target with scheme and host, as proxies send it (RFC 9112, 3.2.2).
_ABSOLUTE: Final = re.compile("https?://([^/?]*)(.*)", re.IGNORECASE | re.ASCII)

SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")  # of those that are implemented (RFC 9110, 9.2.1)
Value = TypeVar("Value")


class cached(Generic[Value]):
    """functools.cached_property without its lock, which takes longer than most of these values."""

    def __init__(self, make: Callable[[Any], Value]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, owner: None, kind: type) -> "cached[Value]": ...
    @overload
    def __get__(self, owner: object, kind: type) -> Value: ...
    def __get__(self, owner: object | None, kind: type) -> "cached[Value] | Value":
        if owner is None:
            return self
        value = owner.__dict__[self._name] = self._make(owner)
        return value


class Received:
    """The line and headers of one request. `headers` are named as `header_name` spells them; `peer` is the
    address of the connected client, `protocol` its scheme.
    """

    accepts_files = False  # whether a resource for large files will read its form
    is_counted = False  # whether it was counted against the limit of reads

    def __init__(
        self, site: Site, line: RequestStartLine, headers: Mapping[str, str], peer: str, protocol: str
    ) -> None:
        self.site = site
        self.method, self.target, self.http = line
        self.headers = headers
        if not self.target.isascii():  # raw bytes of UTF-8, which curl sends as they are typed
            self.target = quote(self.target.encode("latin-1", "replace"), safe=punctuation)
        if not self.target.startswith("/"):
            self._read_absolute()
        self.path, _, self.query = self.target.partition("?")
        self._peer = peer
        self._protocol = protocol

    def _read_absolute(self) -> None:
        """Split an absolute target. Its host replaces the Host header, which is required nonetheless."""
        match = _ABSOLUTE.fullmatch(self.target)
        if match is not None:
            self.target = match[2] if match[2].startswith("/") else f"/{match[2]}"
            if self._has_host():
                self.headers = {**self.headers, "Host": match[1]}

    def check(self) -> None:
        """Raises Refusal 400, 413 or 414 for a request that the server cannot process."""
        settings = self.site.settings
        if not self._has_host():
            raise detail(400, "host_invalid", self.locale)
        if len(self.target) > settings.max_url_bytes:
            raise detail(414, "url_too_long", self.locale, limit=settings.max_url_bytes)
        if self.query.count("&") >= MAX_PARAMETERS:
            raise detail(400, "too_many_parameters", self.locale, limit=MAX_PARAMETERS)
        if (read_number(self.headers.get("Content-Length", "")) or 0) > self.body_limit:
            raise self.too_large()

    def _has_host(self) -> bool:
        """Whether the Host header is valid; HTTP/1.0 needs none."""
        host = self.headers.get("Host")
        return self.http == "HTTP/1.0" if host is None else _HOST.fullmatch(host) is not None

    @cached
    def body_limit(self) -> int:
        """The largest body, in bytes: more for files than for texts."""
        settings = self.site.settings
        if self.accepts_files:
            return settings.max_package_bytes + MAX_TEXTS_BYTES
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        # The limit of mail is checked later, after who may post it (contract/activity.md 3.2).
        is_mail = self.path.rstrip("/").endswith(_MAIL) and kind != "application/x-www-form-urlencoded"
        if kind == "multipart/form-data" or is_mail:
            return settings.max_body_bytes
        return min(MAX_TEXTS_BYTES, settings.max_body_bytes)

    def too_large(self) -> Refusal:
        if self.accepts_files:  # contract/uploads.md 2.2
            return detail(400, "body_too_large", self.locale, limit=self.site.settings.max_package_bytes)
        return detail(413, "body_too_large", self.locale, limit=self.body_limit)

    @cached
    def origin(self) -> str:
        """scheme://host of URLs in answers. Raises Refusal 400 for an unknown Host."""
        addresses, host = self.site.addresses, self.headers.get("Host")
        if addresses.is_fixed or host is None:
            return addresses.site_url
        if not addresses.serves(host):
            raise detail(400, "host_unknown", self.locale, host=host)
        return f"{self.scheme}://{host}"

    @cached
    def scheme(self) -> str:
        """http or https, as the client used it."""
        return client.forwarded_scheme(self.headers, self._peer, self._protocol, self.site.settings)

    @property
    def is_safe(self) -> bool:
        """Whether the method only reads."""
        return self.method in SAFE_METHODS

    @property
    def has_body(self) -> bool:
        return "Content-Length" in self.headers or "Transfer-Encoding" in self.headers

    @property
    def accepts_json(self) -> bool:
        return client.accepts_json(self.headers.get("Accept"))

    @cached
    def address(self) -> str:
        """The caller's IP address."""
        return client.address(self.headers, self._peer, self.site.settings)

    @cached
    def request_id(self) -> str:
        return client.request_id(self.headers)

    @cached
    def pairs(self) -> list[tuple[str, str]]:
        """The decoded parameters; broken percent-encoding and UTF-8 become U+FFFD, never an error."""
        # Does what parse_qsl does, five times as fast.
        parts = (part.partition("=") for part in self.query.split("&") if part)
        return [(_decoded(name), _decoded(value)) for name, _, value in parts]

    @cached
    def last_values(self) -> dict[str, str]:
        """The last value of each parameter, even if empty."""
        return dict(self.pairs)

    @cached
    def lang(self) -> str:
        """The `lang` parameter, empty if missing."""
        return self.last_values.get("lang", "").strip()

    @cached
    def locale(self) -> str:
        """The language of texts: `lang`, else Accept-Language, else `en-US`."""
        return request_locale(self.lang, self.headers.get("Accept-Language"))

    @cached
    def _preferred(self) -> str:
        return negotiate(self.headers.get("Accept-Language"))

    @cached
    def browser(self) -> str:
        """The application of the User-Agent (contract/requests.md 6)."""
        agent = self.headers.get("User-Agent")
        return _browser(agent[:300]) if agent else DEFAULT_APP

    @cached
    def country(self) -> str | None:
        """Two capital letters, or None for anything that is not a country code."""
        code = self.headers.get("X-Country-Code", "")
        return code.upper() if _COUNTRY.fullmatch(code) else None

    @cached
    def representation(self) -> bytes:
        """A digest of everything that the answer to an anonymous caller depends on. Raises Refusal 400."""
        return digest(self.target, self.origin, self._preferred, self.browser, self.country or "")


class UnreadableRequest:
    """Stands for Received if no request could be read."""

    method = ""
    scheme = "http"

    def __init__(self, headers: Mapping[str, str] = {}) -> None:
        self.headers = headers
        self.request_id = client.request_id(headers)


def digest(*parts: str) -> bytes:
    """A short key for everything that an answer depends on."""
    return hashlib.blake2b("\n".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _decoded(text: str) -> str:
    if "%" in text and text.isascii() and not any(sign in text for sign in "=\r\n"):
        # Percent-encoding is quoted-printable with another sign, which C decodes in a tenth of the time. The
        # result is longer than it should be if the encoding is broken.
        decoded = a2b_qp(text.replace("+", " ").replace("%", "="))
        if len(decoded) == len(text) - 2 * text.count("%"):
            return decoded.decode(errors="replace")
    return unquote_plus(text, errors="replace") if "%" in text or "+" in text else text


def header_name(name: str) -> str:
    """The name as Tornado spells it: X-Request-Id."""
    return "-".join([word.capitalize() for word in name.split("-")])


def header_fields(headers: HTTPHeaders) -> dict[str, str]:
    """The headers as a dict, because each look-up in HTTPHeaders takes a microsecond."""
    fields: dict[str, str] = {}
    for name, value in headers.get_all():
        fields[name] = f"{fields[name]},{value}" if name in fields else value
    return fields


@lru_cache(maxsize=1024)
def _browser(user_agent: str) -> str:
    return "android" if "Android" in user_agent and "Firefox" in user_agent else DEFAULT_APP
