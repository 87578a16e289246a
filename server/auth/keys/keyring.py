"""The server's secrets: the one in use, those it replaced, and the keys derived from them.

Four keys are derived from each secret, so that what one use gives away does not help with another. They
sign tokens, hash an account's `auth_id` for its credentials (`auth_hash`), prove the address that a link in a
mail was made for, and seal the secrets of API keys. The server has to read API keys again to check HMACs made
with them, so a hash does not suffice. They are sealed with a secret outside the database (a file or a
setting), so that a copy of the database alone lets nobody sign as a user.

A replaced secret still verifies until everything it signed has expired.
Immutable; any thread. Nothing here logs, and `repr` shows no secret.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from functools import cached_property
from typing import Final, NamedTuple

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from itsdangerous import TimestampSigner

from conf.limits import TOKEN_AGE
from server import clock

_BYTES: Final = 32
_PURPOSES: Final = ("tokens", "auth_hash", "addresses", "apikeys")
_HASH_DIGITS: Final = 40  # contract/auth.md 1.2


class Secret(NamedTuple):
    """One of the server's secrets."""

    text: str
    retired: str | None = None  # when it was replaced; None: in use

    def __repr__(self) -> str:
        return f"Secret(retired={self.retired!r})"


class Unsealable(Exception):
    """Sealed with a secret this server does not have, or damaged."""


def new_secret() -> Secret:
    return Secret(secrets.token_urlsafe(_BYTES))


def rotated(ring: Sequence[Secret]) -> list[Secret]:
    """The ring with a new secret in front, without secrets whose signatures have all expired."""
    now = clock.now()
    retired = [secret._replace(retired=secret.retired or now) for secret in ring]
    return [new_secret(), *_valid(retired)]


def _valid(ring: Sequence[Secret]) -> list[Secret]:
    """The secret in use, and replaced ones with signatures that may not have expired yet."""
    if not any(secret.retired for secret in ring):
        return list(ring)
    oldest = clock.shifted(-TOKEN_AGE)
    return [secret for secret in ring if secret.retired is None or secret.retired > oldest]


class Keyring:
    """`ring` has the secret in use first."""

    def __init__(self, ring: Sequence[Secret]) -> None:
        self.ring = tuple(ring)

    def signer(self, salt: str) -> TimestampSigner:
        """Signs with the secret in use, verifies with every valid one. Each use has its own `salt`."""
        keys = [self._keys["tokens"][secret] for secret in reversed(_valid(self.ring))]
        return TimestampSigner(keys, salt, sep=":", key_derivation="hmac", digest_method=hashlib.sha256)

    @cached_property
    def _keys(self) -> dict[str, dict[Secret, bytes]]:
        """Purpose -> secret -> the key derived for that purpose."""
        return {use: {secret: _derive(secret, use) for secret in self.ring} for use in _PURPOSES}

    def auth_hash(self, auth_id: str) -> str:
        """40 hexadecimal digits that stand for an account's `auth_id`."""
        return self._hashes("auth_hash", auth_id)[0]

    def is_auth_hash(self, auth_hash: str, auth_id: str) -> bool:
        """Compares in constant time. Never raises."""
        return _matches_any(auth_hash, self._hashes("auth_hash", auth_id))

    def address_hash(self, address: str) -> str:
        """40 hexadecimal digits that prove that a link was made here for an e-mail address."""
        return self._hashes("addresses", address)[0]

    def is_address_hash(self, address_hash: str, address: str) -> bool:
        """Compares in constant time. Never raises."""
        return _matches_any(address_hash, self._hashes("addresses", address))

    def _hashes(self, purpose: str, text: str) -> list[str]:
        """A hash for each secret, that of the secret in use first."""
        return [
            hmac.digest(key, text.encode(), "sha256").hex()[:_HASH_DIGITS]
            for key in self._keys[purpose].values()
        ]

    def seal(self, text: str) -> str:
        return self._vault.encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str:
        try:
            return self._vault.decrypt(sealed.encode()).decode()
        except (InvalidToken, UnicodeEncodeError) as fault:
            raise Unsealable from fault

    @cached_property
    def _vault(self) -> MultiFernet:
        keys = map(base64.urlsafe_b64encode, self._keys["apikeys"].values())
        return MultiFernet([Fernet(key) for key in keys])


def _matches_any(text: str, hashes: Sequence[str]) -> bool:
    sent = text.encode("utf-8", "replace")
    matches = [hmac.compare_digest(candidate.encode(), sent) for candidate in hashes]
    return any(matches)


def _derive(secret: Secret, purpose: str) -> bytes:
    return hmac.digest(secret.text.encode(), f"amoeba {purpose}".encode(), "sha256")
