"""Turns the exceptions of lower layers into answers; nothing else does.

A caller without permission learns how to authenticate (contract/auth.md 1.4, 3): a 401 names the first
mechanism of the resource, whatever the client sent. If the resource has none, the answer is 403.
"""

from collections.abc import Sequence
from typing import Any, Final

from conf.messages import text
from handlers.http.replies.errors import (
    Refusal,
    busy,
    detail,
    not_found,
    read_only,
    region_blocked,
    server_error,
    unavailable,
)
from server import errors
from server.auth.callers import AuthenticationFailed, Caller, Mechanism
from server.rules.faults import Invalid

# Exceptions that are expected, and therefore not logged.
EXPECTED: Final = (
    *(Refusal, Invalid, AuthenticationFailed),
    *(errors.NotFound, errors.Withheld, errors.Forbidden, errors.BadDocument, errors.PreconditionFailed),
    *(errors.ReadOnly, errors.Conflict, errors.Duplicate, errors.Unstorable, errors.BadCounter, errors.Busy),
    errors.NotBrowsable,
)
_BEARER: Final = 'bearer realm="api"'
# The challenges of v3 and v4 are from the time of bearer tokens, v5's of session keys; all accept both.
_CHALLENGES: Final[dict[tuple[str, str], str]] = {
    ("session", "v3"): _BEARER,
    ("session", "v4"): _BEARER,
    ("session", "v5"): 'Session realm="Access to addons.mozilla.org internal API with session key"',
} | dict.fromkeys(
    (("jwt", version) for version in ("v3", "v4", "v5")),
    'JWT realm="Access to addons.mozilla.org external API"',
)


def refusal_for(
    error: BaseException | None, caller: Caller, mechanisms: Sequence[Mechanism], version: str, locale: str
) -> Refusal:
    """The answer to an exception; 500 for unexpected ones. The other arguments are for 401 and 403."""
    match error:
        case Refusal():
            return error
        case Invalid():
            return Refusal(error.status, error.body(locale))
        case AuthenticationFailed():
            return _broken_credential(error, mechanisms, version, locale)
        case errors.Forbidden():
            return _denied(caller, error.facts, mechanisms, version, locale)
        case errors.NotFound() | errors.BadDocument():  # lists leave damaged documents out, too
            return not_found(locale)
        case errors.Withheld():
            return region_blocked(locale)
        case errors.PreconditionFailed():
            return detail(412, "precondition_failed", locale)
        case errors.NotBrowsable():
            return detail(422, "package_not_shown", locale)
        case errors.ReadOnly():  # the mode began after the request was checked
            return read_only(locale)
        case errors.Unavailable() | errors.BadCounter():
            return unavailable(locale)
        case errors.Busy():
            return busy(locale)
        case errors.Conflict() | errors.Duplicate():
            return detail(409, "conflict", locale)
        case errors.Unstorable():  # larger than a document may be
            return detail(400, "bad_request", locale)
    return server_error(locale)


def _unauthenticated(body: dict[str, Any], mechanisms: Sequence[Mechanism], version: str) -> Refusal:
    """401; the first of the mechanisms is the challenge."""
    return Refusal(401, body, {"WWW-Authenticate": _CHALLENGES[mechanisms[0], version]})


def _broken_credential(
    fault: AuthenticationFailed, mechanisms: Sequence[Mechanism], version: str, locale: str
) -> Refusal:
    """401 with the fault's text, and its code if it has one."""
    body = {"detail": text(fault.key, locale, **fault.values)}
    if fault.code:
        body["code"] = fault.code
    return _unauthenticated(body, mechanisms, version)


def _denied(
    caller: Caller, facts: dict[str, bool], mechanisms: Sequence[Mechanism], version: str, locale: str
) -> Refusal:
    """401 or 403 for a missing permission; `facts` are further keys of the body."""
    if caller.is_anonymous and mechanisms:
        return _unauthenticated({"detail": text("not_authenticated", locale), **facts}, mechanisms, version)
    return Refusal(403, {"detail": text("permission_denied", locale), **facts})
