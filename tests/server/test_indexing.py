"""Which add-ons a change of a user has applied anew: those that show something new of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from conf.model.addons import AddonDoc
from conf.settings.settings import Settings
from index.catalogue import Catalogue, Faults, Unwritable
from index.criteria.clauses import AnyOf
from index.shapes.api_versions import SHAPES, shapes_for
from index.shapes.view import View
from server.errors import Unavailable
from server.following.catalogue_reads import apply_addons
from server.following.feed import Feed
from server.following.indexing import Indexing
from server.storage.operations import Delete, Insert, Operation, Update
from server.storage.store import Store
from tests.factories import make_addon, make_user
from tests.index.shapes.shape_context import CONTEXT

ADDONS = {number: make_addon(_id=number, guid=f"{number}@x", slug=f"addon-{number}") for number in (1, 2, 3)}
OTHERS = make_addon(_id=4, guid="4@x", slug="addon-4", authors=[])
CHANGES: Mapping[str, tuple[Mapping[str, Any], bool]] = {
    "the date of a load": ({"modified": "2026-05-05T00:00:00Z"}, False),
    "a login": ({"last_login": "2026-05-05T00:00:00Z"}, False),
    "what no add-on shows": ({"biography": {"en-US": "Hello"}, "location": "Berlin"}, False),
    "the name that is shown": ({"display_name": "Anne"}, True),
    "the username": ({"username": "anne"}, True),
    "the picture": ({"picture": "userpics/7.png"}, True),
}


class Following:
    """A store, and the catalogue that follows it; `applied` are ids in the order of their application."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = store
        self.catalogue = Catalogue(Settings(), {version: shapes_for(version, CONTEXT) for version in SHAPES})
        self.feed = Feed(store)
        self.indexing = Indexing(store, self.catalogue, self.feed)
        self.applied: list[int] = []
        self.faults: list[Exception] = []  # of the next applications
        apply = self.catalogue.apply

        async def recorded(addons: Sequence[AddonDoc], gone: set[int]) -> Faults:
            if self.faults and addons:
                raise self.faults.pop(0)
            self.applied += [addon["_id"] for addon in addons]
            return await apply(addons, gone)

        monkeypatch.setattr(self.catalogue, "apply", recorded)

    async def write(self, *operations: Operation) -> list[int]:
        """The add-ons that this had applied."""
        self.applied.clear()
        assert await self.feed.seen(await self.store.write(operations), 5.0)
        return sorted(self.applied)

    def detail(self) -> bytes:
        return self.catalogue.documents.detail(1, View("v5"))


@asynccontextmanager
async def following(
    store: Store, monkeypatch: pytest.MonkeyPatch, data: Path | None = None
) -> AsyncIterator[Following]:
    """`data`: where snapshots are kept."""
    addons = [Insert("addons", addon) for addon in (*ADDONS.values(), OTHERS)]
    await store.write([Insert("users", make_user()), *addons])
    process = Following(store, monkeypatch)
    if data is not None:
        process.catalogue.keep_in(data)
    await process.indexing.open_feed()
    process.feed.subscribe(process.indexing, on_applied=process.indexing.checkpoint)
    await process.indexing.load()
    process.feed.start()
    try:
        yield process
    finally:
        await process.feed.close()
        await process.indexing.close()
        process.catalogue.close()


async def test_a_change_that_add_ons_do_not_show_costs_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.catalogue._CHANGES_SLICE", 0.0)  # others have their turn after each user
    async with following(store, monkeypatch) as process:
        for name, (fields, is_shown) in CHANGES.items():
            generation, stamp = process.catalogue.generation, process.catalogue.stamp(1)
            cursor = await process.indexing.log.open(None)
            applied = await process.write(Update("users", 7, {"$set": fields}))
            assert applied == ([*ADDONS] if is_shown else []), name
            assert (process.catalogue.generation != generation) == is_shown, name
            assert (process.catalogue.stamp(1) != stamp) == is_shown, name
            changes = await process.indexing.log.next(cursor, 0.0)
            assert sorted(event.id for event in changes.events) == applied, name
        assert b'"name":"Anne"' in process.detail() and b"userpics/7.png" in process.detail()
        assert process.catalogue.ids((AnyOf(("username:anne",)),)) == [*ADDONS]


async def test_who_is_gone_and_comes_back_is_shown_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async with following(store, monkeypatch) as process:
        assert await process.write(Delete("users", 7)) == [*ADDONS]
        assert b'"authors":[]' in process.detail()
        assert await process.write(Insert("users", make_user())) == [*ADDONS]
        assert b'"name":"Ann"' in process.detail()


async def test_an_add_on_that_changes_with_its_author_is_applied_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with following(store, monkeypatch) as process:
        named = Update("users", 7, {"$set": {"display_name": "Anne"}})
        counted = Update("addons", 1, {"$set": {"average_daily_users": 7}, "$inc": {"revision": 1}})
        assert await process.write(named, counted) == [*ADDONS]
        dated = Update("users", 7, {"$set": {"modified": "2026-05-05T00:00:00Z"}})
        assert await process.write(dated, counted) == [1]


async def test_what_failed_half_way_is_done_again_though_the_user_is_known_by_then(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with following(store, monkeypatch) as process:
        process.faults = [Unavailable("away"), Unavailable("away")]
        assert await process.write(Update("users", 7, {"$set": {"display_name": "Anne"}})) == [*ADDONS]
        assert b'"name":"Anne"' in process.detail()
        assert await process.write(Update("users", 7, {"$set": {"last_login": "2026-05-05T00:00:00Z"}})) == []


async def test_a_start_whose_text_index_cannot_be_written_builds_another(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with following(store, monkeypatch, tmp_path):
        pass
    process = Following(store, monkeypatch)
    process.catalogue.keep_in(tmp_path)
    await process.indexing.open_feed()
    process.faults = [Unwritable("no space left")]
    await process.indexing.open(lambda: apply_addons(store, process.catalogue, [1]))
    assert (len(process.catalogue), process.faults) == (4, [])
    assert b"addon-1" in process.detail()
    await process.feed.close()
    await process.indexing.close()
    process.catalogue.close()


async def test_what_was_built_has_a_checkpoint_without_a_change(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also on a machine that was started a moment ago, whose clock begins with it."""
    started = time.monotonic()
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: time.monotonic() - started)
    async with following(store, monkeypatch, tmp_path) as process, asyncio.timeout(10):
        while not process.catalogue._parts.checkpoint():
            await asyncio.sleep(0.01)
        await process.indexing.resync()
        while not process.catalogue._parts.checkpoint():
            await asyncio.sleep(0.01)


async def test_what_is_sealed_while_a_checkpoint_is_written_goes_with_one_more(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Else a start after a kill reads it again, though minutes without a change went by."""
    monkeypatch.setattr("server.following.indexing.PAUSE", 0.0)
    async with following(store, monkeypatch, tmp_path) as process:
        write, is_written, goes_on = process.catalogue.write_checkpoint, asyncio.Event(), asyncio.Event()

        async def write_slowly() -> None:
            await write()
            is_written.set()
            await goes_on.wait()

        monkeypatch.setattr(process.catalogue, "write_checkpoint", write_slowly)
        await process.write(Update("users", 7, {"$set": {"display_name": "Anne"}}))
        async with asyncio.timeout(5):
            await is_written.wait()
            await process.write(Update("users", 7, {"$set": {"display_name": "Ann"}}))
            goes_on.set()
            while process.catalogue._parts.records.waiting:
                await asyncio.sleep(0.01)
