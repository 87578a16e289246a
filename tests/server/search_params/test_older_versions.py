"""`appversion` where older versions count: results and their versions, against a naive implementation."""

import asyncio
import json
import random
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conf.appversion import search_range, version_number
from conf.model.addons import AddonDoc, VersionDoc
from conf.vocabulary import APPS
from index.catalogue import Catalogue
from index.criteria.clauses import AnyOf, Between, Clause, Fits
from index.shapes.view import View
from server.search_params.errors import ParameterError
from server.search_params.filters import parse_filters, parse_search
from server.search_params.parameters import SearchOptions
from tests.factories import make_addon, make_file, make_version
from tests.index.snapshot.catalogues import Contents, build

RELEASES = ("10.0", "45.0", "52.0", "52.9.0", "60.0", "68.0", "78.0", "91.0", "102.0", "115.0")
ENDS = ("45.*", "52.*", "60.*", "60.0a1", "68.0", "68.*", "78.*", "102.*", "*")
ONE = SearchOptions(older_versions_for=("thunderbird",))
BOTH = SearchOptions(older_versions_for=("thunderbird", "firefox"))
REQUESTED = (*RELEASES, "60.0b3", "67.0", "200.0")


def random_version(rnd: random.Random, id: int) -> VersionDoc:
    apps = rnd.choice((["thunderbird"], ["firefox"], ["firefox", "thunderbird"], ["seamonkey"], []))
    return make_version(
        id=id,
        version=f"{id}.0",
        created=f"20{rnd.randrange(10, 24)}-01-01T00:00:00Z",
        channel=rnd.choice(("listed", "listed", "listed", "unlisted")),
        deleted=rnd.random() < 0.1,
        is_disabled=rnd.random() < 0.1,
        files=[make_file(id=id, status=rnd.choice(("public", "public", "public", "disabled")))],
        compatibility={app: {"min": rnd.choice(RELEASES), "max": rnd.choice(ENDS)} for app in apps},
        is_strict_compatibility_enabled=rnd.random() < 0.7,
    )


def random_addon(rnd: random.Random, id: int) -> AddonDoc:
    count = rnd.choice((1, 1, 2, 3, 5, 8, 70))
    return make_addon(
        _id=id,
        guid=f"{id}@example.org",
        slug=f"tab-{id}",
        type=rnd.choice(("extension", "extension", "extension", "dictionary")),
        name={"en-US": f"Tab {rnd.choice('abc')}"},
        average_daily_users=rnd.choice((0, 5, 5, 900)),
        versions=[random_version(rnd, id * 100 + number) for number in range(count)],
    )


def public(addon: AddonDoc) -> list[VersionDoc]:
    versions = [
        version
        for version in addon["versions"]
        if version["channel"] == "listed"
        and not version["deleted"]
        and not version["is_disabled"]
        and version["files"][0]["status"] == "public"
    ]
    return sorted(versions, key=lambda version: (version["created"], version["id"]), reverse=True)


def is_for(addon: AddonDoc, version: VersionDoc, app: str, appversion: str) -> bool:
    span = search_range(appversion)
    assert span is not None
    low, high = span
    declared = version["compatibility"].get(app)
    if declared is None:
        everywhere = addon["type"] == "dictionary" and not version["compatibility"]
        return everywhere and version_number(APPS[app].default_min) <= low
    open_ended = not version["is_strict_compatibility_enabled"]
    return version_number(declared["min"]) <= low and (open_ended or version_number(declared["max"]) >= high)


def expected(addons: Mapping[int, AddonDoc], app: str, appversion: str) -> dict[int, int]:
    """Add-on id -> id of the version in its row: the current one if it fits, else the newest that does."""
    version_ids = {}
    for addon_id, addon in addons.items():
        fitting = [version for version in public(addon) if is_for(addon, version, app, appversion)]
        if fitting:
            version_ids[addon_id] = fitting[0]["id"]
    return version_ids


def check(catalogue: Catalogue, addons: Mapping[int, AddonDoc], app: str, appversion: str) -> None:
    right = expected(addons, app, appversion)
    for extra in (
        {},
        {"q": "tab"},
        {"q": "tab", "sort": "users"},
        {"sort": "created"},
        {"type": "dictionary"},
    ):
        query = parse_search({"app": app, "appversion": appversion, **extra}, "v4", BOTH)
        matching = {id for id in right if "type" not in extra or addons[id]["type"] == "dictionary"}
        results = catalogue.search(query, "en-US", 0, 1000)
        assert set(results.ids) == matching
        assert results.total == len(results.ids) == len(matching)
        pages = [
            catalogue.search(query, "en-US", start, start + 7) for start in range(0, len(matching) + 1, 7)
        ]
        assert [id for page in pages for id in page.ids] == results.ids
        assert {page.total for page in pages} == {len(matching)}
        users = [addons[id]["average_daily_users"] for id in results.ids]
        if extra.get("sort") == "users":
            assert users == sorted(users, reverse=True)
        for version in ("v3", "v4", "v5"):
            rows = catalogue.documents.rows(results.ids, View(version), query.fits)
            parsed = [json.loads(row) for row in rows]
            assert [row["id"] for row in parsed] == results.ids
            assert {row["id"]: row["current_version"]["id"] for row in parsed} == {
                id: right[id] for id in matching
            }


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.sampled_from((0, 1, 12, 60)))
def test_results_and_versions_are_those_of_a_naive_search(seed: int, size: int) -> None:
    asyncio.run(_check_random_catalogue(seed, size))


async def _check_random_catalogue(seed: int, size: int) -> None:
    rnd = random.Random(seed)
    addons = {id: random_addon(rnd, id) for id in range(1, size + 1)}
    catalogue = await build(Contents(addons, {}), None)
    try:
        for _ in range(3):
            for app in ("thunderbird", "firefox"):
                check(catalogue, addons, app, rnd.choice(REQUESTED))
            changed = {id: random_addon(rnd, id) for id in rnd.sample(range(1, size + 5), min(4, size))}
            removed = set(rnd.sample(sorted(addons), min(2, len(addons)))) - set(changed)
            await catalogue.apply(changed.values(), removed)
            addons = {id: addon for id, addon in {**addons, **changed}.items() if id not in removed}
    finally:
        catalogue.close()


STRICT = {"is_strict_compatibility_enabled": True}


def thunderbird(low: str, high: str, **fields: Any) -> VersionDoc:
    return make_version(compatibility={"thunderbird": {"min": low, "max": high}}, **STRICT | fields)


SENDER = make_addon(
    versions=[
        thunderbird("115.0", "120.*", id=30, version="3.0", created="2024-03-01T00:00:00Z"),
        thunderbird("91.0", "102.*", id=20, version="2.0", created="2022-03-01T00:00:00Z"),
        thunderbird("91.0", "102.*", id=19, channel="unlisted", created="2022-04-01T00:00:00Z"),
        thunderbird("60.0", "78.*", id=10, version="1.0", created="2020-03-01T00:00:00Z"),
    ]
)
UNSUPPORTED = make_addon(
    _id=2,
    guid="unsupported@example.org",
    slug="unsupported",
    versions=[
        make_version(id=41, created="2024-03-01T00:00:00Z"),
        thunderbird("60.0", "*", id=40, created="2020-03-01T00:00:00Z"),
    ],
)


@pytest.mark.parametrize(
    ("options", "appversion", "expected_versions"),
    [
        pytest.param(
            BOTH,
            "115.0",
            {1: 30, 2: 40},
            id="the current version; an older one where the current has another application",
        ),
        pytest.param(BOTH, "102.0", {1: 20, 2: 40}, id="an older one"),
        pytest.param(BOTH, "78.5", {1: 10, 2: 40}, id="an older one still"),
        pytest.param(BOTH, "80.0", {2: 40}, id="none"),
        pytest.param(BOTH, "59.0", {}, id="nothing fits"),
        pytest.param(SearchOptions(), "115.0", {1: 30}, id="off: the current one"),
        pytest.param(SearchOptions(), "102.0", {}, id="off: no older one"),
    ],
)
async def test_which_version_is_shown(
    options: SearchOptions, appversion: str, expected_versions: dict[int, int]
) -> None:
    catalogue = await build(Contents({1: SENDER, 2: UNSUPPORTED}, {}), None)
    query = parse_search({"app": "thunderbird", "appversion": appversion}, "v3", options)
    results = catalogue.search(query, "en-US", 0, 25)
    rows = [json.loads(row) for row in catalogue.documents.rows(results.ids, View("v3"), query.fits)]
    assert {row["id"]: row["current_version"]["id"] for row in rows} == expected_versions
    without_fits = [json.loads(row) for row in catalogue.documents.rows(results.ids, View("v3"))]
    assert {row["id"]: row["current_version"]["id"] for row in without_fits} == {
        id: {1: 30, 2: 41}[id] for id in expected_versions
    }
    catalogue.close()


@pytest.mark.parametrize(
    ("version", "app", "clauses"),
    [
        ("v3", "thunderbird", [Fits("thunderbird", 60000000200100, 60000000000100)]),
        ("v4", "Thunderbird", [Fits("thunderbird", 60000000200100, 60000000000100)]),
        (
            "v4",
            "firefox",
            [
                AnyOf(("app:firefox",)),
                Between("min:firefox", None, 60000000200100),
                Between("max:firefox", 60000000000100, None),
            ],
        ),
    ],
)
def test_older_versions_count_for_some_applications(
    version: str, app: str, clauses: list[Clause | Fits]
) -> None:
    alone = (AnyOf((f"app:{app.lower()}",)),)
    assert list(parse_filters({"app": app, "appversion": "60.0"}, version, ONE)) == clauses
    assert parse_filters({"app": app}, version, ONE) == alone


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"appversion": "60.0"}, 'Invalid "app" parameter.'),
        ({"app": "x", "appversion": "60.0"}, 'Invalid "app" parameter.'),
        ({"app": "thunderbird", "appversion": "9.0"}, 'Invalid "appversion" parameter.'),
        ({"app": "thunderbird", "appversion": "x", "type": "x"}, 'Invalid "appversion" parameter.'),
    ],
)
def test_older_versions_change_no_refusal(params: dict[str, str], text: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parse_filters(params, "v4", ONE)
    assert str(caught.value) == text
