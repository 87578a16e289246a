"""The list of language tools as it is cached: ready, made in portions, forgotten when one changes."""

import asyncio
import json
from typing import Any

import pytest

from conf.locales import SUPPORTED
from conf.model.addons import AddonDoc
from index import facts
from index.columns.columns import Columns
from index.criteria.featured import FeaturedSets
from index.documents import language_tools as tools_module
from index.documents.compression import PackedText
from index.documents.documents import AddonDocuments
from index.documents.language_tools import LanguageTools, make_tool
from index.entry import make_entry
from index.shapes.api_versions import shapes_for
from index.shapes.view import View
from index.snapshot.records import Records
from server.search_params.language_tools import parse_tools
from tests.factories import make_addon
from tests.index.shapes.shape_context import CONTEXT, VERSIONS

FIREFOX = {"app": "firefox"}


class Site:
    """Tools and columns, changed together as the catalogue does it."""

    def __init__(self) -> None:
        self.columns = Columns()
        shapes = {version: shapes_for(version, CONTEXT) for version in VERSIONS}
        self.documents = AddonDocuments(shapes, FeaturedSets(), Records(None))
        self.tools = LanguageTools(shapes, self.documents, self.columns)

    def put(self, addon: AddonDoc) -> None:
        versions = facts.public_versions(addon)
        self.documents.put(addon["_id"], self.documents.pack(addon, versions, []))
        self.tools.put(addon["_id"], make_tool(addon))
        self.columns.put(make_entry(addon, {}))

    def drop(self, addon_id: int) -> None:
        self.tools.drop(addon_id)
        self.columns.drop(addon_id)

    def ids(self, params: dict[str, str], view: View | None = None) -> list[int] | None:
        view = view or View("v5")
        body = self.tools.ready(parse_tools(params, view.version), view)
        return None if body is None else result_ids(body)


def result_ids(body: bytes | PackedText | None) -> list[int]:
    text = body.unpack() if isinstance(body, PackedText) else body
    assert text is not None
    return [result["id"] for result in json.loads(text)["results"]]


def dictionary(id: int, **fields: Any) -> AddonDoc:
    usual = {"_id": id, "type": "dictionary", "target_locale": "de", "categories": {}}
    return make_addon(**usual | {"guid": f"{id}@x", "slug": f"dictionary-{id}"} | fields)


@pytest.fixture
def site() -> Site:
    site = Site()
    for id in (3, 1, 2):
        site.put(dictionary(id))
    site.put(make_addon(_id=4))
    site.put(dictionary(5, target_locale=None))
    return site


def test_by_id_and_only_with_a_target_locale(site: Site) -> None:
    assert site.ids(FIREFOX) == [1, 2, 3]


def test_a_change_is_seen_and_the_tag_is_another(site: Site) -> None:
    tags = {site.tools.tag}
    site.drop(2)
    tags.add(site.tools.tag)
    assert site.ids(FIREFOX) == [1, 3]
    site.put(dictionary(2, slug="renamed"))
    tags.add(site.tools.tag)
    assert site.ids(FIREFOX) == [1, 2, 3]
    site.put(make_addon(_id=3))
    tags.add(site.tools.tag)
    assert site.ids(FIREFOX) == [1, 2]
    assert len(tags) == 4


def test_other_add_ons_change_nothing(site: Site) -> None:
    tag = site.tools.tag
    site.put(make_addon(_id=6))
    site.drop(4)
    assert site.tools.tag == tag


def test_a_second_site_has_other_tags() -> None:
    assert Site().tools.tag != Site().tools.tag


@pytest.mark.parametrize(
    ("params", "lang", "cached"),
    [
        ({}, None, True),
        ({}, "fr", True),
        ({}, "xx", False),
        ({"author": "7"}, None, False),
        ({"type": "dictionary"}, None, True),
    ],
)
def test_what_anybody_can_invent_is_not_kept(
    site: Site, params: dict[str, str], lang: str | None, cached: bool
) -> None:
    query, view = parse_tools(params, "v5"), View("v5", lang=lang)
    first = site.tools.ready(query, view)
    assert (site.tools.ready(query, view) is first) == cached


def test_every_supported_language_is_kept_and_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    query = parse_tools({}, "v5")
    views = [View("v5", lang=lang) for lang in SUPPORTED]
    first = [site.tools.ready(query, view) for view in views]
    assert all(site.tools.ready(query, view) is body for view, body in zip(views, first, strict=True))
    monkeypatch.setattr(tools_module, "_CACHE_BYTES", 5000)
    small = Site()
    for id in range(20):
        small.put(dictionary(id))
    bodies = [small.tools.ready(query, view) for view in views]
    again = [small.tools.ready(query, view) for view in views]
    assert again == bodies
    assert sum(one is other for one, other in zip(bodies, again, strict=True)) <= 2


class TestLongLists:
    @pytest.fixture
    def site(self, monkeypatch: pytest.MonkeyPatch) -> Site:
        monkeypatch.setattr(tools_module, "_ROWS_PER_TURN", 10)
        site = Site()
        for id in range(1, 36):
            site.put(dictionary(id))
        return site

    async def test_made_in_portions_and_then_ready(self, site: Site) -> None:
        query, view = parse_tools({}, "v5"), View("v5")
        assert site.tools.ready(query, view) is None
        turns = 0

        async def count_turns() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count_turns())
        body = await site.tools.make(query, view)
        counting.cancel()
        assert result_ids(body) == list(range(1, 36))
        assert turns >= 4
        assert site.tools.ready(query, view) is body

    async def test_kept_packed(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        query, view = parse_tools({}, "v5"), View("v5")
        plain = await site.tools.make(query, view)
        assert isinstance(plain, bytes)
        monkeypatch.setattr(tools_module, "_LONG", len(plain))
        site.put(dictionary(36))
        body = await site.tools.make(query, view)
        assert isinstance(body, PackedText)
        assert result_ids(body) == list(range(1, 37))
        assert site.tools.ready(query, view) is body

    async def test_made_once_for_all_who_wait(self, site: Site) -> None:
        query, view = parse_tools({}, "v5"), View("v5")
        bodies = await asyncio.gather(*(site.tools.make(query, view) for _ in range(5)))
        assert all(body is bodies[0] for body in bodies)

    async def test_what_changed_meanwhile_is_not_kept(self, site: Site) -> None:
        query, view = parse_tools({}, "v5"), View("v5")
        making = asyncio.create_task(site.tools.make(query, view))
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # the first rows are made
        site.drop(35)
        assert result_ids(await making)[:3] == [1, 2, 3]
        assert site.tools.ready(query, view) is None
        assert result_ids(await site.tools.make(query, view)) == list(range(1, 35))
