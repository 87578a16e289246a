"""What is known of the client beyond its request line: limits, scheme, address, taste."""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache

from tornado.httputil import HTTPHeaders, HTTPServerRequest

from conf.settings import Settings
from handlers.errors import detail


def plain(headers: HTTPHeaders) -> dict[str, str]:
    """The headers by name, canonical case, for code that looks up many: each look-up costs Tornado 1 us."""
    found: dict[str, str] = {}
    for name, value in headers.get_all():
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def check_limits(url: str, headers: Mapping[str, str], settings: Settings, locale: str) -> None:
    """Raises Refusal 414 or 431 above the settings' sizes; bodies are cut off by Tornado itself."""
    if len(url) > settings.max_url_bytes:
        raise detail(414, "url_too_long", locale, limit=settings.max_url_bytes)
    size = len(url) + sum(len(name) + len(value) for name, value in headers.items())
    if size > settings.max_header_bytes:
        raise detail(431, "headers_too_large", locale, limit=settings.max_header_bytes)


def scheme(request: HTTPServerRequest, settings: Settings) -> str:
    """http or https, as the client used it; a proxy's word counts only where it is trusted."""
    return forwarded_scheme(request.headers, request.remote_ip or "", request.protocol, settings)


def forwarded_scheme(headers: Mapping[str, str], peer: str, protocol: str, settings: Settings) -> str:
    if settings.trusted_proxies and is_listed(peer, tuple(settings.trusted_proxies)):
        said = headers.get("X-Forwarded-Proto", "")
        if said in ("http", "https"):
            return said
    return protocol


def address(request: HTTPServerRequest, settings: Settings) -> str:
    """The caller's address; behind trusted proxies the nearest one they did not add themselves."""
    peer = request.remote_ip or ""
    trusted = tuple(settings.trusted_proxies)
    if not trusted or not is_listed(peer, trusted):
        return peer
    for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        candidate = hop.strip()
        if not _is_address(candidate):
            break
        peer = candidate
        if not is_listed(candidate, trusted):
            break
    return peer


@lru_cache(maxsize=4096)
def is_listed(peer: str, networks: tuple[str, ...]) -> bool:
    """Whether an address is one of the addresses, or in one of the networks."""
    if not _is_address(peer):
        return False
    ip = ipaddress.ip_address(peer)
    return any(ip in ipaddress.ip_network(network, strict=False) for network in networks)


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def accepts_json(accept: str | None) -> bool:
    """Whether an Accept header lets JSON through (reference/conventions.md 15)."""
    if not accept or not accept.strip():
        return True
    kinds = (entry.partition(";")[0].strip().lower() for entry in accept.split(","))
    return any(kind in ("*/*", "application/*", "application/json") for kind in kinds)
