"""Links that lead off the site: through the redirector, and inside cleaned texts.

    links = Links("https://outgoing.example/v1", "secret", "https://addons.example")
    links.wrap("https://example.com/")  -> "https://outgoing.example/v1/<hmac>/https%3A//example.com/"
    links.clean("see www.example.com")  -> 'see <a href="…" rel="nofollow">www.example.com</a>'

Rules: contract/requests.md 8. A `Links` holds bounded caches and no other
state; it may be shared between threads.
"""

import hmac
import re
from functools import lru_cache
from html import unescape
from typing import Final
from urllib.parse import quote, unquote, urlencode, urlsplit

from conf.limits import MAX_URL
from conf.vocabulary import CONTRIBUTION_QUERY
from index.shapes.html import LINKS_ONLY, PROSE, Markup, is_plain, sanitise

AMO_HOST: Final = "addons.mozilla.org"
NOWHERE: Final = "/"  # where a link leads whose scheme is not of the web

# The redirectors that texts published by AMO come with.
_WRAPPED: Final = re.compile(
    r"https://(?:outgoing\.prod\.mozaws\.net|prod\.outgoing\.prod\.webservices\.mozgcp\.net)"
    r"/v1/[0-9a-f]{64}/(.+)",
    re.DOTALL,
)
_CAMPAIGN: Final = urlencode(CONTRIBUTION_QUERY)

_URLS_KEPT: Final = 8192
_TEXTS_KEPT: Final = 2048
_LONGEST_KEPT: Final = 20_000  # characters of a text worth keeping


def unwrap(url: str) -> str:
    """The address behind a link through AMO's redirector; any other URL as it is."""
    match = _WRAPPED.fullmatch(url)
    return unquote(match[1]) if match else url


def with_campaign(url: str) -> str:
    """A contributions URL with the parameters that say where its visitor comes from."""
    if not url or _CAMPAIGN in url:
        return url
    address, hash_mark, fragment = url.partition("#")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{_CAMPAIGN}{hash_mark}{fragment}"


def _host(url: str) -> str:
    """Host and port, with any user name: `https://known@other/` must not pass for `known`."""
    return urlsplit(url).netloc.lower()


class Links:
    """The outgoing redirector of one site, and texts whose links go through it."""

    def __init__(self, base: str | None, secret: str | None, site_url: str) -> None:
        """`base` without which links stay as they are, and `secret`, its HMAC key."""
        self._base = (base or "").rstrip("/")
        self._key = (secret or "").encode()
        own = (self._base, site_url)
        self._own = frozenset({AMO_HOST, *(_host(url) for url in own if url)})
        self._wrapped = lru_cache(maxsize=_URLS_KEPT)(self._wrap)
        self._cleaned = lru_cache(maxsize=_TEXTS_KEPT)(self._sanitise)

    def wrap(self, url: str) -> str:
        """The address a link to `url` has (contract/requests.md 8.1); `url` may be HTML-escaped."""
        return self._wrapped(url) if len(url) <= MAX_URL else self._wrap(url)

    def clean(self, text: str) -> str:
        """A text with some HTML: description, comments, EULA, policy, release notes."""
        return self._clean(text, PROSE)

    def linkify(self, text: str) -> str:
        """A text with links alone: summary, licence text.

        Newest servers take URLs out of summaries; v3 and v4 were documented so that
        links in them are wrapped, and what is documented wins.
        """
        return self._clean(text, LINKS_ONLY)

    def _clean(self, text: str, kind: Markup) -> str:
        if is_plain(text):
            return text
        if len(text) > _LONGEST_KEPT:
            return self._sanitise(text, kind)
        return self._cleaned(text, kind)

    def _sanitise(self, text: str, kind: Markup) -> str:
        return sanitise(text, kind, self._follow)

    def _wrap(self, url: str) -> str:
        target = self._lead(unescape(url))
        return url if target is None else target

    def _follow(self, url: str) -> str:
        """The address of a link inside a text, which may come from AMO already wrapped."""
        url = unwrap(url)
        target = self._lead(url)
        return url if target is None else target

    def _lead(self, url: str) -> str | None:
        """The wrapped URL; None for one that stays as it is."""
        try:
            parts = urlsplit(url)
        except ValueError:  # brackets that hold no IPv6 address
            return NOWHERE
        if parts.scheme not in ("http", "https"):
            return NOWHERE
        if not self._base or parts.netloc.lower() in self._own:
            return None
        message = url.encode()
        digest = hmac.digest(self._key, message, "sha256").hex()
        return f"{self._base}/{digest}/{quote(message, safe='/&=')}"
