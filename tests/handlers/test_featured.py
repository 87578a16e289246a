"""Featured sets in v3: endpoint, search filter, flag (contract/versions.md 6, contract/addons.md 10.3)."""

from collections.abc import Iterator
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Client
from tests.handlers.curated_server import ADDONS, FEATURED, USERS, Lists, serving
from tests.sweep import sweep

PATH = "/api/v3/addons/featured/"
SEARCH = "/api/v3/addons/search/"
INVALID = {"detail": "Invalid app, category and/or type parameter(s)."}
INVALID_SIZE = {"detail": "Invalid page_size parameter"}


def featured(client: Client, query: str) -> list[dict[str, Any]]:
    answer = client.get(f"{PATH}?{query}")
    assert answer.status == 200, answer.body
    assert list(answer.json) == ["results"]
    results: list[dict[str, Any]] = answer.json["results"]
    return results


def ids(results: list[dict[str, Any]]) -> set[int]:
    ids = [result["id"] for result in results]
    assert len(ids) == len(set(ids))
    return set(ids)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        pytest.param("app=firefox", {1, 5, 8, 11}, id="public add-ons of the sets for all languages"),
        pytest.param("app=firefox&lang=fr", {1, 5, 6, 8, 11}, id="those of the language beside them"),
        pytest.param("app=firefox&lang=FR-ca", {1, 5, 6, 8, 11}, id="a region of the language"),
        pytest.param("app=firefox&lang=de", {1, 5, 8, 11}, id="a language without a set"),
        pytest.param("app=firefox&lang=xx", {1, 5, 8, 11}, id="an unknown language"),
        pytest.param("app=android", {7}, id="another application"),
        pytest.param("app=thunderbird", set(), id="an application without a set"),
        pytest.param("app=FIREFOX&type=statictheme", {11}, id="type"),
        pytest.param("app=firefox&type=extension,statictheme", {1, 5, 8, 11}, id="types"),
        pytest.param("app=firefox&type=any", set(), id="any type matches nothing"),
        pytest.param("app=firefox&type=extension&category=bookmarks", {8}, id="the category's own set"),
        pytest.param("app=firefox&type=extension&category=tabs", {1, 5}, id="featured, and of the category"),
        pytest.param("app=firefox&type=extension&category=93", {1, 5}, id="category by number"),
        pytest.param("app=firefox&type=extension&category=shopping", set(), id="nothing featured in it"),
        pytest.param("app=firefox&category=bookmarks", {1, 5, 8, 11}, id="category without type is ignored"),
        pytest.param("app=firefox&category=nonsense", {1, 5, 8, 11}, id="and not looked at"),
        pytest.param("app=firefox&page=2&sort=users&q=nothing", {1, 5, 8, 11}, id="nothing else filters"),
    ],
)
def test_selection(lists: Lists, query: str, wanted: set[int]) -> None:
    assert ids(featured(lists, query)) == wanted


@pytest.mark.parametrize(
    ("query", "body"),
    [
        pytest.param("", INVALID, id="app missing"),
        pytest.param("app=", INVALID, id="app empty"),
        pytest.param("app=mosaic", INVALID, id="app unknown"),
        pytest.param("app=firefox&type=nonsense", INVALID, id="type unknown"),
        pytest.param("app=firefox&type=extension&category=nonsense", INVALID, id="category unknown"),
        pytest.param("app=firefox&type=dictionary&category=tabs", INVALID, id="category of another type"),
        pytest.param("app=firefox&page_size=x", INVALID_SIZE, id="page_size a word"),
        pytest.param("app=firefox&page_size=-1", INVALID_SIZE, id="page_size below 0"),
        pytest.param("app=firefox&page_size=1.5", INVALID_SIZE, id="page_size 1.5"),
    ],
)
def test_errors(lists: Lists, query: str, body: Any) -> None:
    answer = lists.get(f"{PATH}?{query}")
    assert (answer.status, answer.json) == (400, body)


@pytest.mark.parametrize(("size", "count"), [("0", 0), ("3", 3), ("4", 4), ("9" * 30, 4), ("", 4)])
def test_page_size(lists: Lists, size: str, count: int) -> None:
    assert len(featured(lists, f"app=firefox&page_size={size}")) == count


def test_order_is_another_every_time(lists: Lists) -> None:
    orders = {tuple(result["id"] for result in featured(lists, "app=firefox")) for _ in range(60)}
    assert len(orders) > 5
    assert {order[0] for order in orders} == {1, 5, 8, 11}


def test_objects_are_those_of_the_detail_page(lists: Lists) -> None:
    by_id = {result["id"]: result for result in featured(lists, "app=firefox&lang=fr")}
    assert by_id[1] == lists.get("/api/v3/addons/addon/1/?app=firefox&lang=fr").json
    assert "picture_url" in by_id[1]["authors"][0]
    assert "license" in by_id[1]["current_version"]


@sweep("version", ["v4", "v5"])
def test_gone_in_later_versions(lists: Lists, version: str) -> None:
    assert lists.get(f"/api/{version}/addons/featured/?app=firefox").status == 404
    everything = lists.get(f"/api/{version}/addons/search/").json["count"]
    assert lists.get(f"/api/{version}/addons/search/?featured=true").json["count"] == everything


class TestSearch:
    @pytest.mark.parametrize(
        ("query", "wanted"),
        [
            pytest.param("featured=true", {1, 5, 6, 7, 8, 11}, id="anywhere"),
            pytest.param("featured=TRUE&app=firefox", {1, 5, 6, 8, 11}, id="for an application"),
            pytest.param("featured=true&lang=fr", {1, 5, 6, 7, 8, 11}, id="for a language or all"),
            pytest.param("featured=true&lang=de&app=android", {7}, id="both of the same set"),
            pytest.param("featured=true&app=firefox&type=statictheme", {11}, id="beside another filter"),
            pytest.param("featured=true&q=extension", {5, 6, 7, 8, 11}, id="beside a text"),
        ],
    )
    def test_selection(self, lists: Lists, query: str, wanted: set[int]) -> None:
        answer = lists.get(f"{SEARCH}?{query}")
        assert ids(answer.json["results"]) == wanted
        assert answer.json["count"] == len(wanted)

    def test_random_order(self, lists: Lists) -> None:
        answer = lists.get(f"{SEARCH}?featured=true&sort=random&app=firefox")
        assert ids(answer.json["results"]) == {1, 5, 6, 8, 11}

    @pytest.mark.parametrize("value", ["false", "1", "yes"])
    def test_only_true(self, lists: Lists, value: str) -> None:
        answer = lists.get(f"{SEARCH}?featured={value}")
        assert (answer.status, answer.json) == (400, ['Invalid "featured" parameter.'])

    def test_flag(self, lists: Lists) -> None:
        results = lists.get(f"{SEARCH}?page_size=50").json["results"]
        assert {result["id"] for result in results if result["is_featured"]} == {1, 5, 6, 7, 8, 11}
        assert lists.get("/api/v3/addons/addon/5/").json["is_featured"] is True
        assert lists.get("/api/v3/addons/addon/9/").json["is_featured"] is False


@pytest.fixture(scope="module")
def world(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lists]:
    """A server of the module's own, as yet without featured sets."""
    with serving(tmp_path_factory.mktemp("featured"), mongod) as client:
        client.load(("user", USERS), ("addon", ADDONS))
        client.await_get("/api/v5/addons/search/?guid=ext-10@example.org", lambda found: found.json["count"])
        yield client


class TestChanges:
    """Sets come and change while the server runs; each test goes on where the one before stopped."""

    def test_without_sets_what_is_recommended_is_featured(self, world: Lists) -> None:
        assert ids(featured(world, "app=firefox")) == {1}
        assert ids(featured(world, "app=android&type=extension&category=performance")) == {1}
        assert ids(featured(world, "app=firefox&type=extension&category=shopping")) == set()
        assert ids(world.get(f"{SEARCH}?featured=true").json["results"]) == {1}
        assert world.get("/api/v3/addons/addon/1/").json["is_featured"] is True

    def test_a_set_takes_its_place(self, world: Lists) -> None:
        before = world.get("/api/v3/addons/addon/1/")
        world.load(("featured", [FEATURED[1]]))
        answer = world.await_get(
            "/api/v3/addons/addon/1/", lambda answer: answer.json["is_featured"] is False
        )
        assert answer.headers["ETag"] != before.headers["ETag"]
        assert ids(world.get(f"{SEARCH}?featured=true").json["results"]) == {6}
        assert ids(featured(world, "app=firefox&lang=fr")) == {6}
        assert ids(featured(world, "app=firefox")) == set()

    def test_a_changed_set_is_followed(self, world: Lists) -> None:
        world.load(("featured", [FEATURED[1] | {"addons": [7, 9]}]))
        world.await_get(
            f"{SEARCH}?featured=true&q=extension",
            lambda answer: {result["id"] for result in answer.json["results"]} == {7, 9},
        )
        assert ids(featured(world, "app=firefox&lang=fr")) == {7, 9}
        assert world.get("/api/v3/addons/addon/6/").json["is_featured"] is False
        assert world.get("/api/v3/addons/addon/7/").json["is_featured"] is True
