"""From an Authorization header to a caller (reference/auth.md 1 to 3).

    authenticator = await Authenticator.open(store, settings, changes)
    feed.subscribe(authenticator, ...)
    caller = await authenticator.identify("Bearer ...", ("jwt", "session"))

Users, sessions and API keys are kept in memory for a short while and forgotten
when the change stream names them, so a signed-in read costs no query and an
ended credential ends in every process at once. While MongoDB is away, those
known already stay known. Event loop only.
"""

import logging
import secrets
from collections.abc import Callable, Sequence
from typing import Final, Self, cast

from conf.model import UserDoc
from conf.settings import Settings
from server.auth import apikeys
from server.auth.callers import ANONYMOUS, Caller, Mechanism
from server.auth.failures import AuthenticationFailed
from server.auth.keyring import Unsealable
from server.auth.keystores import Keys, open_keys
from server.auth.logins import Logins, Write
from server.auth.memory import Memory
from server.auth.sessions import SessionDoc, is_running, session_id
from server.auth.tokens import read_token
from server.changes import Change, Changes, Edited
from server.errors import Conflict
from server.feed import Changes as Changed
from server.operations import Delete
from server.store import Store

log = logging.getLogger(__name__)

SCHEMES: Final[dict[str, Mechanism]] = {"jwt": "jwt", "bearer": "session", "session": "session"}
# What is kept in memory, and for how long where the change stream says nothing.
_USERS: Final = 20_000
_CREDENTIALS: Final = 50_000
_SECONDS: Final = 60.0


class Authenticator:
    """`on_login(user_id)` is told of every call that counts as a login; by default it is stored."""

    def __init__(
        self, store: Store, keys: Keys, changes: Changes, on_login: Callable[[int], None] | None = None
    ) -> None:
        self.keys = keys
        self._store = store
        self._changes = changes
        self._users: Memory[int, UserDoc] = Memory(_USERS, _SECONDS)
        self._sessions: Memory[str, SessionDoc] = Memory(_CREDENTIALS, _SECONDS)
        self._apikeys: Memory[str, apikeys.ApiKeyDoc] = Memory(_CREDENTIALS, _SECONDS)
        self._logins = Logins(login_writer(changes))
        self._on_login = on_login or self._logins.note
        self._checks = {"jwt": self._jwt, "bearer": self._bearer, "session": self._session}

    @classmethod
    async def open(
        cls,
        store: Store,
        settings: Settings,
        changes: Changes,
        on_login: Callable[[int], None] | None = None,
    ) -> Self:
        """Raises StartError, Unavailable."""
        return cls(store, await open_keys(settings, store), changes, on_login)

    async def close(self) -> None:
        await self._logins.close()

    # -- who is calling

    async def identify(self, header: str | None, mechanisms: Sequence[Mechanism]) -> Caller:
        """The caller; ANONYMOUS without a header, or with a scheme that is none of `mechanisms`.

        Raises AuthenticationFailed for a credential that is broken, ended or
        nobody's, Unavailable when MongoDB is needed and away.
        """
        words = header.split() if header and mechanisms else []
        scheme = words[0].lower() if words else ""
        if SCHEMES.get(scheme) not in mechanisms:
            return ANONYMOUS
        credential = _credential(words, None if scheme == "jwt" else "ERROR_INVALID_HEADER")
        check = self._checks[scheme]
        try:
            return await check(credential)
        except AuthenticationFailed:
            if not await self.keys.refresh():
                raise
        return await check(credential)

    async def _bearer(self, token: str) -> Caller:
        claims = read_token(token, self.keys.ring)
        user = await self._user(claims.user_id)
        if user is None or not self.keys.ring.is_auth_hash(claims.auth_hash, user["auth_id"]):
            raise AuthenticationFailed("bad_credentials")
        return Caller(user, "bearer")

    async def _session(self, key: str) -> Caller:
        session = await self._sessions.get_or_load(session_id(key), self._load_session)
        user = await self._user(session["user_id"]) if session and is_running(session) else None
        if (
            session is None
            or user is None
            or not self.keys.ring.is_auth_hash(session["auth_hash"], user["auth_id"])
        ):
            raise AuthenticationFailed("session_unknown", "ERROR_AUTHENTICATION_EXPIRED")
        return Caller(user, "session")

    async def _jwt(self, token: str) -> Caller:
        claims = apikeys.read_claims(token)
        key = await self._apikeys.get_or_load(claims["iss"], self._load_apikey)
        if key is None or not key["active"]:
            raise AuthenticationFailed("jwt_issuer_unknown")
        apikeys.check_token(token, claims, key["secret"])
        user = await self._users.get_or_load(key["user_id"], self._load_user)
        if user is None:
            raise AuthenticationFailed("api_key_invalid")
        if user["deleted"] or user["banned"]:
            raise AuthenticationFailed("account_disabled")
        if user["read_dev_agreement"] is None:
            raise AuthenticationFailed("agreement_unread")
        if not self._store.read_only:
            self._on_login(user["_id"])
        return Caller(user, "jwt")

    async def _user(self, user_id: int) -> UserDoc | None:
        """An account that may act."""
        user = await self._users.get_or_load(user_id, self._load_user)
        return None if user is None or user["deleted"] or user["banned"] else user

    # -- what memory does not have

    async def _load_user(self, user_id: int) -> UserDoc | None:
        return cast(UserDoc | None, await self._store.find_one("users", {"_id": user_id}))

    async def _load_session(self, id_: str) -> SessionDoc | None:
        return cast(SessionDoc | None, await self._store.find_one("sessions", {"_id": id_}))

    async def _load_apikey(self, name: str) -> apikeys.ApiKeyDoc | None:
        """With its secret in the open, in memory only: unsealing takes longer than checking a token."""
        found = cast(apikeys.ApiKeyDoc | None, await self._store.find_one("apikeys", {"_id": name}))
        if found is None or not found["active"]:
            return found
        return {**found, "secret": await self._unsealed(found)}

    async def _unsealed(self, key: apikeys.ApiKeyDoc) -> str:
        try:
            return self.keys.ring.unseal(key["secret"])
        except Unsealable:
            if await self.keys.refresh(at_once=True):
                return await self._unsealed(key)
            log.error("the secret of API key %s was sealed by another server: make a new key", key["_id"])
            raise AuthenticationFailed("api_key_invalid") from None

    # -- the change stream

    async def apply(self, changed: Changed) -> None:
        for user_id in changed.user_ids:
            self._users.forget(user_id)
        others = changed.others
        for id_ in others.get("sessions", ()):
            self._sessions.forget(id_)
        for name in others.get("apikeys", ()):
            self._apikeys.forget(name)
        if "secrets" in others:
            await self.keys.refresh(at_once=True)

    async def resync(self) -> None:
        """Changes may have been missed."""
        for memory in (self._users, self._sessions, self._apikeys):
            memory.clear()
        await self.keys.refresh(at_once=True)

    # -- the end

    async def sign_out(self, caller: Caller) -> None:
        """End every session and token of the caller. Raises ReadOnly, Unavailable."""
        assert caller.user is not None
        await end_sessions(self._changes, caller.user["_id"])
        self._users.forget(caller.user["_id"])


def _credential(words: Sequence[str], code: str | None) -> str:
    if len(words) == 1:
        raise AuthenticationFailed("no_credentials", code)
    if len(words) > 2:
        raise AuthenticationFailed("credentials_with_spaces", code)
    return words[1]


def login_writer(changes: Changes) -> Write:
    """Stores logins as what they are: changes of users, which Basket hears of."""

    async def write(user_id: int, date: str) -> None:
        try:
            await changes.edit_user(user_id, lambda user: Edited({**user, "last_login": date}), wait=False)
        except Conflict:
            log.info("user %d signed in and is gone", user_id)

    return write


async def end_sessions(changes: Changes, user_id: int, *, wait: bool = True) -> None:
    """A new `auth_id`: every token and session of the user is stale; session documents go.

    Tokens have no other end than that, and AMO's own sign-out is said to end all
    of a user's sessions (reference/auth.md 7 leaves it open).
    """

    async def work(change: Change) -> None:
        await change.edit_user(user_id, lambda user: Edited({**user, "auth_id": new_auth_id()}))
        for session in await change.find("sessions", {"user_id": user_id}):
            await change.apply(Delete("sessions", session["_id"]))

    await changes.run(work, wait=wait)


def new_auth_id() -> str:
    return secrets.token_hex(16)
