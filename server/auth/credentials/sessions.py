"""Sessions of users, identified by a random key (contract/auth.md 1.1, generation C).

The `_id` of a document in `sessions` is the SHA-256 of its key, so that neither the collection nor the
time a comparison takes gives a key away. A key has 256 random bits, so a slow hash would add nothing.
"""

import hashlib
import secrets

from conf.limits import SESSION_AGE
from conf.model.addons import SessionDoc, UserDoc
from server import clock
from server.auth.keys.keyring import Keyring
from server.changes import Change, Changes, Edited
from server.storage.operations import Delete, Insert


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


def is_valid(session: SessionDoc) -> bool:
    return session["expires"] > clock.now()


async def begin_session(change: Change, keyring: Keyring, user: UserDoc) -> tuple[str, SessionDoc]:
    """A new session key and its document; the user's expired sessions are deleted."""
    key, session = make_session(user, keyring)
    expired = {"user_id": user["_id"], "expires": {"$lt": clock.now()}}
    for expired_session in await change.find("sessions", expired, unchecked=True):
        await change.apply(Delete("sessions", expired_session["_id"]))
    await change.apply(Insert("sessions", session))
    return key, session


async def end_sessions(changes: Changes, user_id: int, *, wait: bool = True) -> None:
    """End every token and session of the user: change `auth_id`, and delete the session documents.

    Tokens cannot be ended one by one, and AMO's sign-out ends all sessions of a user as well
    (contract/auth.md 7 leaves this open).
    """

    async def work(change: Change) -> None:
        await change.edit_user(user_id, lambda user: Edited({**user, "auth_id": new_auth_id()}))
        for session in await change.find("sessions", {"user_id": user_id}):
            await change.apply(Delete("sessions", session["_id"]))

    await changes.run(work, wait=wait)


def new_auth_id() -> str:
    return secrets.token_hex(16)
