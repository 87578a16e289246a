"""401 and 403: what a caller without the right is told, and how to come back (contract/auth.md 1.4, 3).

A 401 names the first mechanism of the resource, whatever the client sent. Where
a resource has none there is no way to come back: 403.
"""

from collections.abc import Sequence
from typing import Any, Final

from conf.messages import text
from handlers.http.errors import Refusal
from server.auth.callers import AuthenticationFailed, Caller, Mechanism

_BEARER: Final = 'bearer realm="api"'
# v3 and v4 speak of the era of bearer tokens, v5 of session keys; all take both.
_CHALLENGES: Final[dict[tuple[str, str], str]] = {
    ("session", "v3"): _BEARER,
    ("session", "v4"): _BEARER,
    ("session", "v5"): 'Session realm="Access to addons.mozilla.org internal API with session key"',
} | dict.fromkeys(
    (("jwt", version) for version in ("v3", "v4", "v5")),
    'JWT realm="Access to addons.mozilla.org external API"',
)


def unauthenticated(body: dict[str, Any], mechanisms: Sequence[Mechanism], version: str) -> Refusal:
    """401; the first of the mechanisms is the challenge."""
    return Refusal(401, body, {"WWW-Authenticate": _CHALLENGES[mechanisms[0], version]})


def broken_credential(
    fault: AuthenticationFailed, mechanisms: Sequence[Mechanism], version: str, locale: str
) -> Refusal:
    """401 with the fault's text, and its code if it has one."""
    body = {"detail": text(fault.key, locale, **fault.values)}
    if fault.code:
        body["code"] = fault.code
    return unauthenticated(body, mechanisms, version)


def denied(
    caller: Caller, facts: dict[str, bool], mechanisms: Sequence[Mechanism], version: str, locale: str
) -> Refusal:
    """A permission is missing; `facts` are further keys of the body."""
    if caller.is_anonymous and mechanisms:
        return unauthenticated({"detail": text("not_authenticated", locale), **facts}, mechanisms, version)
    return Refusal(403, {"detail": text("permission_denied", locale), **facts})
