"""The `last_login` of calls with API keys: stored in the background, seldom, and never lost for a fault.

Rules: contract/versions.md 18.
"""

import asyncio

from server.auth.authenticator import login_writer
from server.auth.sign_in.logins import Logins
from server.changes import Changes
from server.errors import ReadOnly, StoreError, Unavailable
from server.following.feed import Feed
from server.storage.operations import Insert
from server.storage.store import Store
from tests.factories import make_user


class Recorder:
    """Stands for the writer; fails as told, once each."""

    def __init__(self, *faults: StoreError) -> None:
        self.faults = list(faults)
        self.written: list[int] = []
        self.news = asyncio.Event()

    async def __call__(self, user_id: int, date: str) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.written.append(user_id)
        self.news.set()

    async def wait(self) -> None:
        await asyncio.wait_for(self.news.wait(), 2)
        self.news.clear()


async def test_many_logins_are_one_write() -> None:
    write = Recorder()
    logins = Logins(write, pause=60)
    for _ in range(100):
        logins.note(7)
    await write.wait()
    for _ in range(100):
        logins.note(7)
        logins.note(8)
    await asyncio.sleep(0.05)
    assert write.written == [7]
    await logins.close()
    assert write.written == [7, 7, 8], "what waited is written at the end"


async def test_next_round_follows_the_pause() -> None:
    write = Recorder()
    logins = Logins(write, pause=0.02)
    logins.note(7)
    await write.wait()
    logins.note(7)
    await write.wait()
    assert write.written == [7, 7]
    await logins.close()


async def test_login_that_cannot_be_stored_now_is_stored_later() -> None:
    write = Recorder(Unavailable("away"))
    logins = Logins(write, pause=0.02)
    logins.note(7)
    await write.wait()
    assert write.written == [7]
    await logins.close()


async def test_read_only_drops_logins() -> None:
    write = Recorder(ReadOnly())
    logins = Logins(write, pause=0.02)
    logins.note(7)
    await asyncio.sleep(0.1)
    await logins.close()
    assert write.written == []


async def test_one_bad_login_stops_no_other() -> None:
    write = Recorder(StoreError("broken"))
    logins = Logins(write, pause=0.02)
    logins.note(7)
    logins.note(8)
    await write.wait()
    await logins.close()
    assert write.written == [8]


async def test_login_is_a_change_of_the_user(store: Store) -> None:
    await store.apply(Insert("users", make_user(_id=7)))
    write = login_writer(Changes(store, Feed(store)))
    await write(7, "2026-01-02T03:04:05Z")
    await write(99, "2026-01-02T03:04:05Z")  # gone: no fault
    user = await store.find_one("users", {"_id": 7})
    assert user is not None
    assert user["last_login"] == "2026-01-02T03:04:05Z"
    assert user["revision"] == 2
