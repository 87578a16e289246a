"""Lists of operators as records: what is valid, what may be left out (conf/model/curated.py)."""

from typing import Any, get_type_hints

import pytest

from conf.limits import MAX_COLLECTION
from server.intake.json_values import BadRecord
from server.intake.kinds import KINDS, validated
from server.intake.records import FullDocument, parse_record
from tests.handlers.curated_server import COLLECTIONS, RECORDS

DATE = "2024-01-02T03:04:05Z"
ITEM = {"addon_id": 1, "notes": None, "added": DATE}
COLLECTION = COLLECTIONS[0]
FEATURED = {"_id": 1, "app": "firefox", "locale": None, "category": None, "addons": [1]}
OVERRIDE: dict[str, Any] = {"_id": 1, "addon_id": None, "addon_guid": "a@x", "name": "", "version_ranges": []}
HERO = {"_id": 1, "headline": {"en-US": "a"}, "description": {"en-US": "b"}}
MODULE = {"icon": "a.svg", "description": {"en-US": "a"}, "cta": None}
SHELF = {"_id": 1, "title": {"en-US": "a"}, "endpoint": "search", "criteria": "sort=users"}
MAPPING = {"_id": "aaaa", "browser": "chrome", "addon_guid": "a@x"}


@pytest.mark.parametrize("kind", [kind for kind, _ in RECORDS if kind not in ("user", "addon")])
def test_what_the_other_tests_load_is_valid(kind: str) -> None:
    for document in dict(RECORDS)[kind]:
        record = parse_record({"kind": kind, **document})
        assert isinstance(record, FullDocument)
        assert record.document.items() >= document.items()
        assert set(record.document) == set(get_type_hints(KINDS[kind].model))


@pytest.mark.parametrize(
    ("kind", "document", "defaults"),
    [
        ("featured", {"_id": 1, "app": "android"}, {"locale": None, "category": None, "addons": []}),
        ("override", {"_id": 1, "addon_guid": "a@x"}, {"addon_id": None, "name": "", "version_ranges": []}),
        ("discovery", {"_id": 1, "addon_id": 7}, {"position": 0, "editions": [], "heading": None}),
        (
            "collection",
            {"_id": 1, "author_id": 7, "slug": "a", "created": DATE, "modified": DATE},
            {"addons": [], "listed": True, "default_locale": "en-US"},
        ),
    ],
)
def test_what_may_be_left_out(kind: str, document: dict[str, Any], defaults: dict[str, Any]) -> None:
    assert validated(KINDS[kind], document).items() >= (document | defaults).items()


@pytest.mark.parametrize(
    ("kind", "document", "reason"),
    [
        pytest.param("featured", FEATURED | {"app": "mosaic"}, "unknown app: 'mosaic'", id="application"),
        pytest.param("featured", FEATURED | {"locale": "fr-fr"}, "unknown locale: 'fr-fr'", id="locale"),
        pytest.param("featured", FEATURED | {"addons": ["a@x"]}, "expected int, got str", id="ids"),
        pytest.param("featured", FEATURED | {"_id": 0}, "_id is no whole number", id="id"),
        pytest.param("replacement", {"_id": "a@x", "path": "addon/1/"}, "neither a path", id="path"),
        pytest.param("replacement", {"path": "/addon/1/"}, "_id", id="guid missing"),
        pytest.param("override", OVERRIDE | {"addon_guid": ""}, "no addon_guid", id="override's guid"),
        pytest.param("override", OVERRIDE | {"version_ranges": [{}]}, "version_ranges", id="range"),
        pytest.param("mapping", MAPPING | {"browser": "edge"}, "unknown browser: 'edge'", id="browser"),
        pytest.param("mapping", MAPPING | {"addon_guid": "x"}, "bad guid: 'x'", id="mapped guid"),
        pytest.param("curated", {"_id": "other", "guids": []}, "unknown list: 'other'", id="list"),
        pytest.param(
            "curated", {"_id": "recommendations", "guids": ["x"]}, "bad guid: 'x'", id="curated guid"
        ),
        pytest.param("discovery", {"_id": 1}, "addon_id", id="no add-on"),
        pytest.param("primary_hero", {"_id": 1}, "one of them", id="hero of nothing"),
        pytest.param("secondary_hero", HERO | {"modules": [MODULE]}, "modules: 3 or none", id="modules"),
        pytest.param("shelf", SHELF | {"endpoint": "x"}, "endpoint", id="endpoint"),
        pytest.param("shelf", SHELF | {"count": 51}, "count is not from 1 to 50", id="count"),
        pytest.param("shelf", SHELF | {"criteria": "sort=x"}, "criteria: Invalid", id="criteria"),
        pytest.param("collection", COLLECTION | {"slug": ""}, "no slug", id="slug"),
        pytest.param("collection", COLLECTION | {"created": "2024"}, "no date: '2024'", id="date"),
        pytest.param("collection", COLLECTION | {"addons": [ITEM, ITEM]}, "in it twice", id="twice"),
        pytest.param(
            "collection",
            COLLECTION | {"addons": [ITEM | {"addon_id": id} for id in range(MAX_COLLECTION + 1)]},
            f"more than {MAX_COLLECTION} add-ons",
            id="too many",
        ),
    ],
)
def test_bad_records(kind: str, document: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRecord, match=reason):
        parse_record({"kind": kind, **document})
