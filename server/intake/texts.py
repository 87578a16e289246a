"""Converts texts and addresses of AMO's JSON to the form of the model.

AMO shows links through its redirector, and pictures and pages with its hosts. Stored are the link itself and
the path, which our settings complete (contract/requests.md 8, contract/addons.md 5.6).
"""

import re
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from conf.model.addons import Translated
from conf.vocabulary import CONTRIBUTION_QUERY
from server.intake.json_values import BadRecord, locale_key, mapping, quoted, string

# Both documented hosts and those of AMO's other deployments. The tail holds what
# the redirector's quoting leaves (letters, digits, "_.-~/&=%"), in HTML with entities.
_OUTGOING: Final = re.compile(
    r"https?://(?=[a-z0-9.-]*outgoing)[a-z0-9.-]++/v1/[0-9a-f]{64}/"
    r"((?:&(?:amp|\#39|\#x27|quot);|[A-Za-z0-9_.~/&=%-])*)"
)
# Characters that would end an HTML attribute stay quoted in a decoded link.
_UNSAFE: Final = {ord(char): f"%{ord(char):02X}" for char in "\"'<> \t\r\n"}

AMO_HOST: Final = "addons.mozilla.org"
_HOSTS: Final = (
    f"{AMO_HOST} addons.cdn.mozilla.net services.addons.mozilla.org static.addons.mozilla.net"
    " addons.thunderbird.net addons.allizom.org addons.allizom-cdn.org addons-dev.allizom.org"
    " addons-stage.allizom.org addons-dev-cdn.allizom.org addons-stage-cdn.allizom.org"
)
AMO_HOSTS: Final = frozenset(_HOSTS.split())
_MEDIA_PREFIX: Final = "/user-media/"
_STATIC_PREFIX: Final = "/static"
_LOCALE_PREFIX: Final = re.compile(r"/[a-z]{2,3}(-[A-Z]{2})?(?=/)")
_UTM: Final = frozenset(f"{name}={value}" for name, value in CONTRIBUTION_QUERY)


def unwrap(text: str) -> str:
    """A URL or an HTML text with every redirector link replaced by its target."""
    if "outgoing" not in text:
        return text
    return _OUTGOING.sub(lambda match: unquote(match[1]).translate(_UNSAFE), text)


def translated(value: Any, default_locale: str, what: str) -> Translated | None:
    """A translated field in any of its forms (contract/requests.md 7).

    An object of texts by locale, one of the `lang` forms (a plain text, which is
    taken for the default locale's; `{"fr": null, "en-US": "..", "_default": ..}`)
    or null. Locales without text are left out; no text at all is None.
    """
    if isinstance(value, str):
        value = {default_locale: value} if value else None
    texts: Translated = {}
    for key, text in mapping(value, what).items():
        if key == "_default" or text is None:
            continue
        if not isinstance(text, str):
            raise BadRecord(f"{what} in {key} is no text: {quoted(text)}")
        texts[locale_key(key, what)] = unwrap(text)
    return texts or None


def translated_url(value: Any, default_locale: str, what: str) -> Translated | None:
    """As `translated`, for `homepage` and `support_url`: v5 has `{"url": .., "outgoing": ..}`."""
    if isinstance(value, dict) and "url" in value:
        value = value["url"]
    return translated(value, default_locale, what)


def contributions_url(value: Any) -> str:
    """The address without the redirector, and without the three parameters that AMO appends."""
    if isinstance(value, dict):
        value = value.get("url")
    url = unwrap(string(value, "contributions_url"))
    path, mark, query = url.partition("?")
    parts = [part for part in query.split("&") if part not in _UTM]
    return path + mark + "&".join(parts) if any(parts) else path


def _amo_path(url: str) -> str | None:
    """Path and query of an address on AMO, None for any other."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.hostname not in AMO_HOSTS:
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def media_path(value: Any, what: str) -> str | None:
    """A picture's path below the media URL; addresses elsewhere stay.

    None for no picture, for AMO's default pictures (below its static URL), and for `data:` addresses, which
    no browser caches.
    """
    url = string(value, what)
    if not url or url.startswith("data:"):
        return None
    path = _amo_path(url)
    if path is None:
        return url.removeprefix(_MEDIA_PREFIX[:-1]) if url.startswith(_MEDIA_PREFIX) else url
    if path.startswith(_STATIC_PREFIX):
        return None
    return "/" + path.removeprefix(_MEDIA_PREFIX).removeprefix("/")


def file_path(value: Any, what: str) -> str:
    """A download's path below the site, without locale and `?src=`; addresses elsewhere stay."""
    url = string(value, what)
    path = _amo_path(url) if "://" in url else None
    if path is None:
        return url
    return _LOCALE_PREFIX.sub("", path.partition("?")[0], count=1)


def is_amo(url: str) -> bool:
    """Whether an address is one of AMO's own pages."""
    return _amo_path(url) is not None
