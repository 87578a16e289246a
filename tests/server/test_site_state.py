"""The site's state: stored, followed by every process, and obeyed by the store."""

import asyncio
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from server.errors import ReadOnly
from server.following.feed import Feed
from server.site_state import SiteState, State
from server.storage.operations import Insert
from server.storage.store import Store
from tests.mongod_fixture import TIMEOUT


async def test_nothing_stored_is_a_site_that_can_be_written(store: Store) -> None:
    assert (await State.load(store)).current == SiteState(read_only=False, notice=None)


async def test_either_part_changes_alone_and_survives_a_restart(store: Store) -> None:
    state = await State.load(store)
    assert await state.set(read_only=True) == SiteState(True, None)
    assert await state.set(notice="Back at noon.") == SiteState(True, "Back at noon.")
    assert await state.set() == SiteState(True, "Back at noon.")
    assert (await State.load(store)).current == SiteState(True, "Back at noon.")
    assert await state.set(read_only=False, notice=None) == SiteState(False, None)


async def test_the_store_obeys_and_the_state_itself_can_still_be_changed(store: Store) -> None:
    state = await State.load(store)
    await state.set(read_only=True)
    with pytest.raises(ReadOnly):
        await store.write([Insert("outbox", {"_id": 1})])
    await state.set(read_only=False)
    await store.write([Insert("outbox", {"_id": 1})])


async def test_what_was_read_before_a_change_does_not_hold_after_it(store: Store) -> None:
    state = await State.load(store)
    find_one = store.find_one

    async def slow(*args: Any, **options: Any) -> Any:
        document = await find_one(*args, **options)
        await asyncio.sleep(0.3)
        return document

    store.find_one = slow  # type: ignore[method-assign]
    early = asyncio.create_task(state.resync())
    await asyncio.sleep(0.1)
    store.find_one = find_one  # type: ignore[method-assign]
    assert (await state.set(read_only=True)).read_only
    await early
    assert state.current.read_only


async def test_an_unknown_part_is_refused(store: Store) -> None:
    with pytest.raises(TypeError):
        await (await State.load(store)).set(readonly=True)


@pytest.mark.timed
async def test_every_process_follows_within_a_second(store: Store, mongod: OwnMongod) -> None:
    async with await Store.open(mongod.uri, store.database.name, TIMEOUT) as elsewhere:
        followed, feed = await State.load(elsewhere), Feed(elsewhere)
        feed.subscribe(followed)
        await feed.open()
        feed.start()
        await (await State.load(store)).set(read_only=True, notice="x")
        async with asyncio.timeout(1):
            while followed.current != SiteState(True, "x"):
                await asyncio.sleep(0.01)
        assert elsewhere.read_only
        await feed.close()
