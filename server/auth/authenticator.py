"""From an Authorization header to a caller (contract/auth.md 1 to 3).

    authenticator = await Authenticator.open(store, settings, changes)
    feed.subscribe(authenticator, ...)
    caller = await authenticator.identify("Bearer ...", ("jwt", "session"))

Users, sessions and API keys are cached for a short time and dropped when the
change stream reports a change, so that a signed-in read needs no query and a revoked
credential stops working in every process at once. While MongoDB is down, cached
credentials stay valid. Event loop only.
"""

import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, Self, cast

from conf.model.addons import SessionDoc, UserDoc
from conf.settings.settings import Settings
from index.cache import BoundedCache
from server.auth.callers import ANONYMOUS, AuthenticationFailed, Caller, Mechanism, Scheme
from server.auth.credentials import apikeys
from server.auth.credentials.sessions import end_sessions, is_valid, session_id
from server.auth.credentials.tokens import API, CONSOLE, Use, read_token
from server.auth.keys.keyring import Unsealable
from server.auth.keys.keystores import Keys, open_keys
from server.auth.sign_in.logins import Logins, Write
from server.changes import Changes, Edited
from server.errors import BadDocument, Conflict, Unavailable
from server.following.subscribers import ChangedIds
from server.storage.store import Store

log = logging.getLogger(__name__)

SCHEMES: Final[dict[str, Mechanism]] = {
    "jwt": "jwt",
    "bearer": "session",
    "session": "session",
    "console": "console",
}
# Limits of the caches; a document that has not changed is loaded again after _CACHE_SECONDS.
_CACHED_USERS: Final = 20_000
_CACHED_CREDENTIALS: Final = 50_000
_CACHE_SECONDS: Final = 60.0


_Key = tuple[str, Any]  # collection, _id


class _NotLoaded(Exception):
    def __init__(self, document_key: _Key) -> None:
        super().__init__(document_key)
        self.document_key = document_key


class Authenticator:
    """Identifies callers. `on_login(user_id)` is called for each request that counts as a login; the default
    stores the login.
    """

    def __init__(
        self, store: Store, keys: Keys, changes: Changes, on_login: Callable[[int], None] | None = None
    ) -> None:
        self.keys = keys
        self._store = store
        self._changes = changes
        self._caches: dict[str, BoundedCache[Any]] = {
            "users": BoundedCache(_CACHED_USERS, _CACHE_SECONDS),
            "sessions": BoundedCache(_CACHED_CREDENTIALS, _CACHE_SECONDS),
            "apikeys": BoundedCache(_CACHED_CREDENTIALS, _CACHE_SECONDS),
        }
        self._loaders: dict[str, Callable[[Any], Coroutine[Any, Any, Any]]] = {
            "users": partial(self._load, "users"),
            "sessions": partial(self._load, "sessions"),
            "apikeys": self._load_apikey,
        }
        self._logins = Logins(login_writer(changes))
        self._on_login = on_login or self._logins.note
        self._checks: dict[str, Callable[[str, dict[_Key, Any]], Caller]] = {
            "jwt": self._check_jwt,
            "bearer": partial(self._check_token, "bearer", API),
            "console": partial(self._check_token, "console", CONSOLE),
            "session": self._check_session,
        }

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
        """The caller; ANONYMOUS without a header, or with a scheme that is not in `mechanisms`.

        Raises AuthenticationFailed for a credential that is malformed, unknown or no longer
        valid, Unavailable if MongoDB is needed but cannot be reached.
        """
        try:
            return await self._identify(header, mechanisms)
        except AuthenticationFailed:
            if not await self.keys.refresh():
                raise
        return await self._identify(header, mechanisms)

    def identify_cached(self, header: str, mechanisms: Sequence[Mechanism]) -> Caller | None:
        """As `identify`, but from the caches only; None for an invalid credential or an uncached document."""
        try:
            return self._check(header, mechanisms, {})
        except (_NotLoaded, AuthenticationFailed):
            return None

    async def _identify(self, header: str | None, mechanisms: Sequence[Mechanism]) -> Caller:
        """Check; if a document is not cached, load it and check again."""
        loaded: dict[_Key, Any] = {}
        while True:
            try:
                return self._check(header, mechanisms, loaded)
            except _NotLoaded as missing:
                kind, key = missing.document_key
                loaded[kind, key] = await self._find(kind, key)

    def _check(self, header: str | None, mechanisms: Sequence[Mechanism], loaded: dict[_Key, Any]) -> Caller:
        words = header.split() if header and mechanisms else []
        scheme = words[0].lower() if words else ""
        if SCHEMES.get(scheme) not in mechanisms:
            return ANONYMOUS
        credential = _credential(words, None if scheme == "jwt" else "ERROR_INVALID_HEADER")
        return self._checks[scheme](credential, loaded)

    def _check_token(self, scheme: Scheme, use: Use, token: str, loaded: dict[_Key, Any]) -> Caller:
        claims = read_token(token, self.keys.ring, use)
        user = self._active_user(claims.user_id, loaded)
        if user is None or not self.keys.ring.is_auth_hash(claims.auth_hash, user["auth_id"]):
            raise AuthenticationFailed("bad_credentials")
        return Caller(user, scheme)

    def _check_session(self, key: str, loaded: dict[_Key, Any]) -> Caller:
        session: SessionDoc | None = self._cached("sessions", session_id(key), loaded)
        user = self._active_user(session["user_id"], loaded) if session and is_valid(session) else None
        if (
            session is None
            or user is None
            or not self.keys.ring.is_auth_hash(session["auth_hash"], user["auth_id"])
        ):
            raise AuthenticationFailed("session_unknown", "ERROR_AUTHENTICATION_EXPIRED")
        return Caller(user, "session")

    def _check_jwt(self, token: str, loaded: dict[_Key, Any]) -> Caller:
        claims = apikeys.read_claims(token)
        key: apikeys.ApiKeyDoc | None = self._cached("apikeys", claims["iss"], loaded)
        if key is None or not key["active"]:
            raise AuthenticationFailed("jwt_issuer_unknown")
        apikeys.check_token(token, claims, key["secret"])
        user: UserDoc | None = self._cached("users", key["user_id"], loaded)
        if user is None:
            raise AuthenticationFailed("api_key_invalid")
        if user["deleted"] or user["banned"]:
            raise AuthenticationFailed("account_disabled")
        if user["read_dev_agreement"] is None:
            raise AuthenticationFailed("agreement_unread")
        if not self._store.read_only:
            self._on_login(user["_id"])
        return Caller(user, "jwt")

    def _active_user(self, user_id: int, loaded: dict[_Key, Any]) -> UserDoc | None:
        """The user, unless the account is deleted or banned."""
        user: UserDoc | None = self._cached("users", user_id, loaded)
        return None if user is None or user["deleted"] or user["banned"] else user

    def _cached(self, kind: str, key: Any, loaded: dict[_Key, Any]) -> Any:
        """The document; None if the database has none. Raises _NotLoaded before it has been loaded."""
        cached = self._caches[kind].get(key)
        if cached is not None:
            return cached
        if (kind, key) in loaded:
            return loaded[kind, key]
        raise _NotLoaded((kind, key))

    # -- loading

    async def _find(self, kind: str, key: Any) -> Any:
        """Load a document. Raises Unavailable, unless a stale copy is cached, which is still right because
        nobody can change the document while MongoDB is down.
        """
        try:
            return await self._caches[kind].load(key, partial(self._loaders[kind], key))
        except Unavailable:
            stale = self._caches[kind].get_stale(key)
            if stale is None:
                raise
            return stale

    async def _load(self, collection: str, id_: Any) -> dict[str, Any] | None:
        """The document; None also for a damaged one, because it must not authenticate anybody."""
        with suppress(BadDocument):
            return await self._store.find_one(collection, {"_id": id_})
        return None

    async def _load_apikey(self, name: str) -> apikeys.ApiKeyDoc | None:
        """An API key with its secret unsealed. It is cached that way, because unsealing takes longer than a
        check.
        """
        apikey = cast(apikeys.ApiKeyDoc | None, await self._load("apikeys", name))
        if apikey is None or not apikey["active"]:
            return apikey
        return {**apikey, "secret": await self._unseal(apikey)}

    async def _unseal(self, key: apikeys.ApiKeyDoc) -> str:
        try:
            return self.keys.ring.unseal(key["secret"])
        except Unsealable:
            if await self.keys.refresh(at_once=True):
                return await self._unseal(key)
            log.error("the secret of API key %s was sealed by another server: make a new key", key["_id"])
            raise AuthenticationFailed("api_key_invalid") from None

    # -- the change stream

    async def apply(self, changed: ChangedIds) -> None:
        for kind, cache in self._caches.items():
            for key in changed.ids.get(kind, ()):
                cache.drop(key)
        if "secrets" in changed.ids:
            await self.keys.refresh(at_once=True)

    async def resync(self) -> None:
        """Clear the caches, because changes may have been missed."""
        for cache in self._caches.values():
            cache.clear()
        await self.keys.refresh(at_once=True)

    # -- signing out

    async def sign_out(self, caller: Caller) -> None:
        """End every session and token of the caller. Raises ReadOnly, Unavailable."""
        assert caller.user is not None
        await end_sessions(self._changes, caller.user["_id"])
        self._caches["users"].drop(caller.user["_id"])


def _credential(words: Sequence[str], code: str | None) -> str:
    if len(words) == 1:
        raise AuthenticationFailed("no_credentials", code)
    if len(words) > 2:
        raise AuthenticationFailed("credentials_with_spaces", code)
    return words[1]


def login_writer(changes: Changes) -> Write:
    """A function that stores a login as a change of its user, because Basket syncs `last_login`."""

    async def write(user_id: int, date: str) -> None:
        try:
            await changes.edit_user(user_id, lambda user: Edited({**user, "last_login": date}), wait=False)
        except Conflict:
            log.info("user %d signed in and is gone", user_id)

    return write
