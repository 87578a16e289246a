"""Reads in the milliseconds in which a mongod that came back has not read the keys of its time yet."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from bson import Int64, Timestamp
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import OperationFailure

from server.errors import Unavailable
from server.storage.operations import Insert, Update
from server.storage.store import Store
from tests.factories import make_addon
from tests.mongod_fixture import both_drivers

KEY_NOT_FOUND = 211
MOMENT = 0.1  # seconds

READS: dict[str, Callable[[Store], Awaitable[object]]] = {
    "a document": lambda store: store.find_one("addons", {"_id": 1}),
    "a list": lambda store: store.find("addons", {}),
    "by its slug": lambda store: store.find_addon("slug", "tab-tree"),
    "several by their ids": lambda store: store.addons_by_id([1]),
    "how many of a query": lambda store: store.count("addons", {"_id": 1}),
    "how many": lambda store: store.size("addons"),
    "a summary": lambda store: store.summarize("addons", "status", "_id"),
}


@asynccontextmanager
async def keys_unread(store: Store, seconds: float) -> AsyncIterator[None]:
    """MongoDB turns our calls away, as they tell a time signed with a key that it does not know."""
    hello = await store.ping()
    later = Timestamp(hello["$clusterTime"]["clusterTime"].time + 60, 1)
    is_motor = isinstance(store._client, AsyncIOMotorClient)
    topology = (store._client.delegate if is_motor else store._client)._topology
    before = topology._max_cluster_time
    signature = {"hash": bytes(20), "keyId": Int64(1)}
    topology._max_cluster_time = {"clusterTime": later, "signature": signature}

    def restore() -> None:
        topology._max_cluster_time = before

    timer = asyncio.get_running_loop().call_later(seconds, restore)
    try:
        yield
    finally:
        timer.cancel()
        restore()


@both_drivers
@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
async def test_a_read_is_made_again(store: Store, read: Callable[[Store], Awaitable[object]]) -> None:
    await store.write([Insert("addons", make_addon())])
    expected = await read(store)
    async with keys_unread(store, MOMENT):
        begun = time.monotonic()
        assert await read(store) == expected
        assert time.monotonic() - begun > MOMENT / 2


@both_drivers
async def test_a_read_is_given_up_within_its_time(store: Store) -> None:
    store.timeout = 0.4
    async with keys_unread(store, 60):
        begun = time.monotonic()
        with pytest.raises(Unavailable) as fault:
            await store.find_one("addons", {"_id": 1})
        assert time.monotonic() - begun < 2 * store.timeout
    assert fault.value.code == KEY_NOT_FOUND


@both_drivers
async def test_a_write_is_not_made_again(store: Store) -> None:
    """It may be the driver's second try of one that was stored."""
    await store.write([Insert("addons", make_addon())])
    async with keys_unread(store, MOMENT):
        with pytest.raises(Unavailable) as fault:
            await store.apply(Update("addons", 1, {"$inc": {"weekly_downloads": 1}}))
    assert fault.value.code == KEY_NOT_FOUND


async def test_a_list_that_was_read_in_part_does_not_begin_again(store: Store) -> None:
    numbers = range(1, 6)
    addons = [
        make_addon(_id=number, guid=f"{number}@example.org", slug=f"tab-{number}") for number in numbers
    ]
    await store.bulk_replace("addons", addons)
    ids: list[int] = []
    async with AsyncExitStack() as stack:
        with pytest.raises(Unavailable):
            async for documents in store.scan("addons", sort=[("_id", 1)], batch=2):
                if not ids:
                    await asyncio.sleep(MOMENT)  # until the second list is there, which is fetched ahead
                    await stack.enter_async_context(keys_unread(store, 60))
                ids += [document["_id"] for document in documents]
    assert ids == [1, 2, 3, 4]


async def test_other_faults_are_not_met_with_another_try(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    async def fail(*_arguments: object, **_options: object) -> None:
        tries.append(1)
        raise OperationFailure("time limit", 50, {"code": 50, "errmsg": "time limit"})

    monkeypatch.setattr("motor.motor_asyncio.AsyncIOMotorCollection.find_one", fail)
    with pytest.raises(Unavailable):
        await store.find_one("addons", {"_id": 1})
    assert len(tries) == 1
