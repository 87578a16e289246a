"""JSON Web Tokens of API keys: each row of contract/auth.md 2.2 that needs no database, in its order."""

import base64
import json
import time
from typing import Any

import jwt
import pytest

from conf.messages import text
from server.auth.callers import AuthenticationFailed
from server.auth.credentials.apikeys import check_token, make_api_key, read_claims
from server.auth.keys.keyring import Keyring, new_secret

SECRET, OTHER = "s" * 64, "o" * 64
NOW = 1_700_000_000
GOOD = {"iss": "user:1:1", "iat": NOW, "exp": NOW + 60, "jti": "x"}
MISSING = object()

UNDECODABLE = "Error decoding signature."
WRONG_TYPE = "Wrong type for one or more keys in payload"
TOO_LONG = "JWT exp (expiration) is too long."
FUTURE = (
    "JWT iat (issued at time) is invalid. Make sure your system clock is synchronized with something like"
    " TLSdate."
)


def token(secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    said = {name: value for name, value in (GOOD | claims).items() if value is not MISSING}
    return jwt.encode(said, secret, algorithm=algorithm)


def raw(header: bytes, payload: bytes) -> str:
    parts = (header, payload, b"signature")
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def outcome(token: str, now: float = NOW) -> str | None:
    try:
        check_token(token, read_claims(token), SECRET, now)
    except AuthenticationFailed as fault:
        assert fault.code is None
        return text(fault.key, "en-US", **fault.values)
    return None


ACCEPTED = {
    "plain": token(),
    "no jti": token(jti=MISSING),
    "300 seconds": token(exp=NOW + 300),
    "expired 5 s ago": token(iat=NOW - 60, exp=NOW - 5),
    "issued in 5 s": token(iat=NOW + 5),
    "fractions": token(iat=NOW + 0.25, exp=NOW + 60.5),
    "nbf and aud are ignored": token(nbf=NOW + 1000, aud="somebody"),
    "strange sub and jti": token(sub=7, jti=[1]),
}


@pytest.mark.parametrize("token", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(token: str) -> None:
    assert outcome(token) is None


REFUSED: dict[str, tuple[str, str]] = {
    "3 no token": ("a", UNDECODABLE),
    "3 two parts": ("a.b", UNDECODABLE),
    "3 no JSON": (raw(b"{}", b"x"), UNDECODABLE),
    "3 header is no object": (raw(b"[]", json.dumps(GOOD).encode()), UNDECODABLE),
    "3 payload is no object": (raw(b'{"alg":"HS256"}', b"[]"), UNDECODABLE),
    "3 not ASCII": ("é.ü.ö", UNDECODABLE),
    "3 deep nesting": (raw(b'{"alg":"HS256"}', b"[" * 5000), UNDECODABLE),
    "4 no iss": (token(iss=MISSING), "JWT iss (issuer) claim is missing."),
    "4 before 6": (token(iss=MISSING, exp=MISSING), "JWT iss (issuer) claim is missing."),
    "4 before 7": (token(OTHER, iss=MISSING), "JWT iss (issuer) claim is missing."),
    "6 no exp": (token(exp=MISSING), 'Invalid JWT: Token is missing the "exp" claim.'),
    "6 no iat": (token(iat=MISSING), 'Invalid JWT: Token is missing the "iat" claim.'),
    "6 null": (token(iat=None), 'Invalid JWT: Token is missing the "iat" claim.'),
    "6 before 7": (token(OTHER, iat=MISSING), 'Invalid JWT: Token is missing the "iat" claim.'),
    "7 other secret": (token(OTHER), UNDECODABLE),
    "7 before 8": (token(OTHER, iat=NOW - 90, exp=NOW - 60), UNDECODABLE),
    "7 no signature": (token().rpartition(".")[0] + ".", UNDECODABLE),
    "8 expired": (token(iat=NOW - 60, exp=NOW - 6), "Signature has expired."),
    "8 before 9": (token(iat=NOW + 60, exp=NOW - 60), "Signature has expired."),
    "8 before 10": (token(iat=NOW - 999, exp=NOW - 60), "Signature has expired."),
    "9 issued in 6 s": (token(iat=NOW + 6, exp=NOW + 60), FUTURE),
    "9 before 10": (token(iat=NOW + 6, exp=NOW + 1000), FUTURE),
    "10 301 seconds": (token(exp=NOW + 301), TOO_LONG),
    "10 before 13": (token(exp=NOW + 301, orig_iat=1), TOO_LONG),
    "11 strings": (token(iat=str(NOW), exp=str(NOW + 60)), WRONG_TYPE),
    "11 one string": (token(exp=str(NOW + 60)), WRONG_TYPE),
    "11 no number": (token(iat="now"), WRONG_TYPE),
    "11 true": (token(iat=True), WRONG_TYPE),
    "11 list": (token(exp=[NOW]), WRONG_TYPE),
    "11 infinity": (token(exp=float("inf")), WRONG_TYPE),
    "11 not a number": (token(iat=float("nan")), WRONG_TYPE),
    "11 huge": (token(exp=10**300), WRONG_TYPE),
    "11 before 13": (token(exp=str(NOW + 60), orig_iat=1), WRONG_TYPE),
    "12 other algorithm": (token(algorithm="HS512"), "Invalid JWT Token."),
    "12 unsigned": (jwt.encode(GOOD, "", algorithm="none"), "Invalid JWT Token."),
    "13 orig_iat": (
        token(orig_iat=NOW),
        "API key based tokens are not refreshable, don't include `orig_iat` in their payload.",
    ),
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize(("token", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused(token: str, expected: str) -> None:
    assert outcome(token) == expected


@pytest.mark.parametrize("issuer", [7, None, ["user:1:1"], {}])
def test_issuer_that_names_no_key_is_unknown(issuer: Any) -> None:
    payload = json.dumps(GOOD | {"iss": issuer}).encode()
    assert outcome(raw(b'{"alg":"HS256"}', payload)) == "Unknown JWT iss (issuer)."


def test_key_is_named_after_its_user_and_its_secret_is_sealed() -> None:
    keys = Keyring([new_secret()])
    secret, key = make_api_key(12345, 67, keys)
    assert key["_id"] == "user:12345:67"
    assert secret not in str(key)
    assert keys.unseal(key["secret"]) == secret
    now = int(time.time())
    signed = jwt.encode({"iss": key["_id"], "iat": now, "exp": now + 60}, secret, algorithm="HS256")
    check_token(signed, read_claims(signed), secret)
