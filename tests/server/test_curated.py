"""The small collections in memory, following a real MongoDB's change stream."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from conf.settings.settings import Settings
from conf.vocabulary import CURATED_GUIDS
from index.catalogue import Catalogue
from index.criteria.clauses import AnyOf
from index.shapes.api_versions import SHAPES, shapes_for
from server.curated import curated as curated_module
from server.curated.curated import CuratedContent
from server.errors import Unavailable
from server.following.feed import Feed
from server.following.indexing import Indexing
from server.storage.operations import Delete, Insert, Operation, Replace
from server.storage.store import Store
from tests.factories import make_addon, make_user
from tests.index.shapes.shape_context import CONTEXT

RECOMMENDED = {"group": "recommended", "apps": ["firefox"]}


class Site:
    """CuratedContent and catalogue as the site wires them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        shapes = {version: shapes_for(version, CONTEXT) for version in SHAPES}
        self.catalogue = Catalogue(Settings(), shapes)
        self.curated = CuratedContent(store, self.catalogue)
        self.feed = Feed(store)

    async def write(self, *operations: Operation) -> None:
        """And wait until it is known here."""
        position = await self.store.write(operations)
        assert await self.feed.seen(position, 5.0)

    def featured(self, clause: str) -> list[int]:
        return self.catalogue.ids((AnyOf((clause,)),))


@asynccontextmanager
async def running(store: Store, *operations: Operation, data: Path | None = None) -> AsyncIterator[Site]:
    """`data`: where snapshots are kept."""
    if operations:
        await store.write(operations)
    site = Site(store)
    if data is not None:
        site.catalogue.keep_in(data)
    indexing = Indexing(store, site.catalogue, site.feed)
    await indexing.open_feed()
    site.feed.subscribe(site.curated, indexing)
    await indexing.open(site.curated.resync)
    site.feed.start()
    try:
        yield site
    finally:
        await site.feed.close()
        await indexing.close()
        site.catalogue.close()


def addons(*ids: int, **fields: Any) -> list[Operation]:
    return [
        Insert("addons", make_addon(**{"_id": id, "guid": f"{id}@x", "slug": f"addon-{id}"} | fields))
        for id in ids
    ]


def featured_set(id: int, *ids: int, **fields: Any) -> Mapping[str, Any]:
    return {"_id": id, "app": "firefox", "locale": None, "category": None, "addons": list(ids)} | fields


async def test_everything_is_read_at_start(store: Store) -> None:
    async with running(
        store,
        *addons(1, 2),
        Insert("featured", featured_set(1, 1)),
        Insert("replacements", {"_id": "b@old", "path": "/addon/1/"}),
        Insert("replacements", {"_id": "a@old", "path": "/addon/2/"}),
        Insert("curated", {"_id": "recommendations", "guids": ["1@x"]}),
    ) as site:
        assert site.featured("featured:firefox:all:*") == [1]
        assert [replacement["_id"] for replacement in site.curated.replacements.view] == ["a@old", "b@old"]
        assert site.curated.recommendations.view == ("1@x",)


async def test_places_that_could_not_be_applied_are_when_it_is_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(store, *addons(1, 2)) as site:
        apply, failures = curated_module.apply_addons, iter([True])

        async def fail_once(*arguments: Any) -> None:
            if next(failures, False):
                raise Unavailable("MongoDB is away")
            await apply(*arguments)

        monkeypatch.setattr(curated_module, "apply_addons", fail_once)
        await site.write(Insert("featured", featured_set(1, 1)))
        assert site.featured("featured:firefox:all:*") == [1]


async def test_featured_sets_are_applied_though_the_snapshot_cannot_be_written(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As changed add-ons are: everything is read into memory, and no set is blamed."""
    async with running(store, *addons(1, 2), data=tmp_path) as site:
        engine = site.catalogue._parts.engine

        def fail(*arguments: Any) -> None:
            raise OSError("no space left")

        monkeypatch.setattr(engine, "apply", fail)
        await site.write(Insert("featured", featured_set(1, 1)))
        assert site.featured("featured:firefox:all:*") == [1]
        assert len(site.catalogue) == 2 and not site.catalogue.keeps_snapshots
        assert store.bad_documents.summary()["count"] == 0
        await site.write(Replace("featured", featured_set(1, 2)))
        assert site.featured("featured:firefox:all:*") == [2]


async def test_changes_are_followed_and_counted(store: Store) -> None:
    async with running(store) as site:
        assert site.curated.recommendations.view == CURATED_GUIDS
        seen = {site.curated.revision}
        for guids in (["1@x"], [], ["2@x", "3@x"]):
            document = {"_id": "recommendations", "guids": guids}
            await site.write(Replace("curated", document, upsert=True))
            assert site.curated.recommendations.view == tuple(guids)
            seen.add(site.curated.revision)
        await site.write(Delete("curated", "recommendations"))
        assert site.curated.recommendations.view == CURATED_GUIDS
        seen.add(site.curated.revision)
        assert len(seen) == 5


async def test_other_changes_are_not_counted(store: Store) -> None:
    async with running(store) as site:
        before = site.curated.revision
        await site.write(*addons(1), Insert("users", make_user()))
        assert site.curated.revision == before


async def test_featured_sets_reach_columns_engine_and_flag(store: Store) -> None:
    async with running(store, *addons(1, 2, 3)) as site:
        catalogue = site.catalogue
        generation, stamp = catalogue.generation, catalogue.stamp(2)
        await site.write(Insert("featured", featured_set(1, 2, 99)))
        assert site.featured("featured:*:*:*") == [2]
        matches = await asyncio.to_thread(catalogue._parts.engine.matches, "tab", "en-US", ())
        assert sorted(matches[0].tolist()) == [1, 2, 3]
        clause = AnyOf(("featured:firefox:all:*",))
        narrowed = catalogue._parts.engine.matches("tab", "en-US", (clause,))
        assert narrowed[0].tolist() == [2]
        assert catalogue.featured.is_featured(2)
        assert catalogue.generation != generation
        assert catalogue.stamp(2) != stamp
        await site.write(Replace("featured", featured_set(1, 3, locale="fr")))
        assert site.featured("featured:firefox:fr:*") == [3]
        assert site.featured("featured:firefox:all:*") == []
        await site.write(Delete("featured", 1))
        assert site.featured("featured:*:*:*") == []
        assert catalogue.featured.is_featured(3) is None


async def test_an_add_on_that_comes_later_finds_its_place(store: Store) -> None:
    async with running(store, Insert("featured", featured_set(1, 7))) as site:
        assert site.featured("featured:*:*:*") == []
        await site.write(*addons(7))
        assert site.featured("featured:*:*:*") == [7]


async def test_recommended_add_ons_change_with_the_first_set_and_the_last(store: Store) -> None:
    """Their flag meant the other thing until then, so what is kept of their answers is old."""
    async with running(store, *addons(1, 2), *addons(3, promoted=[RECOMMENDED])) as site:
        stamps = [site.catalogue.stamp(3)]
        await site.write(Insert("featured", featured_set(1, 1)))
        stamps.append(site.catalogue.stamp(3))
        await site.write(Insert("featured", featured_set(2, 2)))
        assert site.catalogue.stamp(3) == stamps[-1]
        await site.write(Delete("featured", 1), Delete("featured", 2))
        stamps.append(site.catalogue.stamp(3))
        assert len(set(stamps)) == 3


async def test_resync_forgets_what_was_deleted(store: Store) -> None:
    async with running(store, Insert("replacements", {"_id": "a@old", "path": "/"})) as site:
        await site.feed.close()
        await store.write([Delete("replacements", "a@old")])
        await site.curated.resync()
        assert site.curated.replacements.view == []


async def test_mappings_follow_the_add_ons(store: Store) -> None:
    mapping = {"_id": "aaaa", "browser": "chrome", "addon_guid": "1@X"}
    async with running(store, Insert("mappings", mapping)) as site:
        assert site.curated.find_mappings("chrome") == []
        await site.write(*addons(1))
        assert site.curated.find_mappings("chrome") == [mapping]
        await site.write(Replace("addons", make_addon(guid="1@x", disabled_by_user=True)))
        assert site.curated.find_mappings("chrome") == []
        assert site.curated.find_mappings("edge") == []
