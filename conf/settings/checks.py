"""Checks of settings: each returns what is wrong with a value, or None.

They check the form only; no file is opened and no host is looked up.
"""

import ipaddress
import re
from collections.abc import Callable, Collection, Iterable
from typing import Final
from urllib.parse import urlsplit

from conf.limits import MIN_SECRET
from conf.vocabulary import APPS

LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS: Final = ("auto", "json", "text")
SMTP_SECURITY: Final = ("starttls", "tls", "none")
_HOST: Final = re.compile(r"\*|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\]")
_DATE: Final = re.compile(r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ", re.ASCII)


def port(value: int) -> str | None:
    return None if 0 <= value <= 65535 else "must be between 0 and 65535"


def positive(value: float) -> str | None:
    return None if value > 0 else "must be greater than 0"


def not_negative(value: float) -> str | None:
    return None if value >= 0 else "must not be less than 0"


def cache(value: float) -> str | None:
    return None if value >= 0.25 else "must be at least 0.25"


def not_empty(value: str) -> str | None:
    return None if value.strip() else "must not be empty"


def secret(value: str) -> str | None:
    return None if len(value.strip()) >= MIN_SECRET else f"must have at least {MIN_SECRET} characters"


def secrets(value: str) -> str | None:
    """One secret, or several separated by commas; the fault contains none of them."""
    texts = [text.strip() for text in value.split(",") if text.strip()]
    if texts and all(len(text) >= MIN_SECRET for text in texts):
        return None
    return f"must have at least {MIN_SECRET} characters, each of them if there are several"


def one_of(words: Collection[str]) -> Callable[[str], str | None]:
    return lambda value: None if value in words else f"must be one of {', '.join(words)}"


def date(value: str) -> str | None:
    return None if _DATE.fullmatch(value) else "must be a date as 2025-08-04T00:00:00Z"


def email(value: str) -> str | None:
    local, at, domain = value.rpartition("@")
    return None if local and at and domain and not re.search(r"\s", value) else "must be an email address"


def emails(values: Iterable[str]) -> str | None:
    return next((f"{value} {fault}" for value in values if (fault := email(value))), None)


def web_url(value: str) -> str | None:
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises ValueError if it is no number
    except ValueError:
        return "must be a URL"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "must be a URL beginning with http:// or https://"
    if parts.query or parts.fragment or re.search(r"\s", value):
        return "must be a URL without query, fragment and blanks"
    return None


def path(value: str) -> str | None:
    return None if re.fullmatch(r"/[A-Za-z0-9/._-]*", value) else "must be a path, as in /files/"


def socket_path(value: str) -> str | None:
    """Checks the length, which is limited most by macOS: 103 bytes."""
    is_path = value.startswith("/") and "\0" not in value and len(value.encode()) <= 103
    return None if is_path else "must be an absolute path of at most 103 bytes"


def host(value: str) -> str | None:
    return None if _HOST.fullmatch(value) else "must be a host without scheme and port, as a.example"


def hosts(values: Iterable[str]) -> str | None:
    return _first(host, values)


def mongodb_uri(value: str) -> str | None:
    # The value may hold a password, so the fault does not repeat it.
    if value.startswith(("mongodb://", "mongodb+srv://")):
        return None
    return "must begin with mongodb:// or mongodb+srv://"


def network(value: str) -> str | None:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return "must be an IP address or a network as 10.0.0.0/8"
    return None


def networks(values: Iterable[str]) -> str | None:
    return _first(network, values)


def apps(values: Iterable[str]) -> str | None:
    return _first(one_of(APPS), values)


def submitters(values: Iterable[str]) -> str | None:
    """E-mail addresses and @domains are not checked further."""
    return networks(value for value in values if "@" not in value)


def _first(check: Callable[[str], str | None], values: Iterable[str]) -> str | None:
    return next((f"{value!r} {fault}" for value in values if (fault := check(value))), None)
