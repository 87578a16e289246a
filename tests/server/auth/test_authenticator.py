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
async def world(store: Store, *users: UserDoc, kept: KeyStore | None = None) -> AsyncIterator[World]:
    for user in users or (USER,):
        await store.apply(Replace("users", user, upsert=True))
    kept = kept or KeyCollection(store)
    feed = Feed(store)
    opened = World(
        store, Authenticator(store, Keys(kept.read, await kept.make()), Changes(store, feed)), feed
    )
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
    async with world(store) as here:
        header = await getattr(here, scheme)()
        for spelled in (header, header.lower()[: len(scheme)] + header[len(scheme) :], f"  {header} "):
            caller = await here.identify(spelled)
            assert (caller.id, caller.mechanism) == (7, scheme)
        assert caller.user is not None
        assert caller.user["username"] == "ann"


@pytest.mark.parametrize(
    "header", [None, "", "   ", "Basic abc", "Digest", "Basic a b c", "Token x", "é", "Bearerx y", ","]
)
async def test_no_credential_or_another_scheme_is_anonymous(store: Store, header: str | None) -> None:
    async with world(store) as here:
        assert await here.identify(header) is ANONYMOUS


@pytest.mark.parametrize(
    ("scheme", "mechanisms"), [("jwt", INTERNAL), ("bearer", ("jwt",)), ("session", ("jwt",)), ("bearer", ())]
)
async def test_endpoint_without_the_mechanism_does_not_look(
    store: Store, scheme: str, mechanisms: tuple[Mechanism, ...]
) -> None:
    async with world(store) as here:
        good = await getattr(here, scheme)()
        for header in (good, scheme, f"{scheme} broken", f"{scheme} a b"):
            assert await here.identify(header, mechanisms) is ANONYMOUS


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
    async with world(store) as here:
        assert await here.failure(header) == expected


ENDED: list[tuple[str, dict[str, Any], tuple[str, str | None]]] = [
    ("bearer", {"deleted": True}, INCORRECT),
    ("bearer", {"banned": True}, INCORRECT),
    ("bearer", {"auth_id": "other"}, INCORRECT),
    ("session", {"deleted": True}, NO_SESSION),
    ("session", {"banned": True}, NO_SESSION),
    ("session", {"auth_id": "other"}, NO_SESSION),
    ("jwt", {"deleted": True}, ("User account is disabled.", None)),
    ("jwt", {"banned": True}, ("User account is disabled.", None)),
    ("jwt", {"read_dev_agreement": None}, ("User has not read developer agreement.", None)),
]


@pytest.mark.parametrize(
    ("scheme", "change", "expected"), ENDED, ids=[f"{one[0]}-{next(iter(one[1]))}" for one in ENDED]
)
@pytest.mark.timed
async def test_change_of_the_account_ends_the_credential_within_a_second(
    store: Store, scheme: str, change: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    async with world(store) as here:
        header = await getattr(here, scheme)()
        assert (await here.identify(header)).id == 7
        changed = time.monotonic()
        await here.change(Update("users", 7, {"$set": change}))
        assert time.monotonic() - changed < 1
        assert await here.failure(header) == expected


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [("bearer", INCORRECT), ("session", NO_SESSION), ("jwt", ("Invalid API Key.", None))],
)
async def test_unknown_user(store: Store, scheme: str, expected: tuple[str, str | None]) -> None:
    async with world(store) as here:
        header = await getattr(here, scheme)(make_user(_id=99))
        assert await here.failure(header) == expected


async def test_permissions_given_and_taken_are_seen(store: Store) -> None:
    async with world(store) as here:
        header = await here.bearer()
        await here.identify(header)
        await here.change(Update("users", 7, {"$set": {"permissions": ["Addons:Edit"]}}))
        caller = await here.identify(header)
        assert caller.user is not None
        assert caller.user["permissions"] == ["Addons:Edit"]


async def test_session_ends_when_removed_expired_or_stale(store: Store) -> None:
    async with world(store) as here:
        header = await here.session()
        assert (await here.identify(header)).id == 7
        [session] = await store.find("sessions", {})
        await here.change(Delete("sessions", session["_id"]))
        assert await here.failure(header) == NO_SESSION
        assert await here.failure(await here.session(expires=clock.shifted(-1))) == NO_SESSION
        assert await here.failure(await here.session(auth_hash="0" * 40)) == NO_SESSION


async def test_inactive_key_is_unknown(store: Store) -> None:
    async with world(store) as here:
        header = await here.jwt()
        assert (await here.identify(header)).id == 7
        await here.change(Update("apikeys", "user:7:1", {"$set": {"active": False}}))
        assert await here.failure(header) == UNKNOWN_ISSUER
        await here.change(Delete("apikeys", "user:7:1"))
        assert await here.failure(header) == UNKNOWN_ISSUER


async def test_key_sealed_by_another_server_is_invalid_and_said_in_the_log(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async with world(store) as here:
        header = await here.jwt(secret=Keyring([new_secret()]).seal("x"))
        assert await here.failure(header) == ("Invalid API Key.", None)
        assert "user:7:1 was sealed by another server" in caplog.text


async def test_signed_in_calls_cost_no_query(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async with world(store) as here:
        headers = [await here.bearer(), await here.session(), await here.jwt()]
        await here.feed.seen(None, 5.0)
        for header in headers:
            await here.identify(header)

        async def find_one(*args: Any) -> None:
            raise AssertionError(f"asked MongoDB: {args}")

        monkeypatch.setattr(store, "find_one", find_one)
        for header in headers:
            assert (await here.identify(header)).id == 7
            recalled = here.authenticator.recall(header, BOTH)
            assert recalled is not None
            assert recalled.id == 7


async def test_recall_knows_only_what_memory_has(store: Store) -> None:
    async with world(store) as here:
        header = await here.bearer()
        assert here.authenticator.recall(header, BOTH) is None
        await here.identify(header)
        assert here.authenticator.recall(header, BOTH) is not None
        assert here.authenticator.recall(header, ()) is ANONYMOUS
        assert here.authenticator.recall(header + "x", BOTH) is None
        await here.change(Update("users", 7, {"$set": {"banned": True}}))
        assert here.authenticator.recall(header, BOTH) is None


async def test_known_callers_stay_known_while_mongodb_is_away(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(store, USER, make_user(_id=8, username="bob")) as here:
        known, unknown = await here.bearer(), await here.bearer(make_user(_id=8))
        await here.identify(known)

        async def find_one(*args: Any) -> None:
            raise Unavailable("away")

        monkeypatch.setattr(store, "find_one", find_one)
        later = SimpleNamespace(monotonic=lambda: time.monotonic() + 3600)
        monkeypatch.setattr(cache, "time", later)
        assert (await here.identify(known)).id == 7
        with pytest.raises(Unavailable):
            await here.identify(unknown)


async def test_user_read_before_a_change_is_not_kept_after_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(store) as here:
        header = await here.bearer()
        find_one = store.find_one

        async def slow(*args: Any) -> Any:
            found = await find_one(*args)
            await here.change(Update("users", 7, {"$set": {"banned": True}}))
            return found

        monkeypatch.setattr(store, "find_one", slow)
        await here.identify(header)
        monkeypatch.undo()
        assert await here.failure(header) == INCORRECT


async def test_two_processes_accept_each_others_credentials_and_ends(store: Store) -> None:
    async with world(store) as one, world(store) as other:
        headers = [await one.bearer(), await one.session(), await one.jwt()]
        for header in headers:
            assert (await one.identify(header)).id == (await other.identify(header)).id == 7
        caller = await one.identify(headers[1])
        await one.authenticator.sign_out(caller)
        assert await one.failure(headers[1]) == NO_SESSION
        assert await one.failure(headers[0]) == INCORRECT
        await asyncio.gather(one.feed.seen(None, 5.0), other.feed.seen(None, 5.0))
        assert await other.failure(headers[1]) == NO_SESSION
        assert await other.failure(headers[0]) == INCORRECT
        assert (await other.identify(headers[2])).id == 7, "API keys do not end with sessions"
        assert await store.count("sessions") == 0


@pytest.mark.timed
@pytest.mark.parametrize("place", ["file", "collection"])
async def test_rotation_reaches_every_process_within_a_second(
    store: Store, tmp_path: Path, place: str
) -> None:
    """Nobody has to send a bad credential first, nor a new one."""

    def kept() -> KeyStore:
        return KeyFile(tmp_path / FILE, store) if place == "file" else KeyCollection(store)

    async with world(store, kept=kept()) as one, world(store, kept=kept()) as other:
        bearer, session = await one.bearer(), await one.session()
        rotated_ring = tuple(await kept().rotate())
        await until(lambda: one.ring.ring == other.ring.ring == rotated_ring)
        for here in (one, other):
            for header in (bearer, session, await here.jwt(number=1 if here is one else 2)):
                assert (await here.identify(header)).id == 7
        forgotten_ring = tuple(await kept().forget())
        await until(lambda: one.ring.ring == other.ring.ring == forgotten_ring)
        for here in (one, other):
            assert (await here.failure(bearer))[1] == "ERROR_DECODING_SIGNATURE"
            assert await here.failure(session) == NO_SESSION
            assert here.authenticator.recall(bearer, BOTH) is here.authenticator.recall(session, BOTH) is None


async def until(holds: Callable[[], bool], seconds: float = 1.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        await asyncio.sleep(0.02)


async def test_token_of_a_newer_ring_makes_the_process_look(store: Store) -> None:
    async with world(store) as here:
        newer = Keyring(rotated(here.ring.ring))
        monday = make_token(USER, newer)
        here.authenticator.keys._last_read = 0.0
        here.authenticator.keys._read_ring = _Fixed(newer).read
        assert (await here.identify(f"Bearer {monday}")).id == 7


class _Fixed:
    def __init__(self, ring: Keyring) -> None:
        self.ring = list(ring.ring)

    async def read(self) -> list[Any]:
        return self.ring

    make = rotate = forget = read


async def test_only_calls_with_api_keys_are_logins(store: Store) -> None:
    async with world(store) as here:
        await here.identify(await here.bearer())
        await here.identify(await here.session())
        assert here.logins == []
        header = await here.jwt()
        await here.identify(header)
        await here.identify(header)
        assert here.logins == [7, 7]
        store.read_only = True
        await here.identify(header)
        assert here.logins == [7, 7], "no side write in read-only mode"
        with pytest.raises(AuthenticationFailed):
            await here.identify(header + "x")


async def test_end_of_all_sessions_changes_the_auth_id(store: Store) -> None:
    async with world(store) as here:
        await here.session()
        await end_sessions(Changes(store, here.feed), 7)
        user = await store.find_one("users", {"_id": 7})
        assert user is not None
        assert user["auth_id"] != USER["auth_id"]
        assert user["revision"] == 2
