"""Bearer tokens: signed, valid for 30 days, opaque to clients (contract/auth.md 1.2 and 1.3, generation B).
The console's sessions are such tokens in cookies, valid for hours (contract/console.md 1).

`<payload>:<timestamp>:<signature>`; the payload is URL-safe base64 of
`{"auth_hash": ..., "user_id": ...}`. The signature is HMAC-SHA256 where AMO's
was SHA-1; only the server computes it. Pure; any thread.
"""

import time
from typing import Final, NamedTuple

import orjson
from itsdangerous import BadData
from itsdangerous.encoding import base64_decode, base64_encode

from conf.limits import CONSOLE_AGE, TOKEN_AGE
from conf.model.addons import UserDoc
from server.auth.callers import AuthenticationFailed
from server.auth.keys.keyring import Keyring

_CLOCK_SKEW: Final = 60  # seconds that the clock of another process may be ahead


class Use(NamedTuple):
    """What a token is for: its salt, and its lifetime in seconds."""

    salt: str
    age: int


API: Final = Use("amoeba.token", TOKEN_AGE)
CONSOLE: Final = Use("amoeba.console", CONSOLE_AGE)


class TokenClaims(NamedTuple):
    user_id: int
    auth_hash: str


def make_token(user: UserDoc, keyring: Keyring, use: Use = API) -> str:
    """A token for the account, valid until it expires or the account's `auth_id` changes."""
    payload = {"auth_hash": keyring.auth_hash(user["auth_id"]), "user_id": user["_id"]}
    return keyring.signer(use.salt).sign(base64_encode(orjson.dumps(payload))).decode()


def read_token(token: str, keyring: Keyring, use: Use = API) -> TokenClaims:
    """The claims of a token. Raises AuthenticationFailed if it is undecodable, forged, expired or lacks a
    user.
    """
    try:
        payload, signed_at = keyring.signer(use.salt).unsign(token, return_timestamp=True)
    except BadData:
        raise AuthenticationFailed("signature_undecodable", "ERROR_DECODING_SIGNATURE") from None
    age = time.time() - signed_at.timestamp()
    if age < -_CLOCK_SKEW:
        raise AuthenticationFailed("signature_undecodable", "ERROR_DECODING_SIGNATURE")
    if age > use.age:
        raise AuthenticationFailed("signature_expired", "ERROR_SIGNATURE_EXPIRED")
    return _claims(payload)


def _claims(payload: bytes) -> TokenClaims:
    """Raises AuthenticationFailed for a signed payload without its fields."""
    try:
        fields = orjson.loads(base64_decode(payload))
        return TokenClaims(int(fields["user_id"]), str(fields["auth_hash"]))
    except (BadData, ValueError, TypeError, KeyError):
        raise AuthenticationFailed("bad_credentials") from None
