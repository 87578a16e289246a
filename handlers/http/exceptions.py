"""What an exception from below is to the caller: the one place that makes answers of them."""

from collections.abc import Sequence
from typing import Final

from handlers.http.errors import (
    Refusal,
    detail,
    not_found,
    read_only,
    region_blocked,
    server_error,
    unavailable,
)
from handlers.http.unauthorized import broken_credential, denied
from server import errors
from server.auth.callers import AuthenticationFailed, Caller, Mechanism
from server.rules.faults import Invalid

# Exceptions that are answers, and nothing for the log.
ANSWERS: Final = (
    *(Refusal, Invalid, AuthenticationFailed),
    *(errors.NotFound, errors.Withheld, errors.Forbidden, errors.BadDocument),
    *(errors.ReadOnly, errors.Conflict, errors.Duplicate, errors.Unstorable, errors.BadCounter),
)


def refusal_for(
    error: BaseException | None, caller: Caller, mechanisms: Sequence[Mechanism], version: str, locale: str
) -> Refusal:
    """500 for what nobody foresaw; the rest goes into a 401 or 403."""
    match error:
        case Refusal():
            return error
        case Invalid():
            return Refusal(error.status, error.body(locale))
        case AuthenticationFailed():
            return broken_credential(error, mechanisms, version, locale)
        case errors.Forbidden():
            return denied(caller, error.facts, mechanisms, version, locale)
        case errors.NotFound() | errors.BadDocument():  # what is damaged is in no list either
            return not_found(locale)
        case errors.Withheld():
            return region_blocked(locale)
        case errors.ReadOnly():  # it began after the request came in
            return read_only(locale)
        case errors.Unavailable() | errors.BadCounter():
            return unavailable(locale)
        case errors.Conflict() | errors.Duplicate():
            return detail(409, "conflict", locale)
        case errors.Unstorable():  # larger than a document may be
            return detail(400, "bad_request", locale)
    return server_error(locale)
