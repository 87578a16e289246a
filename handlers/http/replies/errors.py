"""Refusals: every answer that is not a success, as one exception.

Pages and handlers raise it; only handlers/http/base.py writes it out.

    Refusal
      not_found, invalid_page          404 {"detail": ...}
      bare_detail                      400 ["..."]        (search, filters)
      server_error                     500
      read_only, not_ready, busy, unavailable 503
    401 and 403 are in exceptions.py, faults of writes in server/rules/faults.py.
"""

from typing import Any

from conf.messages import counted, text


class Refusal(Exception):
    """An answer of 4xx or 5xx with its JSON body and its own headers."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


def detail(status: int, key: str, locale: str, **values: object) -> Refusal:
    """A refusal with one text of the message table under `detail`, as most are."""
    return Refusal(status, {"detail": text(key, locale, **values)})


def bare_detail(status: int, key: str, locale: str, **values: object) -> Refusal:
    """A bare array as the body: search, autocomplete, versions `filter` (contract/requests.md 4)."""
    return Refusal(status, [text(key, locale, **values)])


def not_found(locale: str) -> Refusal:
    return detail(404, "not_found", locale)


def invalid_page(locale: str) -> Refusal:
    return detail(404, "invalid_page", locale)


def server_error(locale: str) -> Refusal:
    return detail(500, "server_error", locale)


def method_not_allowed(method: str | None, allow: str, locale: str) -> Refusal:
    """405; `allow` lists the methods of the resource."""
    body = {"detail": text("method_not_allowed", locale, method=method)}
    return Refusal(405, body, {"Allow": allow})


def throttled(wait: int, locale: str) -> Refusal:
    """429 for a caller who sends too many requests; `wait` is in seconds."""
    return Refusal(429, {"detail": counted("throttled", wait, locale)}, {"Retry-After": str(wait)})


def region_blocked(locale: str) -> Refusal:
    link = '<https://www.mozilla.org/about/policy/transparency/>; rel="blocked-by"'
    return Refusal(451, {"detail": text("legal_reasons", locale)}, {"Link": link})


def read_only(locale: str) -> Refusal:
    """Maintenance mode; note the key `error` (contract/requests.md 13)."""
    return Refusal(503, {"error": text("read_only", locale)})


def not_ready(locale: str) -> Refusal:
    return Refusal(503, {"detail": text("starting", locale)}, {"Retry-After": "5"})


def provider_away(locale: str) -> Refusal:
    """The identity provider is needed but cannot be reached."""
    return Refusal(503, {"detail": text("provider_away", locale)}, {"Retry-After": "5"})


def busy(locale: str) -> Refusal:
    """Too many callers are waiting for the same work."""
    return Refusal(503, {"detail": text("busy", locale)}, {"Retry-After": "5"})


def unavailable(locale: str) -> Refusal:
    """MongoDB is needed but cannot be reached."""
    return Refusal(503, {"detail": text("storage_unavailable", locale)}, {"Retry-After": "5"})
