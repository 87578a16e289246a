"""Checks addresses in bodies: web pages, e-mail, contributions (contract/writes.md 3.2).

Checks raise WrongValue and return nothing; readers return what is stored. Pure; any thread.
"""

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from conf.domains import TOP_LEVEL_DOMAINS
from conf.limits import MAX_EMAIL, MAX_URL
from conf.vocabulary import CONTRIBUTION_DOMAINS, SPONSORS_DOMAIN, SPONSORS_PATH
from server.rules.faults import Fault
from server.rules.fields import WrongValue, plain_text, with_schema, wrong_value

_HOST: Final = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])?\.?")
_NUMERIC: Final = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}", re.ASCII)
_EMAIL: Final = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W_]{2,63}")
_LINK: Final = re.compile(r"[a-z0-9]://|\bwww\.\w|<a\s", re.IGNORECASE)
_DOTTED: Final = re.compile(r"[\w.@-]++")  # possibly a host or an e-mail address
_SPACE: Final = re.compile(r"[\s\x00-\x1f<>\"]")


def has_url(text: str) -> bool:
    """Whether a text has a web address: one with a scheme, a link, or a bare domain."""
    return _LINK.search(text) is not None or any(_is_domain(match[0]) for match in _DOTTED.finditer(text))


def _is_domain(word: str) -> bool:
    """Whether the word is a domain. `Node.js`, `v1.2.3`, `e.g.` and e-mail addresses are none; neither is
    `done.It`, where the blank between two sentences is missing.
    """
    *labels, top_level = word.strip("._-").split(".")
    if not labels or not all(labels) or "@" in word:
        return False
    return top_level.lower() in TOP_LEVEL_DOMAINS and not top_level.istitle()


def check_no_url(text: str) -> None:
    if has_url(text):
        raise wrong_value("urls_not_allowed")


def check_linkless(text: str) -> None:
    if has_url(text):
        raise wrong_value("no_links")


def check_url(text: str) -> None:
    """Raises WrongValue unless it is http or https, with a host that has a dot."""
    _parts(text)


def external(site_url: str, fault: str = "url_not_external") -> Callable[[str], None]:
    """A check that refuses addresses of this site."""
    site_host = urlsplit(site_url).hostname

    def check(text: str) -> None:
        if _parts(text).hostname == site_host:
            raise wrong_value(fault, site=site_url)

    return check


def check_email(text: str) -> None:
    if len(text) > MAX_EMAIL or not _EMAIL.fullmatch(text):
        raise wrong_value("not_an_email")


@with_schema(type=["string", "null"], maxLength=int(MAX_URL), minLength=1)
def contributions(value: Any) -> str:
    """Reads the address; `""` for null, which removes it."""
    if value is None:
        return ""
    text = plain_text(value)
    if not text:
        raise wrong_value("blank")
    parts = _parts(text)
    faults = []
    domain = parts.netloc.lower()
    if domain not in CONTRIBUTION_DOMAINS:
        faults.append(Fault("contributions_domain", domains=", ".join(CONTRIBUTION_DOMAINS)))
    elif domain == SPONSORS_DOMAIN and not parts.path.startswith(SPONSORS_PATH):
        faults.append(Fault("contributions_sponsors"))
    if parts.scheme != "https":
        faults.append(Fault("contributions_https"))
    if faults:
        raise WrongValue(*faults)
    return text


def _parts(text: str) -> SplitResult:
    if len(text) > MAX_URL:
        raise wrong_value("not_a_url")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise wrong_value("not_a_url") from None
    if parts.scheme not in ("http", "https") or _SPACE.search(text):
        raise wrong_value("not_a_url")
    if not (_HOST.fullmatch(host) or _NUMERIC.fullmatch(host)):
        raise wrong_value("not_a_url")
    return parts
