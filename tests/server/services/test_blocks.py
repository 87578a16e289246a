"""Blocks: a guid is one value in any case (contract/extras.md 1)."""

import asyncio
from typing import Any

import pytest

from conf.model.curated import BlockDoc
from server.changes import Changes
from server.errors import Duplicate
from server.services import blocks
from server.services.blocks import BlockKeeper, BlockTexts
from server.storage.operations import Insert
from server.storage.store import Store
from tests.factories import make_addon, make_file, make_version

DATE = "2024-01-02T03:04:05Z"
BLOCK = BlockDoc(
    _id=1,
    guid="Tab@Example.org",
    reason="It steals.",
    url=None,
    blocked=["1.0"],
    soft_blocked=[],
    created=DATE,
    modified=DATE,
)
ADDON = make_addon(
    _id=7, guid="tab@example.ORG", versions=[make_version(id=10, version="1.0", files=[make_file(id=20)])]
)


async def test_a_block_disables_an_addon_whose_guid_differs_in_case(store: Store) -> None:
    await store.write([Insert("addons", ADDON)])
    by_guid = {BLOCK["guid"].lower(): BLOCK}
    await BlockKeeper(store, Changes(store, None), lambda: by_guid, lambda: False).work()
    addon = await store.find_addon("id", 7)
    assert addon is not None
    assert [file["status"] for file in addon["versions"][0]["files"]] == ["disabled"]


async def test_a_guid_has_one_block(store: Store) -> None:
    await store.write([Insert("blocks", BLOCK)])
    changes = Changes(store, None)
    changed = await blocks.add(changes, store, "TAB@example.org", ["2.0"], BlockTexts(None, None))
    assert (changed["_id"], changed["guid"], changed["blocked"]) == (1, "Tab@Example.org", ["1.0", "2.0"])
    assert await blocks.remove(changes, "tab@example.org") is None
    assert await blocks.find(store, "Tab@Example.org") is None


async def test_concurrent_adds_make_one_block(store: Store) -> None:
    changes, texts = Changes(store, None), BlockTexts(None, None)
    guids = ["tab@example.org", "TAB@example.org", "Tab@Example.ORG"]
    await asyncio.gather(
        *(blocks.add(changes, store, guid, [f"{number}.0"], texts) for number, guid in enumerate(guids))
    )
    (block,) = await store.find("blocks", {})
    assert sorted(block["blocked"]) == ["0.0", "1.0", "2.0"]
    with pytest.raises(Duplicate):
        await store.write([Insert("blocks", {**BLOCK, "_id": block["_id"] + 9})])


async def test_a_block_that_is_removed_during_a_change_gets_a_new_id(store: Store) -> None:
    changes, texts = Changes(store, None), BlockTexts(None, None)

    class RemovesFirst(Changes):
        async def run(self, work: Any, *, wait: bool = True) -> Any:
            await blocks.remove(changes, "tab@example.org")
            return await super().run(work, wait=wait)

    first = await blocks.add(changes, store, "tab@example.org", ["1.0"], texts)
    again = await blocks.add(RemovesFirst(store, None), store, "TAB@example.org", ["2.0"], texts)
    assert again["_id"] > first["_id"]
    assert await blocks.find(store, "tab@example.org") == again
