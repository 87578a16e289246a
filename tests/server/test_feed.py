"""The feed: every change reaches the subscribers, once it did a writer knows, nothing is skipped."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from server.errors import Unavailable
from server.following.feed import Feed
from server.following.subscribers import ChangedIds
from server.storage.operations import Delete, Insert, Operation, Replace, ResumeToken, Update
from server.storage.store import Store
from tests.factories import make_addon, make_user
from tests.mongod_fixture import TIMEOUT, both_drivers, running


class Listener:
    """Remembers what it was told; fails first where a test wants that."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.calls: list[ChangedIds] = []
        self.resyncs = 0
        self.delay = 0.0

    async def apply(self, changes: ChangedIds) -> None:
        if self.failures:
            raise self.failures.pop(0)
        await asyncio.sleep(self.delay)
        self.calls.append(changes)

    async def resync(self) -> None:
        self.resyncs += 1

    @property
    def ids(self) -> set[tuple[str, Any]]:
        return {(name, id_) for changes in self.calls for name, found in changes.ids.items() for id_ in found}


def is_healthy(feed: Feed) -> bool:
    """MongoDB answers, and what it says is being applied."""
    return feed.lag < 5.0 and not any(dispatcher.out_of_sync for dispatcher in feed._dispatchers)


@asynccontextmanager
async def following(store: Store, *listeners: Listener) -> AsyncIterator[Feed]:
    feed = Feed(store)
    feed.subscribe(*listeners)
    await feed.open()
    feed.start()
    try:
        yield feed
    finally:
        await feed.close()


ADDON = make_addon()
OPERATIONS: list[tuple[str, list[Operation], set[tuple[str, Any]]]] = [
    ("insert", [Insert("addons", make_addon(_id=2, guid="b@example.org", slug="b"))], {("addons", 2)}),
    ("replace", [Replace("addons", ADDON)], {("addons", 1)}),
    ("update", [Update("addons", 1, {"$set": {"weekly_downloads": 5}})], {("addons", 1)}),
    ("delete", [Delete("addons", 1)], {("addons", 1)}),
    ("two together", [Delete("addons", 1), Insert("site", {"_id": "x"})], {("addons", 1), ("site", "x")}),
    ("site", [Insert("site", {"_id": "x"})], {("site", "x")}),
    ("a collection nobody follows", [Insert("outbox", {"_id": "s"})], set()),
    ("nothing new", [Update("addons", 1, {"$set": {"status": "public"}})], set()),
]  # fmt: skip


@pytest.mark.parametrize(("operations", "ids"), [o[1:] for o in OPERATIONS], ids=[o[0] for o in OPERATIONS])
async def test_seen_means_the_subscriber_has_it(
    store: Store, operations: list[Operation], ids: set[tuple[str, Any]]
) -> None:
    await store.write([Insert("addons", make_addon(weekly_downloads=1, status="public"))])
    if operations[0] == Replace("addons", ADDON):
        await store.write([Update("addons", 1, {"$set": {"status": "disabled"}})])
    listener = Listener()
    async with following(store, listener) as feed:
        position = await store.write(operations)
        assert await feed.seen(position, timeout=2)
        assert listener.ids == ids


async def test_changes_of_a_moment_are_delivered_together(store: Store) -> None:
    listener = Listener()
    async with following(store, listener) as feed:
        documents = [make_addon(_id=i, guid=f"{i}@example.org", slug=f"s{i}") for i in range(1, 2501)]
        result = await store.bulk_replace("addons", documents)
        assert await feed.seen(result.position, timeout=5)
    assert listener.ids == {("addons", i) for i in range(1, 2501)}
    assert len(listener.calls) < 100


@both_drivers
async def test_names_of_the_changes(store: Store) -> None:
    listener = Listener()
    async with following(store, listener) as feed:
        rows = [Insert(name, {"_id": 3, "username": "b"}) for name in ("addons", "users", "site", "ratings")]
        assert await feed.seen(await store.write(rows), timeout=2)
    (changes,) = listener.calls
    assert changes.addon_ids == {3}
    assert changes.user_ids == {3}
    assert changes.site
    assert changes.others == {"ratings": {3}}


@both_drivers
async def test_changes_between_open_and_start_are_not_lost(store: Store) -> None:
    listener, feed = Listener(), Feed(store)
    feed.subscribe(listener)
    await feed.open()
    position = await store.write([Insert("addons", ADDON)])
    assert not await feed.seen(position, timeout=0.3)
    feed.start()
    assert await feed.seen(position, timeout=2)
    assert listener.ids == {("addons", 1)}
    await feed.close()


async def test_writer_without_a_position_waits_for_everything_so_far(store: Store) -> None:
    listener = Listener()
    async with following(store, listener) as feed:
        await store.write([Insert("addons", ADDON)])
        assert await feed.seen(None, timeout=2)
        assert listener.ids == {("addons", 1)}


async def test_before_the_stream_is_open_nothing_lags(store: Store) -> None:
    """The loop's clock begins with the machine, which may be up for months."""
    assert Feed(store).lag == 0.0


@pytest.mark.timed
async def test_seen_gives_up_in_time_and_lag_shows_it(store: Store) -> None:
    listener = Listener()
    listener.delay = 1.0
    async with following(store, listener) as feed:
        position = await store.write([Insert("addons", ADDON)])
        assert not await feed.seen(position, timeout=0.4)
        assert 0.2 < feed.lag < 1.0
        assert await feed.seen(position, timeout=2)
        assert feed.lag < 0.1
        assert is_healthy(feed)


async def test_those_who_are_quick_wait_for_none_who_is_slow(store: Store) -> None:
    """Credentials end while thousands of add-ons are being taken; a writer waits for both."""
    quick, slow, feed = Listener(), Listener(), Feed(store)
    slow.delay = 1.5
    feed.subscribe(quick)
    feed.subscribe(slow)
    await feed.open()
    feed.start()
    await store.write([Insert("addons", ADDON)])
    await until(lambda: quick.ids == {("addons", 1)} and feed.lag > 0.1)
    position = await store.write([Insert("users", make_user())])
    async with asyncio.timeout(0.5):
        await until(lambda: ("users", 7) in quick.ids)
    assert slow.ids == set()
    assert not await feed.seen(position, timeout=0.1)
    assert await feed.seen(position, timeout=4)
    assert slow.ids == quick.ids
    await feed.close()


@pytest.mark.timed
async def test_what_waited_for_others_is_not_collected_for_any_longer(store: Store) -> None:
    listener, feed = Listener(), Feed(store, window=0.4)
    feed.subscribe(listener)
    await feed.open()
    feed.start()
    started: list[float] = []
    loop = asyncio.get_running_loop()

    async def slow(changes: ChangedIds) -> None:
        started.append(loop.time())
        await asyncio.sleep(0.5)

    listener.apply = slow  # type: ignore[method-assign]
    await store.write([Insert("addons", ADDON)])
    await until(lambda: len(started) == 1)
    await store.write([Insert("users", make_user())])
    await until(lambda: len(started) == 2)
    await feed.close()
    assert started[1] - started[0] < 0.8


async def test_many_changes_are_delivered_in_batches_each_with_its_resume_token(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a start after a kill reads a batch again, and not all that was queued."""
    monkeypatch.setattr("server.following.dispatcher.BATCH_SIZE", 50)
    listener, feed = Listener(), Feed(store)
    checkpoints: list[tuple[ResumeToken, int]] = []  # and how many ids were applied by then
    feed.subscribe(listener, on_applied=lambda token: checkpoints.append((token, len(listener.ids))))
    await feed.open()
    for start in range(0, 120, 20):
        rows = [make_user(_id=number, username=f"u{number}") for number in range(start, start + 20)]
        position = (await store.bulk_replace("users", rows)).position
    feed.start()
    assert await feed.seen(position, timeout=5)
    await feed.close()
    assert listener.ids == {("users", number) for number in range(120)}
    assert max(len(call.user_ids) for call in listener.calls) <= 50
    half = next(token for token, applied in checkpoints if 0 < applied < 120)
    resumed, rest = Feed(store), Listener()
    resumed.subscribe(rest)
    assert await resumed.open(half, 1000)
    resumed.start()
    await resumed.caught_up()
    await resumed.close()
    applied = max(applied for token, applied in checkpoints if token == half)
    assert len(rest.ids) == 120 - applied


async def test_reading_pauses_while_too_much_waits(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.following.dispatcher.MAX_PENDING", 10)
    listener = Listener()
    listener.delay = 0.1
    async with following(store, listener) as feed:
        for start in range(0, 100, 20):
            rows = [make_user(_id=number, username=f"u{number}") for number in range(start, start + 20)]
            position = (await store.bulk_replace("users", rows)).position
        assert await feed.seen(position, timeout=5)
    assert listener.ids == {("users", number) for number in range(100)}


async def test_every_subscriber_hears_in_order(store: Store) -> None:
    first, second = Listener(), Listener()
    first.delay = 0.05
    async with following(store, first, second) as feed:
        assert await feed.seen(await store.write([Insert("addons", ADDON)]), timeout=2)
        assert first.ids == second.ids == {("addons", 1)}


@pytest.mark.parametrize(
    "failure", [Unavailable("away"), KeyError("a bug")], ids=["MongoDB away", "own fault"]
)
async def test_a_subscriber_that_fails_gets_its_changes_again(store: Store, failure: Exception) -> None:
    listener = Listener(failure)
    async with following(store, listener) as feed:
        assert await feed.seen(await store.write([Insert("addons", ADDON)]), timeout=2)
        assert listener.ids == {("addons", 1)}


async def test_a_subscriber_that_always_fails_does_not_stop_the_others(store: Store) -> None:
    broken, sound = Listener(*[KeyError("a bug")] * 3), Listener()
    async with following(store, broken, sound) as feed:
        assert await feed.seen(await store.write([Insert("addons", ADDON)]), timeout=3)
        assert (broken.ids, sound.ids) == (set(), {("addons", 1)})


class Picky(Listener):
    """Cannot take some documents."""

    def __init__(self, *refused: Any) -> None:
        super().__init__()
        self.refused = set(refused)

    async def apply(self, changes: ChangedIds) -> None:
        if self.refused & set(changes.documents):
            raise KeyError("tags")
        await super().apply(changes)

    async def resync(self) -> None:
        if self.refused:
            raise KeyError("tags")
        await super().resync()


def self_ids(changes: ChangedIds) -> set[tuple[str, Any]]:
    return set(changes.documents)


async def test_a_document_that_cannot_be_taken_stops_no_other(store: Store) -> None:
    """It is named, and given another chance when it changes."""
    listener = Picky(("addons", 7), ("users", 3))
    documents = [make_addon(_id=i, guid=f"{i}@example.org", slug=f"s{i}") for i in range(1, 50)]
    operations = [*(Insert("addons", one) for one in documents), Insert("users", {"_id": 3})]
    async with following(store, listener) as feed:
        assert await feed.seen(await store.write(operations), timeout=5)
        assert listener.ids == {("addons", i) for i in range(1, 50)} - {("addons", 7)}
        assert sorted(store.bad_documents.summary()["first"]) == ["addons 7", "users 3"]
        listener.refused.clear()
        repaired = await store.write([Update("addons", 7, {"$set": {"tags": ["music"]}})])
        assert await feed.seen(repaired, timeout=2)
        assert ("addons", 7) in listener.ids
        assert store.bad_documents.summary() == {"count": 1, "first": ["users 3"]}


async def test_an_id_that_none_of_ours_has_is_passed_over(store: Store) -> None:
    listener = Listener()
    async with following(store, listener) as feed:
        operations = [Insert("addons", {"_id": {"a": 1}}), Insert("addons", ADDON)]
        assert await feed.seen(await store.write(operations), timeout=2)
        assert (listener.ids, listener.resyncs) == ({("addons", 1)}, 0)


@pytest.mark.alters_schema
async def test_one_that_cannot_read_everything_holds_up_no_other_and_shows(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.following.dispatcher.RESYNC_PAUSE", 0.3)
    broken, sound = Picky(("addons", 1)), Listener()
    async with following(store, broken, sound) as feed:
        await store.database.drop_collection("curated")
        await until(lambda: sound.resyncs == 1 and not is_healthy(feed))
        broken.refused.clear()
        await until(lambda: broken.resyncs == 1 and is_healthy(feed))
        assert sound.resyncs == 1


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.02)


@both_drivers
@pytest.mark.alters_schema
async def test_a_dropped_collection_means_reading_everything_again(store: Store) -> None:
    listener = Listener()
    async with following(store, listener) as feed:
        await store.database.drop_collection("curated")
        async with asyncio.timeout(3):
            while not listener.resyncs:
                await asyncio.sleep(0.02)
        assert await feed.seen(await store.write([Insert("addons", ADDON)]), timeout=2)
        assert ("addons", 1) in listener.ids


@both_drivers
async def test_a_place_that_is_lost_or_too_far_behind_is_not_gone_on_from(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then everything is read anew (server/following/indexing.py), and changes count from now on."""
    monkeypatch.setattr("server.storage.stream.BATCH", 2)
    tokens: list[ResumeToken] = []
    feed = Feed(store)
    feed.subscribe(Listener(), on_applied=tokens.append)
    assert not await feed.open()
    feed.start()
    async with asyncio.timeout(5):
        while not tokens:
            await asyncio.sleep(0.02)
    await feed.close()
    addons = [make_addon(_id=i, guid=f"{i}@example.org", slug=f"s{i}") for i in range(1, 8)]
    await store.write([Insert("addons", addon) for addon in addons])
    lost = {"_data": "82" + "00000001" + tokens[-1]["_data"][10:]}  # the time that stands in it
    for name, token, most, is_since in (
        ("all are few enough", tokens[-1], 7, True),
        ("there are more", tokens[-1], 3, False),
        ("MongoDB does not know the place any more", lost, 7, False),
        ("it means nothing to MongoDB", {"_data": "82" + "00" * 20}, 7, False),
    ):
        feed, listener = Feed(store), Listener()
        feed.subscribe(listener)
        assert await feed.open(token, most) == is_since, name
        assert feed.pending == (7 if is_since else 0), name
        feed.start()
        position = await store.write([Update("addons", 1, {"$inc": {"weekly_downloads": 1}})])
        assert await feed.seen(position, timeout=5), name
        assert {id_ for _, id_ in listener.ids} == (set(range(1, 8)) if is_since else {1}), name
        await feed.close()


@pytest.mark.timed
@both_drivers
async def test_two_processes_hear_of_a_write_within_a_second(store: Store, mongod: Any) -> None:
    listener = Listener()
    opened = await Store.open(mongod.uri, store.database.name, TIMEOUT)
    async with opened as other, following(other, listener) as feed:
        position = await store.write([Insert("addons", ADDON)])
        assert await feed.seen(position, timeout=1)
        assert listener.ids == {("addons", 1)}


@pytest.mark.timeout(seconds=120)
async def test_goes_on_where_it_stopped_when_mongod_was_killed(tmp_path: Path) -> None:
    listener = Listener()
    async with running(tmp_path) as mongod:
        opened = await Store.open(mongod.uri, "amoeba", 30.0)
        async with opened as store, following(store, listener) as feed:
            assert await feed.seen(await store.write([Insert("addons", ADDON)]), timeout=2)
            for round_ in range(2, 4):
                assert mongod.pid
                os.kill(mongod.pid, signal.SIGKILL)
                document = make_addon(_id=round_, guid=f"{round_}@example.org", slug=f"s{round_}")
                position = await store.write([Insert("addons", document)])
                assert await feed.seen(position, timeout=30)
            assert listener.ids == {("addons", 1), ("addons", 2), ("addons", 3)}
            assert listener.resyncs == 0
            assert is_healthy(feed)
