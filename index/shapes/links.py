"""Links that lead off the site: addresses through the redirector, also inside cleaned texts.

    stored = clean("see www.example.com", PROSE)
        -> 'see <a href="http://www.example.com" rel="nofollow">www.example.com</a>'

    links = Links("https://outgoing.example/v1", "secret", "https://addons.example")
    links.wrap("https://example.com/")  -> "https://outgoing.example/v1/<hmac>/https%3A//example.com/"
    links.wrap_all(stored)              -> 'see <a href="…" rel="nofollow">www.example.com</a>'

Rules: contract/requests.md 8. A `Links` has a bounded cache and no other state; threads may share it.
"""

import hmac
import re
import string
from functools import lru_cache
from html import unescape
from typing import Any, Final
from urllib.parse import unquote, urlencode, urlsplit

from conf.vocabulary import CONTRIBUTION_QUERY
from index.shapes.html import Markup, is_plain, sanitise, with_links

AMO_HOST: Final = "addons.mozilla.org"
NOWHERE: Final = "/"  # the target of links that are neither http nor https

# A link through a redirector, AMO's or our own: authors send back what the API shows them.
_WRAPPED: Final = re.compile(r"https?://[^/\s]++/(?:[^/\s]++/)*?[0-9a-f]{64}/(https?(?:%3A|:).+)", re.DOTALL)
# The same as urllib's `quote` with these safe characters, in a third of the time.
_SAFE: Final = string.ascii_letters + string.digits + "_.-~/&="
_QUOTED: Final = {byte: f"%{byte:02X}" for byte in range(256) if chr(byte) not in _SAFE}
# Takes a fifth of the time of urlsplit.
_WEB: Final = re.compile(r"\s*+https?://([^/?#]*)", re.IGNORECASE | re.ASCII)
_CAMPAIGN: Final = urlencode(CONTRIBUTION_QUERY)

_CACHED_URLS: Final = 8192
_LONGEST_CACHED: Final = 300  # characters of an address


def clean(text: str, kind: Markup) -> str:
    """A text as it is stored: safe, and its links without the redirector, because that is a setting."""
    return text if is_plain(text) else sanitise(text, kind, _plain)


def _plain(url: str) -> str:
    url = unwrap(url)
    return NOWHERE if _host(url) is None else url


def _host(url: str) -> str | None:
    """Host and port, lower-cased, with any user name (`https://known@other/` must not pass for `known`);
    None unless the URL is http or https, and if brackets hold no IPv6 address.
    """
    match = _WEB.match(url)
    host = match[1].lower() if match else None
    if host and ("[" in host or "]" in host):
        try:
            urlsplit(url)
        except ValueError:
            return None
    return host


def unwrap(url: str) -> str:
    """The address behind a link through a redirector; any other URL as it is."""
    match = _WRAPPED.fullmatch(url)
    return unquote(match[1]) if match else url


def with_campaign(url: str) -> str:
    """A contributions URL with the parameters that tell where its visitors come from."""
    if not url or _CAMPAIGN in url:
        return url
    address, hash_mark, fragment = url.partition("#")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{_CAMPAIGN}{hash_mark}{fragment}"


class Links:
    """The outgoing redirector of one site, and texts whose links go through it."""

    def __init__(self, base: str | None, secret: str | None, site_url: str) -> None:
        """`base` is the redirector's address, without which links stay as they are; `secret` its HMAC key."""
        self._arguments = base, secret, site_url
        self._base = (base or "").rstrip("/")
        self._hmac = hmac.new((secret or "").encode(), digestmod="sha256")  # `copy` spares the keying
        own_urls = filter(None, (self._base, site_url))
        self._own_hosts = frozenset({AMO_HOST, *map(_host, own_urls)})
        self._cached_redirected = lru_cache(maxsize=_CACHED_URLS)(self._redirected)

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process makes its own HMAC and cache."""
        return Links, self._arguments

    def wrap(self, url: str) -> str:
        """The address of a link to `url` (contract/requests.md 8.1), which may be HTML-escaped."""
        plain = unescape(url)
        target = self._target(plain)
        return url if target == plain else target

    def wrap_all(self, clean: str) -> str:
        """A clean text with all its links wrapped.

        The newest servers remove URLs from summaries; but v3 and v4 are documented to wrap them, and the
        documentation wins.
        """
        return with_links(clean, self._target)

    def _target(self, url: str) -> str:
        return self._cached_redirected(url) if len(url) <= _LONGEST_CACHED else self._redirected(url)

    def _redirected(self, url: str) -> str:
        """The URL through the redirector, or unchanged if it does not need that."""
        host = _host(url)
        if host is None:
            return NOWHERE
        if not self._base or host in self._own_hosts:
            return url
        message = url.encode()
        digest = self._hmac.copy()
        digest.update(message)
        return f"{self._base}/{digest.hexdigest()}/{message.decode('latin-1').translate(_QUOTED)}"
