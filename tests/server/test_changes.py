"""Changes: all of a change or nothing, none lost to another, seen by its writer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from conf.model.addons import AddonDoc
from server.changes import Change, Changes, Edited, NewRecord
from server.errors import Conflict, Duplicate, ReadOnly
from server.following.feed import Feed
from server.following.subscribers import ChangedIds
from server.storage.operations import Insert, Operation, Replace
from server.storage.store import Store
from tests.factories import make_addon, make_user


class Memory:
    """A subscriber that holds the add-ons as they were when it heard of them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.addons: dict[int, AddonDoc] = {}

    async def apply(self, changes: ChangedIds) -> None:
        self.addons |= await self._store.addons_by_id(changes.addon_ids)

    async def resync(self) -> None:
        raise AssertionError("nothing was missed")


def recorded_sync(kind: str, old: Any, new: Any) -> Sequence[Operation]:
    """An outbox record of every change, in place of what Basket would name."""
    record = {"_id": f"{kind}-{new['_id']}", "slug": new.get("slug"), "is_new": old is None}
    return [Replace("outbox", record, upsert=True)]


@asynccontextmanager
async def opened(store: Store) -> AsyncIterator[tuple[Changes, Memory]]:
    memory = Memory(store)
    feed = Feed(store)
    feed.subscribe(memory)
    await feed.open()
    feed.start()
    try:
        yield Changes(store, feed, recorded_sync), memory
    finally:
        await feed.close()


def with_tag(tag: str) -> Any:
    return lambda addon: Edited(addon | {"tags": [*addon["tags"], tag]})


async def test_an_edit_is_stored_with_its_records_its_sync_and_seen_by_its_writer(store: Store) -> None:
    await store.write([Insert("addons", make_addon())])
    async with opened(store) as (changes, memory):
        record = NewRecord("notes", {"_id": 1, "addon_id": 1})
        addon = await changes.edit_addon(1, lambda addon: Edited(addon | {"slug": "new"}, [record]))
        assert memory.addons[1] == addon
    assert (addon["slug"], addon["revision"]) == ("new", 2)
    assert await store.find_addon("id", 1) == addon
    assert await store.find("notes", {}, unchecked=True) == [{"_id": 1, "addon_id": 1}]
    [synced] = await store.find("outbox", {}, unchecked=True)
    assert synced == {"_id": "addon-1", "slug": "new", "is_new": False}


async def test_of_many_simultaneous_edits_none_is_lost(store: Store) -> None:
    await store.write([Insert("addons", make_addon())])
    tags = [f"tag{number}" for number in range(12)]
    async with opened(store) as (changes, _):
        await asyncio.gather(*(changes.edit_addon(1, with_tag(tag)) for tag in tags))
    addon = await store.find_addon("id", 1)
    assert addon is not None
    assert sorted(addon["tags"]) == sorted(tags)
    assert addon["revision"] == 1 + len(tags)


async def test_an_edit_runs_again_on_what_another_writer_left(store: Store) -> None:
    await store.write([Insert("addons", make_addon(tags=["old"]))])
    seen: list[list[str]] = []
    entered, released = asyncio.Event(), asyncio.Event()

    async def slow(change: Change) -> AddonDoc:
        addon = await change.find_addon("id", 1)
        assert addon is not None
        seen.append(addon["tags"])
        entered.set()
        await released.wait()
        return await change.edit_addon(1, with_tag("slow"))

    async with opened(store) as (changes, _):
        task = asyncio.create_task(changes.run(slow))
        await entered.wait()
        await changes.edit_addon(1, with_tag("quick"))
        released.set()
        addon = await task
    assert seen == [["old"], ["old", "quick"]]
    assert addon["tags"] == ["old", "quick", "slow"]


async def test_a_fault_in_the_edit_stores_nothing(store: Store) -> None:
    await store.write([Insert("addons", make_addon()), Insert("users", make_user())])

    async def work(change: Change) -> None:
        await change.edit_user(7, lambda user: Edited(user | {"location": "Brno"}))
        await change.edit_addon(1, refuse)

    def refuse(addon: AddonDoc) -> Edited[AddonDoc]:
        raise LookupError("not like this")

    async with opened(store) as (changes, _):
        with pytest.raises(LookupError, match="not like this"):
            await changes.run(work)
    assert await store.find_one("users", {"_id": 7}) == make_user()
    assert await store.find("outbox", {}, unchecked=True) == []


async def test_an_edit_that_changes_nothing_writes_nothing(store: Store) -> None:
    await store.write([Insert("addons", make_addon())])
    async with opened(store) as (changes, _):
        addon = await changes.edit_addon(1, Edited)
    assert addon == await store.find_addon("id", 1) == make_addon()
    assert await store.find("outbox", {}, unchecked=True) == []


async def test_an_account_is_edited_the_same_way(store: Store) -> None:
    await store.write([Insert("users", make_user())])
    async with opened(store) as (changes, _):
        user = await changes.edit_user(7, lambda user: Edited(user | {"location": "Brno"}), wait=False)
    assert (user["location"], user["revision"]) == ("Brno", 2)
    assert [record["_id"] for record in await store.find("outbox", {}, unchecked=True)] == ["user-7"]


async def test_a_new_addon_needs_a_guid_and_slug_of_its_own(store: Store) -> None:
    async with opened(store) as (changes, memory):
        await changes.create_addon(make_addon(), [NewRecord("notes", {"_id": 1})])
        assert memory.addons[1]["revision"] == 1
        with pytest.raises(Duplicate) as caught:
            await changes.create_addon(make_addon(_id=2, slug="other"), [NewRecord("notes", {"_id": 2})])
    assert (caught.value.collection, caught.value.field) == ("addons", "guid")
    assert await store.count("notes") == 1
    [synced] = await store.find("outbox", {}, unchecked=True)
    assert synced == {"_id": "addon-1", "slug": "tab-tree", "is_new": True}


async def test_what_is_gone_cannot_be_edited(store: Store) -> None:
    async with opened(store) as (changes, _):
        with pytest.raises(Conflict):
            await changes.edit_addon(404, with_tag("music"))


async def test_read_only_refuses_before_anything_runs(store: Store) -> None:
    await store.write([Insert("addons", make_addon())])
    async with opened(store) as (changes, _):
        store.read_only = True
        with pytest.raises(ReadOnly):
            await changes.edit_addon(1, with_tag("music"))
        store.read_only = False
    assert await store.find_addon("id", 1) == make_addon()


async def test_records_of_other_collections_are_written_together(store: Store) -> None:
    async with opened(store) as (changes, _):
        await changes.write([NewRecord("notes", {"_id": 1}), NewRecord("ratings", {"_id": 1})])
        with pytest.raises(Duplicate):
            await changes.write([NewRecord("notes", {"_id": 2}), NewRecord("ratings", {"_id": 1})])
    assert (await store.count("notes"), await store.count("ratings")) == (1, 1)


async def test_records_without_a_number_get_the_next_ones_in_one_call_a_collection(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each call waits for the disk, and the transaction for it."""
    await store.write([Insert("addons", make_addon())])
    await store.raise_counter("note", 40)
    calls: list[tuple[str, int]] = []
    next_id = store.next_id

    async def recorded_id(counter: str, count: int = 1) -> int:
        calls.append((counter, count))
        return await next_id(counter, count)

    monkeypatch.setattr(store, "next_id", recorded_id)
    note, numbered = NewRecord("notes", {"addon_id": 1}), NewRecord("notes", {"_id": 7, "addon_id": 1})
    action = NewRecord("activity", {"addon_id": 1, "action": "slug-changed"})
    async with opened(store) as (changes, _):
        await changes.edit_addon(1, lambda addon: Edited(addon, [note, action, numbered, note]))
    stored = await store.find("notes", {}, unchecked=True, sort=[("_id", 1)])
    assert [document["_id"] for document in stored] == [7, 41, 42]
    assert calls == [("note", 2), ("activity", 1)]
