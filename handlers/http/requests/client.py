"""The client as its headers describe it: scheme, address, request id, accepted formats."""

import re
from collections.abc import Mapping
from random import getrandbits
from typing import Final

from conf.settings.settings import Settings
from server.addresses import is_address, is_listed

_JSON_RANGES: Final = ("application/json", "application/*", "*/*")  # the narrowest first
UNIX: Final = "0.0.0.0"  # Tornado's address for clients of a unix socket: the web server in front
_Q_ZERO: Final = re.compile(r"(?:^|;)\s*q\s*=\s*0(?:\.0*)?\s*(?:;|$)", re.IGNORECASE | re.ASCII)
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._:=/+-]{1,128}", re.ASCII)


def request_id(headers: Mapping[str, str]) -> str:
    """The request's id for the log and the answer: X-Request-ID if it is valid, else a random one."""
    value = headers.get("X-Request-Id")  # as Tornado spells it
    return value if value is not None and _REQUEST_ID.fullmatch(value) else f"{getrandbits(128):032x}"


def forwarded_scheme(headers: Mapping[str, str], peer: str, protocol: str, settings: Settings) -> str:
    """http or https, as the client used it; X-Forwarded-Proto counts only from trusted proxies."""
    if _is_trusted(peer, settings):
        scheme = headers.get("X-Forwarded-Proto", "")
        if scheme in ("http", "https"):
            return scheme
    return protocol


def address(headers: Mapping[str, str], peer: str, settings: Settings) -> str:
    """The caller's address: behind trusted proxies, the nearest hop that is not one of them."""
    if not _is_trusted(peer, settings):
        return peer
    trusted = tuple(settings.trusted_proxies)
    for hop in reversed(headers.get("X-Forwarded-For", "").split(",")):
        candidate = hop.strip()
        if not is_address(candidate):
            break
        peer = candidate
        if not is_listed(candidate, trusted):
            break
    return peer


def _is_trusted(peer: str, settings: Settings) -> bool:
    """Whether X-Forwarded-For and X-Forwarded-Proto of this peer are trusted."""
    if not settings.trusted_proxies:
        return peer == UNIX
    return peer == UNIX or is_listed(peer, tuple(settings.trusted_proxies))


def accepts_json(accept: str | None) -> bool:
    """Whether an Accept header allows JSON (contract/requests.md 15).

    Of the ranges that include JSON, the narrowest decides (RFC 9110, 12.5.1); q=0 excludes it.
    """
    if not accept or accept in _JSON_RANGES or not accept.strip():
        return True
    refused: dict[str, bool] = {}
    for entry in accept.split(","):
        kind, _, parameters = entry.partition(";")
        refused[kind.strip().lower()] = _Q_ZERO.search(parameters) is not None
    return not next((refused[kind] for kind in _JSON_RANGES if kind in refused), True)


def prefers_html(accept: str | None) -> bool:
    """Whether an Accept header prefers HTML to JSON, as browsers' do."""
    weights: dict[str, float] = {}
    for entry in (accept or "").lower().split(","):
        kind, _, parameters = entry.partition(";")
        weight = parameters.partition("q=")[2].partition(";")[0].strip()
        is_number = weight.isascii() and weight.replace(".", "", 1).isdigit()
        weights.setdefault(kind.strip(), float(weight) if is_number else 1.0)
    kinds = [kind for kind in weights if kind in ("text/html", "application/json")]
    # If they weigh the same, `max` returns the first.
    return bool(kinds) and max(kinds, key=weights.__getitem__) == "text/html" and weights["text/html"] > 0
