"""Compatibility overrides in v3, as v3 was documented with them (contract/versions.md 7)."""

import pytest

from tests.handlers.curated_server import OVERRIDES, Lists
from tests.sweep import sweep

PATH = "/api/v3/addons/compat-override/"
KEYS = ("addon_id", "addon_guid", "name", "version_ranges")
HANGS, CRASHES = ({key: override[key] for key in KEYS} for override in OVERRIDES)


@pytest.mark.parametrize(
    ("query", "results"),
    [
        pytest.param("", [CRASHES, HANGS], id="all, newest first"),
        pytest.param("guid=", [CRASHES, HANGS], id="an empty guid is none"),
        pytest.param("guid=tab-tree%40example.org&lang=fr", [HANGS], id="one guid"),
        pytest.param("guid=tab-tree@example.org,a@x,%7Bbad%7D", [CRASHES, HANGS], id="guids, newest first"),
        pytest.param("guid=%7Bbad%7D,%7Bbad%7D", [CRASHES], id="a guid twice is one result"),
        pytest.param("guid=unknown@x", [], id="unknown guids are no error"),
        pytest.param("guid=" + ",".join(["a@x"] * 4000), [], id="thousands of them"),
        pytest.param("guid=Tab-Tree@example.org", [HANGS], id="in any case"),
    ],
)
def test_results(lists: Lists, query: str, results: list[object]) -> None:
    answer = lists.get(f"{PATH}?{query}")
    assert answer.status == 200
    assert list(answer.json) == ["page_size", "page_count", "count", "next", "previous", "results"]
    assert answer.json["results"] == results
    assert answer.json["count"] == len(results)


def test_keys_in_order(lists: Lists) -> None:
    [hangs] = lists.get(f"{PATH}?guid=tab-tree@example.org").json["results"]
    assert list(hangs) == list(KEYS)
    [affected] = hangs["version_ranges"]
    assert list(affected) == ["addon_min_version", "addon_max_version", "applications"]
    assert list(affected["applications"][0]) == ["name", "id", "min_version", "max_version", "guid"]


def test_pages(lists: Lists) -> None:
    first = lists.get(f"{PATH}?page_size=1").json
    assert first["results"] == [CRASHES]
    assert lists.get(first["next"]).json["results"] == [HANGS]


@sweep("version", ["v4", "v5"])
def test_gone_in_later_versions(lists: Lists, version: str) -> None:
    assert lists.get(f"/api/{version}/addons/compat-override/?guid=a@b").status == 404
