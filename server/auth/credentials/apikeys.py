"""API keys, and the JSON Web Tokens signed with them (contract/auth.md 2).

    claims = read_claims(token)            # contract/auth.md 2.2, rows 3 and 4
    check_token(token, claims, secret)     # rows 6 to 13

PyJWT checks form and signature. The claims are checked here, because the contract fixes the order
of the checks and their texts. Pure; any thread.
"""

import secrets
import time
from collections.abc import Mapping
from typing import Any, Final, TypedDict, cast

from conf.limits import JWT_LEEWAY, JWT_LIFETIME
from conf.numbers import read_number
from server import clock
from server.auth.callers import AuthenticationFailed
from server.auth.keys.keyring import Keyring

ALGORITHM: Final = "HS256"
_SECRET_BYTES: Final = 32
# Seconds before or after 1970; a claim beyond that is not a time.
_MAX_SECONDS: Final = 1e15

JwtClaims = Mapping[str, Any]


class ApiKeyDoc(TypedDict):
    """Collection `apikeys`; at most one of a user's is active."""

    _id: str  # "user:<user id>:<n>"
    user_id: int
    secret: str  # sealed with the server's secret, see server/auth/keys/keyring.py
    active: bool
    created: str


def make_api_key(user_id: int, number: int, keyring: Keyring) -> tuple[str, ApiKeyDoc]:
    """A new secret, to be shown once, and the document to store for it."""
    secret = secrets.token_hex(_SECRET_BYTES)
    return secret, {
        "_id": f"user:{user_id}:{number}",
        "user_id": user_id,
        "secret": keyring.seal(secret),
        "active": True,
        "created": clock.now(),
    }


def read_claims(token: str) -> JwtClaims:
    """The claims of a token, unverified except that `iss` is a string. Raises AuthenticationFailed."""
    import jwt  # imported late, so that no start waits for it (handlers/serving.py)

    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError):
        raise AuthenticationFailed("signature_undecodable") from None
    if "iss" not in claims:
        raise AuthenticationFailed("jwt_issuer_missing")
    if not isinstance(claims["iss"], str):
        raise AuthenticationFailed("jwt_issuer_unknown")
    return cast(JwtClaims, claims)


def check_token(token: str, claims: JwtClaims, secret: str, now: float | None = None) -> None:
    """Raises AuthenticationFailed for the first rule the token breaks; `now` is seconds since 1970."""
    import jwt

    for claim in ("exp", "iat"):
        if claims.get(claim) is None:
            raise AuthenticationFailed("jwt_claim_missing", claim=claim)
    try:
        jwt.api_jws.decode(token, secret, algorithms=[ALGORITHM])
    except jwt.DecodeError:
        raise AuthenticationFailed("signature_undecodable") from None
    except (jwt.InvalidTokenError, ValueError):
        raise AuthenticationFailed("jwt_invalid") from None
    _check_times(claims, time.time() if now is None else now)
    if "orig_iat" in claims:
        raise AuthenticationFailed("jwt_not_refreshable")


def _check_times(claims: JwtClaims, now: float) -> None:
    expires, issued = _seconds(claims["exp"]), _seconds(claims["iat"])
    if expires is not None and expires + JWT_LEEWAY < now:
        raise AuthenticationFailed("signature_expired")
    if issued is not None and issued > now + JWT_LEEWAY:
        raise AuthenticationFailed("jwt_issued_in_future")
    if expires is not None and issued is not None and expires - issued > JWT_LIFETIME:
        raise AuthenticationFailed("jwt_too_long")
    if not (_is_number(claims["exp"]) and _is_number(claims["iat"])):
        raise AuthenticationFailed("jwt_wrong_type")


def _seconds(claim: Any) -> float | None:
    """The time that a claim means, as a number or as digits in a string; None if it is not a time."""
    if isinstance(claim, str):
        return read_number(claim)
    return claim if _is_number(claim) else None


def _is_number(claim: Any) -> bool:
    """Whether the claim is a number of seconds; Python's JSON parser reads `Infinity` and `NaN`, too."""
    return isinstance(claim, int | float) and not isinstance(claim, bool) and abs(claim) < _MAX_SECONDS
