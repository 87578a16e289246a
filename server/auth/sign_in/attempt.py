"""One attempt to sign in, from the redirect to the provider until the browser returns (contract/auth.md 8.1).

    attempt = Attempt.begin()                     # its `key` goes into the browser's cookie
    state = attempt.state_for("/en-US/firefox/")  # the provider has to send it back
    attempt, path = Attempt(key), next_path(state)

Everything an attempt needs is derived from a random key that only the browser has: the state, which
proves that the answer came back to the browser that began; the nonce, which binds the token to it; and
the verifier (PKCE), without which the code is useless. The server stores nothing, so that attempts
cost nothing and any process can finish one. Pure; any thread.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import unquote

from conf.limits import MAX_URL

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_QUERY: Final = re.compile("[?#]")
HOME: Final = "/"


@dataclass(frozen=True, slots=True, repr=False)
class Attempt:
    """One attempt to sign in; its `key` has 256 random bits."""

    key: str

    @classmethod
    def begin(cls) -> Self:
        return cls(secrets.token_urlsafe(32))

    @classmethod
    def from_cookie(cls, cookie: str | None) -> Self | None:
        """The attempt a browser began; None without a valid cookie."""
        return cls(cookie) if cookie and _KEY.fullmatch(cookie) else None

    @property
    def nonce(self) -> str:
        return self._derive("nonce")

    @property
    def verifier(self) -> str:
        return self._derive("verifier")

    @property
    def challenge(self) -> str:
        return _encode(hashlib.sha256(self.verifier.encode()).digest())

    def state_for(self, path: str | None) -> str:
        """The state; it carries the path to go on to, if there is one (`safe_path`)."""
        return ":".join((self._derive("state"), *([_encode(path.encode())] if path else [])))

    def is_state(self, state: str) -> bool:
        """Compares in constant time."""
        sent = state.partition(":")[0].encode("utf-8", "replace")
        return hmac.compare_digest(sent, self._derive("state").encode())

    def _derive(self, use: str) -> str:
        return _encode(hmac.digest(self.key.encode(), use.encode(), "sha256"))


def next_path(state: str) -> str:
    """The path that a state carries; HOME if it has none, or one that leaves the site."""
    encoded = state.partition(":")[2]
    try:
        path = base64.b64decode(encoded + "=" * (-len(encoded) % 4), b"-_", validate=True).decode()
    except ValueError:
        return HOME
    return safe_path(path) or HOME


def safe_path(path: str | None) -> str | None:
    """The path; None if it leaves the site, also after a browser or proxy has decoded it."""
    if not path or len(path) > MAX_URL or not _is_on_site(path):
        return None
    decoded = unquote(_QUERY.split(path, 1)[0])
    return path if _is_on_site(decoded) and _is_on_site(unquote(decoded)) else None


def _is_on_site(path: str) -> bool:
    return path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
