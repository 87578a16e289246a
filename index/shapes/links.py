"""Links that lead off the site: through the redirector, and inside cleaned texts.

    stored = clean("see www.example.com", PROSE)
        -> 'see <a href="http://www.example.com" rel="nofollow">www.example.com</a>'

    links = Links("https://outgoing.example/v1", "secret", "https://addons.example")
    links.wrap("https://example.com/")  -> "https://outgoing.example/v1/<hmac>/https%3A//example.com/"
    links.wrap_all(stored)              -> 'see <a href="…" rel="nofollow">www.example.com</a>'

Rules: contract/requests.md 8. A `Links` holds a bounded cache and no other
state; it may be shared between threads.
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
NOWHERE: Final = "/"  # where a link leads whose scheme is not of the web

# A link through a redirector, AMO's or our own: what the API shows comes back in what authors send.
_WRAPPED: Final = re.compile(r"https?://[^/\s]++/(?:[^/\s]++/)*?[0-9a-f]{64}/(https?(?:%3A|:).+)", re.DOTALL)
# As urllib's `quote` with these safe characters, in a third of the time.
_SAFE: Final = string.ascii_letters + string.digits + "_.-~/&="
_QUOTED: Final = {byte: f"%{byte:02X}" for byte in range(256) if chr(byte) not in _SAFE}
_WEB: Final = re.compile(
    r"\s*+https?://([^/?#]*)", re.IGNORECASE | re.ASCII
)  # a fifth of what urlsplit takes
_CAMPAIGN: Final = urlencode(CONTRIBUTION_QUERY)

_CACHED_URLS: Final = 8192
_LONGEST_CACHED: Final = 300  # characters of an address worth keeping


def clean(text: str, kind: Markup) -> str:
    """A text as it is stored: safe, and its links without a redirector, which is a setting."""
    return text if is_plain(text) else sanitise(text, kind, _plain)


def _plain(url: str) -> str:
    url = unwrap(url)
    return NOWHERE if _host(url) is None else url


def _host(url: str) -> str | None:
    """Host and port, with any user name (`https://known@other/` must not pass for `known`), lower-cased;
    None where the scheme is not of the web, or brackets hold no IPv6 address.
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
    """A contributions URL with the parameters that say where its visitor comes from."""
    if not url or _CAMPAIGN in url:
        return url
    address, hash_mark, fragment = url.partition("#")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{_CAMPAIGN}{hash_mark}{fragment}"


class Links:
    """The outgoing redirector of one site, and texts whose links go through it."""

    def __init__(self, base: str | None, secret: str | None, site_url: str) -> None:
        """`base` without which links stay as they are, and `secret`, its HMAC key."""
        self._of = base, secret, site_url
        self._base = (base or "").rstrip("/")
        self._hmac = hmac.new((secret or "").encode(), digestmod="sha256")  # copied: the key is mixed in once
        own = (self._base, site_url)
        self._own = frozenset({AMO_HOST, *(_host(url) for url in own if url)})
        self._cached_lead = lru_cache(maxsize=_CACHED_URLS)(self._lead)

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process, which has keys and caches of its own."""
        return Links, self._of

    def wrap(self, url: str) -> str:
        """The address a link to `url` has (contract/requests.md 8.1); `url` may be HTML-escaped."""
        plain = unescape(url)
        target = self._target(plain)
        return url if target == plain else target

    def wrap_all(self, clean: str) -> str:
        """A clean text with every link in it wrapped.

        Newest servers take URLs out of summaries; v3 and v4 were documented so that
        links in them are wrapped, and what is documented wins.
        """
        return with_links(clean, self._target)

    def _target(self, url: str) -> str:
        return self._cached_lead(url) if len(url) <= _LONGEST_CACHED else self._lead(url)

    def _lead(self, url: str) -> str:
        """The wrapped URL, or the URL itself where it stays as it is."""
        host = _host(url)
        if host is None:
            return NOWHERE
        if not self._base or host in self._own:
            return url
        message = url.encode()
        digest = self._hmac.copy()
        digest.update(message)
        return f"{self._base}/{digest.hexdigest()}/{message.decode('latin-1').translate(_QUOTED)}"
