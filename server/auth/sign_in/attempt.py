"""One attempt to sign in, from the address of the provider to the way back (contract/auth.md 8.1).

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
    """`key` has 256 random bits."""

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
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        return _text(hashlib.sha256(self.verifier.encode()).digest())

    def state_for(self, path: str | None) -> str:
        """The state; it carries the path to go on to, if there is one (`safe_path`)."""
        return ":".join((self._derived("state"), *([_text(path.encode())] if path else [])))

    def is_state(self, state: str) -> bool:
        """Compared in constant time."""
        sent = state.partition(":")[0].encode("utf-8", "replace")
        return hmac.compare_digest(sent, self._derived("state").encode())

    def _derived(self, use: str) -> str:
        return _text(hmac.digest(self.key.encode(), use.encode(), "sha256"))


def next_path(state: str) -> str:
    """The path that a state carries; HOME where it has none or one that leaves the site."""
    coded = state.partition(":")[2]
    try:
        path = base64.b64decode(coded + "=" * (-len(coded) % 4), b"-_", validate=True).decode()
    except ValueError:
        return HOME
    return safe_path(path) or HOME


def safe_path(path: str | None) -> str | None:
    """The path; None if it leaves the site, also after a browser or proxy has decoded it."""
    if not path or len(path) > MAX_URL or not _stays(path):
        return None
    named = unquote(_QUERY.split(path, 1)[0])
    return path if _stays(named) and _stays(unquote(named)) else None


def _stays(path: str) -> bool:
    return path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
