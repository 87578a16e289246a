"""Session keys: random, known to the server by their hash (contract/auth.md 1.1, generation C).

A document of `sessions` is what a key unlocks; its `_id` is the key's SHA-256,
so the collection gives no key away, and finding it needs no comparison whose
time could. The key has 256 random bits: a slow hash would add nothing. Pure.
"""

import hashlib
import secrets
from typing import TypedDict

from conf.limits import SESSION_AGE
from conf.model.addons import UserDoc
from server import clock
from server.auth.keyring import Keyring


class SessionDoc(TypedDict):
    """Collection `sessions`."""

    _id: str  # SHA-256 of the key, hexadecimal
    user_id: int
    auth_hash: str  # stale once the user's auth_id is another
    created: str
    expires: str


def session_id(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def make_session(user: UserDoc, keyring: Keyring) -> tuple[str, SessionDoc]:
    """A new key, to be shown once, and the document to store for it."""
    key = secrets.token_urlsafe(32)
    return key, {
        "_id": session_id(key),
        "user_id": user["_id"],
        "auth_hash": keyring.auth_hash(user["auth_id"]),
        "created": clock.now(),
        "expires": clock.shifted(SESSION_AGE),
    }


def is_running(session: SessionDoc) -> bool:
    return session["expires"] > clock.now()
