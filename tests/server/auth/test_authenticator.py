"""From header to caller, against a real MongoDB: who is let in, what ends it, what it costs."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jwt
import pytest

from conf.messages import text
from conf.model.addons import UserDoc
from index import cache
from server import clock
from server.auth.authenticator import Authenticator
from server.auth.callers import ANONYMOUS, AuthenticationFailed, Caller, Mechanism
from server.auth.credentials.apikeys import make_api_key
from server.auth.credentials.sessions import end_sessions, make_session
from server.auth.credentials.tokens import make_token
from server.auth.keys.keyring import Keyring, new_secret, rotated
from server.auth.keys.keystores import FILE, KeyCollection, KeyFile, Keys, KeyStore
from server.changes import Changes
from server.errors import Unavailable
from server.following.feed import Feed
from server.storage.operations import Delete, Insert, Operation, Replace, Update
from server.storage.store import Store
from tests.factories import make_user

BOTH: tuple[Mechanism, ...] = ("jwt", "session")
INTERNAL: tuple[Mechanism, ...] = ("session",)
USER = make_user(_id=7)

NO_CREDENTIALS = "Invalid Authorization header. No credentials provided."
SPACES = "Invalid Authorization header. Credentials string should not contain spaces."
INCORRECT = ("Incorrect authentication credentials.", None)
NO_SESSION = (
    "Valid user session not found matching the provided session key.",
    "ERROR_AUTHENTICATION_EXPIRED",
)
UNKNOWN_ISSUER = ("Unknown JWT iss (issuer).", None)
HEADER = "ERROR_INVALID_HEADER"


class World:
    """One process: its authenticator, following changes."""

    def __init__(self, store: Store, authenticator: Authenticator, feed: Feed) -> None:
        self.store, self.authenticator, self.feed = store, authenticator, feed
        self.logins: list[int] = []

    @property
    def ring(self) -> Keyring:
        return self.authenticator.keys.ring

    async def bearer(self, user: UserDoc = USER) -> str:
        return f"Bearer {make_token(user, self.ring)}"

    async def session(self, user: UserDoc = USER, **fields: Any) -> str:
        key, document = make_session(user, self.ring)
        await self.store.apply(Insert("sessions", {**document, **fields}))
        return f"Session {key}"

    async def jwt(self, user: UserDoc = USER, number: int = 1, **fields: Any) -> str:
        secret, key = make_api_key(user["_id"], number, self.ring)
        await self.store.apply(Insert("apikeys", {**key, **fields}))
        now = int(time.time())
        claims = {"iss": key["_id"], "iat": now, "exp": now + 60}
        return "JWT " + jwt.encode(claims, secret, algorithm="HS256")

    async def change(self, operation: Operation) -> None:
        """Write, and wait until this process has seen it."""
        assert await self.feed.seen(await self.store.write([operation]), 5.0)

    async def identify(self, header: str | None, mechanisms: Sequence[Mechanism] = BOTH) -> Caller:
        return await self.authenticator.identify(header, mechanisms)

    async def failure(self, header: str, mechanisms: Sequence[Mechanism] = BOTH) -> tuple[str, str | None]:
        with pytest.raises(AuthenticationFailed) as caught:
            await self.identify(header, mechanisms)
        return text(caught.value.key, "en-US", **caught.value.values), caught.value.code


@asynccontextmanager
async def world(store: Store, *users: UserDoc, key_store: KeyStore | None = None) -> AsyncIterator[World]:
    for user in users or (USER,):
        await store.apply(Replace("users", user, upsert=True))
    key_store = key_store or KeyCollection(store)
    feed = Feed(store)
    keys = Keys(key_store.read, await key_store.get_or_create())
    opened = World(store, Authenticator(store, keys, Changes(store, feed)), feed)
    opened.authenticator._on_login = opened.logins.append
    feed.subscribe(opened.authenticator)
    await feed.open()
    feed.start()
    try:
        yield opened
    finally:
        await feed.close()
        await opened.authenticator.close()


SCHEMES = ["bearer", "session", "jwt"]


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_each_credential_proves_its_user(store: Store, scheme: str) -> None:
    async with world(store) as server:
        header = await getattr(server, scheme)()
        for spelled in (header, header.lower()[: len(scheme)] + header[len(scheme) :], f"  {header} "):
            caller = await server.identify(spelled)
            assert (caller.id, caller.mechanism) == (7, scheme)
        assert caller.user is not None
        assert caller.user["username"] == "ann"


@pytest.mark.parametrize(
    "header", [None, "", "   ", "Basic abc", "Digest", "Basic a b c", "Token x", "é", "Bearerx y", ","]
)
async def test_no_credential_or_another_scheme_is_anonymous(store: Store, header: str | None) -> None:
    async with world(store) as server:
        assert await server.identify(header) is ANONYMOUS


@pytest.mark.parametrize(
    ("scheme", "mechanisms"), [("jwt", INTERNAL), ("bearer", ("jwt",)), ("session", ("jwt",)), ("bearer", ())]
)
async def test_handler_without_the_mechanism_ignores_the_credential(
    store: Store, scheme: str, mechanisms: tuple[Mechanism, ...]
) -> None:
    async with world(store) as server:
        valid = await getattr(server, scheme)()
        for header in (valid, scheme, f"{scheme} broken", f"{scheme} a b"):
            assert await server.identify(header, mechanisms) is ANONYMOUS


BROKEN = [
    ("Bearer", (NO_CREDENTIALS, HEADER)),
    ("session", (NO_CREDENTIALS, HEADER)),
    ("JWT", (NO_CREDENTIALS, None)),
    ("Bearer a b", (SPACES, HEADER)),
    ("SESSION a b c", (SPACES, HEADER)),
    ("jwt a b", (SPACES, None)),
    ("Bearer abc", ("Error decoding signature.", "ERROR_DECODING_SIGNATURE")),
    ("Session abc", NO_SESSION),
    ("Session \x80\xff", NO_SESSION),
    ("JWT abc", ("Error decoding signature.", None)),
]


@pytest.mark.parametrize(("header", "expected"), BROKEN, ids=[repr(header) for header, _ in BROKEN])
async def test_broken_credential(store: Store, header: str, expected: tuple[str, str | None]) -> None:
    async with world(store) as server:
        assert await server.failure(header) == expected


ENDED: list[tuple[str, dict[str, Any], tuple[str, str | None]]] = [
    ("bearer", {"deleted": True}, INCORRECT),
    ("bearer", {"banned": True}, INCORRECT),
    ("bearer", {"auth_id": "second"}, INCORRECT),
    ("session", {"deleted": True}, NO_SESSION),
    ("session", {"banned": True}, NO_SESSION),
    ("session", {"auth_id": "second"}, NO_SESSION),
    ("jwt", {"deleted": True}, ("User account is disabled.", None)),
    ("jwt", {"banned": True}, ("User account is disabled.", None)),
    ("jwt", {"read_dev_agreement": None}, ("User has not read developer agreement.", None)),
]


@pytest.mark.parametrize(
    ("scheme", "change", "expected"),
    ENDED,
    ids=[f"{scheme}-{next(iter(change))}" for scheme, change, _ in ENDED],
)
@pytest.mark.timed
async def test_change_of_the_account_ends_the_credential_within_a_second(
    store: Store, scheme: str, change: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    async with world(store) as server:
        header = await getattr(server, scheme)()
        assert (await server.identify(header)).id == 7
        changed = time.monotonic()
        await server.change(Update("users", 7, {"$set": change}))
        assert time.monotonic() - changed < 1
        assert await server.failure(header) == expected


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [("bearer", INCORRECT), ("session", NO_SESSION), ("jwt", ("Invalid API Key.", None))],
)
async def test_unknown_user(store: Store, scheme: str, expected: tuple[str, str | None]) -> None:
    async with world(store) as server:
        header = await getattr(server, scheme)(make_user(_id=99))
        assert await server.failure(header) == expected


async def test_granted_permissions_take_effect(store: Store) -> None:
    async with world(store) as server:
        header = await server.bearer()
        await server.identify(header)
        await server.change(Update("users", 7, {"$set": {"permissions": ["Addons:Edit"]}}))
        caller = await server.identify(header)
        assert caller.user is not None
        assert caller.user["permissions"] == ["Addons:Edit"]


async def test_session_ends_when_removed_expired_or_stale(store: Store) -> None:
    async with world(store) as server:
        header = await server.session()
        assert (await server.identify(header)).id == 7
        [session] = await store.find("sessions", {})
        await server.change(Delete("sessions", session["_id"]))
        assert await server.failure(header) == NO_SESSION
        assert await server.failure(await server.session(expires=clock.shifted(-1))) == NO_SESSION
        assert await server.failure(await server.session(auth_hash="0" * 40)) == NO_SESSION


async def test_inactive_key_is_unknown(store: Store) -> None:
    async with world(store) as server:
        header = await server.jwt()
        assert (await server.identify(header)).id == 7
        await server.change(Update("apikeys", "user:7:1", {"$set": {"active": False}}))
        assert await server.failure(header) == UNKNOWN_ISSUER
        await server.change(Delete("apikeys", "user:7:1"))
        assert await server.failure(header) == UNKNOWN_ISSUER


async def test_key_sealed_by_another_server_is_invalid_and_logged(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async with world(store) as server:
        header = await server.jwt(secret=Keyring([new_secret()]).seal("x"))
        assert await server.failure(header) == ("Invalid API Key.", None)
        assert "user:7:1 was sealed by another server" in caplog.text


async def test_signed_in_calls_cost_no_query(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async with world(store) as server:
        headers = [await server.bearer(), await server.session(), await server.jwt()]
        await server.feed.seen(None, 5.0)
        for header in headers:
            await server.identify(header)

        async def find_one(*args: Any) -> None:
            raise AssertionError(f"queried MongoDB: {args}")

        monkeypatch.setattr(store, "find_one", find_one)
        for header in headers:
            assert (await server.identify(header)).id == 7
            cached_caller = server.authenticator.identify_cached(header, BOTH)
            assert cached_caller is not None
            assert cached_caller.id == 7


async def test_identify_cached_asks_no_database(store: Store) -> None:
    async with world(store) as server:
        header = await server.bearer()
        assert server.authenticator.identify_cached(header, BOTH) is None
        await server.identify(header)
        assert server.authenticator.identify_cached(header, BOTH) is not None
        assert server.authenticator.identify_cached(header, ()) is ANONYMOUS
        assert server.authenticator.identify_cached(header + "x", BOTH) is None
        await server.change(Update("users", 7, {"$set": {"banned": True}}))
        assert server.authenticator.identify_cached(header, BOTH) is None


async def test_cached_callers_stay_valid_while_mongodb_is_down(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(store, USER, make_user(_id=8, username="bob")) as server:
        cached, uncached = await server.bearer(), await server.bearer(make_user(_id=8))
        await server.identify(cached)

        async def find_one(*args: Any) -> None:
            raise Unavailable("away")

        monkeypatch.setattr(store, "find_one", find_one)
        later = SimpleNamespace(monotonic=lambda: time.monotonic() + 3600)
        monkeypatch.setattr(cache, "time", later)
        assert (await server.identify(cached)).id == 7
        with pytest.raises(Unavailable):
            await server.identify(uncached)


async def test_user_read_before_a_change_is_not_cached_after_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(store) as server:
        header = await server.bearer()
        find_one = store.find_one

        async def slow(*args: Any) -> Any:
            user = await find_one(*args)
            await server.change(Update("users", 7, {"$set": {"banned": True}}))
            return user

        monkeypatch.setattr(store, "find_one", slow)
        await server.identify(header)
        monkeypatch.undo()
        assert await server.failure(header) == INCORRECT


async def test_two_processes_share_credentials_and_sign_outs(store: Store) -> None:
    async with world(store) as first, world(store) as second:
        headers = [await first.bearer(), await first.session(), await first.jwt()]
        for header in headers:
            assert (await first.identify(header)).id == (await second.identify(header)).id == 7
        caller = await first.identify(headers[1])
        await first.authenticator.sign_out(caller)
        assert await first.failure(headers[1]) == NO_SESSION
        assert await first.failure(headers[0]) == INCORRECT
        await asyncio.gather(first.feed.seen(None, 5.0), second.feed.seen(None, 5.0))
        assert await second.failure(headers[1]) == NO_SESSION
        assert await second.failure(headers[0]) == INCORRECT
        assert (await second.identify(headers[2])).id == 7, "API keys do not end with sessions"
        assert await store.count("sessions") == 0


@pytest.mark.timed
@pytest.mark.parametrize("place", ["file", "collection"])
async def test_rotation_reaches_every_process_within_a_second(
    store: Store, tmp_path: Path, place: str
) -> None:
    """No request with a bad or a new credential is needed."""

    def open_store() -> KeyStore:
        return KeyFile(tmp_path / FILE, store) if place == "file" else KeyCollection(store)

    async with world(store, key_store=open_store()) as first, world(store, key_store=open_store()) as second:
        bearer, session = await first.bearer(), await first.session()
        rotated_ring = tuple(await open_store().rotate())
        await until(lambda: first.ring.ring == second.ring.ring == rotated_ring)
        for server in (first, second):
            for header in (bearer, session, await server.jwt(number=1 if server is first else 2)):
                assert (await server.identify(header)).id == 7
        newest_only = tuple(await open_store().drop_retired())
        await until(lambda: first.ring.ring == second.ring.ring == newest_only)
        for server in (first, second):
            assert (await server.failure(bearer))[1] == "ERROR_DECODING_SIGNATURE"
            assert await server.failure(session) == NO_SESSION
            assert server.authenticator.identify_cached(bearer, BOTH) is None
            assert server.authenticator.identify_cached(session, BOTH) is None


async def until(holds: Callable[[], bool], seconds: float = 1.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "the condition never held"
        await asyncio.sleep(0.02)


async def test_token_of_a_newer_ring_makes_the_process_read_it(store: Store) -> None:
    async with world(store) as server:
        newer = Keyring(rotated(server.ring.ring))
        token = make_token(USER, newer)
        server.authenticator.keys._last_read = 0.0
        server.authenticator.keys._read_ring = _Fixed(newer).read
        assert (await server.identify(f"Bearer {token}")).id == 7


class _Fixed:
    def __init__(self, ring: Keyring) -> None:
        self.ring = list(ring.ring)

    async def read(self) -> list[Any]:
        return self.ring

    get_or_create = rotate = drop_retired = read


async def test_only_calls_with_api_keys_are_logins(store: Store) -> None:
    async with world(store) as server:
        await server.identify(await server.bearer())
        await server.identify(await server.session())
        assert server.logins == []
        header = await server.jwt()
        await server.identify(header)
        await server.identify(header)
        assert server.logins == [7, 7]
        store.read_only = True
        await server.identify(header)
        assert server.logins == [7, 7], "no side write in read-only mode"
        with pytest.raises(AuthenticationFailed):
            await server.identify(header + "x")


async def test_end_of_all_sessions_changes_the_auth_id(store: Store) -> None:
    async with world(store) as server:
        await server.session()
        await end_sessions(Changes(store, server.feed), 7)
        user = await store.find_one("users", {"_id": 7})
        assert user is not None
        assert user["auth_id"] != USER["auth_id"]
        assert user["revision"] == 2
