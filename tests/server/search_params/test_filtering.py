"""From parameters to add-ons: what each search parameter finds (contract/search.md 2 to 5).

One small catalogue; a row says version, parameters and the ids found.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from index.columns.columns import Columns
from index.documents.users import PublicUser
from index.entry import Featuring, make_entry
from server.search_params.filters import parse_search
from server.search_params.parameters import SearchOptions
from tests.factories import make_addon, make_file, make_version
from tests.sweep import sweep

USERS = {7: PublicUser(7, "ann", "Ann", None), 8: PublicUser(8, "Bob", None, None)}
FEATURED = {
    1: [Featuring("firefox", None, None)],
    2: [Featuring("firefox", "fr", None)],
    3: [Featuring("android", "fr", None)],
}
BOTH = {"firefox": {"min": "57.0", "max": "*"}, "android": {"min": "68.0", "max": "*"}}


def author(user_id: int, *, listed: bool = True) -> dict[str, Any]:
    return {"user_id": user_id, "role": "owner", "listed": listed, "position": 0}


def versions(**fields: Any) -> list[Any]:
    return [make_version(**fields)]


def compatible(low: str, high: str, *, strict: bool = False) -> list[Any]:
    compatibility = {"firefox": {"min": low, "max": high}}
    return versions(compatibility=compatibility, is_strict_compatibility_enabled=strict)


def category(slug: str) -> dict[str, list[str]]:
    return {"firefox": [slug]}


def promoted(group: str, app: str) -> list[Any]:
    return [{"group": group, "apps": [app]}]


def ratings(average: float) -> dict[str, Any]:
    return {
        "average": average,
        "bayesian_average": average,
        "count": 1,
        "text_count": 1,
        "grouped_counts": {},
    }


def color(hue: int, saturation: int, lightness: int) -> list[Any]:
    return [{"h": hue, "s": saturation, "l": lightness, "ratio": 0.5}]


RUNS_EVERYWHERE = versions(compatibility={})
ADDONS: list[dict[str, Any]] = [
    {"_id": 1, "authors": [author(8)], "tags": ["a", "b"], "average_daily_users": 1000},
    {"_id": 2, "tags": ["a"], "versions": versions(compatibility=BOTH), "categories": category("bookmarks")},
    {"_id": 3, "authors": [author(7), author(8, listed=False)], "average_daily_users": 999},
    {"_id": 4, "versions": compatible("40.0", "45.*", strict=True), "promoted": promoted("line", "firefox")},
    {"_id": 5, "versions": compatible("40.0", "46.0a1", strict=True), "ratings": ratings(4.5)},
    {"_id": 6, "versions": compatible("40.0", "45.*"), "created": "2020-05-01T23:59:59Z"},
    {"_id": 7, "versions": compatible("46.0.1", "*"), "created": "2020-05-02T00:00:00Z"},
    {"_id": 8, "type": "dictionary", "versions": RUNS_EVERYWHERE, "categories": category("general")},
    {"_id": 9, "type": "statictheme", "colors": color(20, 200, 120), "categories": category("nature")},
    {"_id": 10, "type": "statictheme", "colors": color(0, 0, 128) + color(250, 200, 120), "categories": {}},
    {"_id": 11, "promoted": promoted("recommended", "android"), "versions": versions(compatibility=BOTH)},
    {"_id": 12, "versions": versions(files=[make_file(platform="linux"), make_file(platform="mac")])},
    {"_id": 13, "versions": versions(files=[make_file(platform="windows")]), "last_updated": None},
]  # fmt: skip
ALL = [addon["_id"] for addon in ADDONS]


def but(*left_out: int) -> list[int]:
    return [addon_id for addon_id in ALL if addon_id not in left_out]


@pytest.fixture(scope="module")
def columns() -> Columns:
    addons = [
        make_addon(**{"slug": f"slug-{addon['_id']}", "guid": f"G{addon['_id']}@x", **addon})
        for addon in ADDONS
    ]
    columns = Columns()
    for addon in addons:
        columns.put(make_entry(addon, USERS, FEATURED.get(addon["_id"], ())))
    return columns


@pytest.mark.parametrize(
    ("params", "found"),
    [
        pytest.param("", ALL, id="no parameters"),
        pytest.param("app=firefox", ALL, id="app"),
        pytest.param("app=android", [2, 8, 11], id="app that few declare; dictionaries run everywhere"),
        pytest.param(
            "app=firefox&appversion=46.0", [5, 6, 8], id="46.0: not max 45.* strict, but max 46.0a1 strict"
        ),
        pytest.param("app=firefox&appversion=45.5", [4, 5, 6, 8], id="45.5: max 45.* strict"),
        pytest.param("app=firefox&appversion=57.0", but(4, 5), id="57.0"),
        pytest.param("app=android&appversion=67.0", [8], id="appversion below the minimum"),
        pytest.param("author=7", but(1), id="author by id; 7 wrote the rest"),
        pytest.param("author=8", [1], id="listed authors only"),
        pytest.param("author=Bob,nobody", [1], id="author by name"),
        pytest.param("author=bob", [], id="names are case-sensitive"),
        pytest.param("author=8,ann", ALL, id="any of the authors"),
        pytest.param("exclude_addons=slug-1,2,slug-3", but(1, 2, 3), id="exclude by id and slug"),
        pytest.param("exclude_addons=", ALL, id="exclude nothing"),
        pytest.param("exclude_addons=SLUG-1", ALL[1:], id="slugs in any case"),
        pytest.param("guid=G1@x,G5@x,unknown@x", [1, 5], id="known and unknown guids"),
        pytest.param("guid=g1@x", [1], id="guids in any case"),
        pytest.param("guid=", [], id="empty guid"),
        pytest.param("guid=rta:RzRAeA", [4], id="return to AMO, badged"),
        pytest.param("guid=rta:RzFAeA", [], id="return to AMO, not badged"),
        pytest.param("promoted=line", [4], id="promoted"),
        pytest.param("promoted=badged", [4, 11], id="badged"),
        pytest.param("promoted=badged&app=firefox", [4], id="promoted for the application"),
        pytest.param("promoted=badged&app=android", [11], id="promoted for the other application"),
        pytest.param("promoted=sponsored", [], id="only obsolete groups"),
        pytest.param("tag=a", [1, 2], id="tag"),
        pytest.param("tag=a,b", [1], id="all tags"),
        pytest.param("tag=a,jetpack", [1, 2], id="old tag is skipped"),
        pytest.param("tag=A", [], id="tags are case-sensitive"),
        pytest.param("tag=a,", [], id="empty tag"),
        pytest.param("type=dictionary,statictheme", [8, 9, 10], id="types"),
        pytest.param("type=any", [], id="type any"),
        pytest.param("users__gte=1000", [1], id="users at least"),
        pytest.param("users__gt=998&users__lt=1000", [3], id="users between"),
        pytest.param("users=999", [3], id="users equal"),
        pytest.param("ratings__gt=4", [5], id="ratings above"),
        pytest.param("ratings__lt=4.5", but(5), id="ratings below"),
        pytest.param("ratings=4.5", [5], id="ratings equal"),
        pytest.param("created=2020-05-01", [6], id="created on a day"),
        pytest.param("created__lte=2020-05-01", [6], id="created by the end of a day"),
        pytest.param("created__lt=2020-05-02", [6], id="created before a day"),
        pytest.param("created__lt=2020-05-02T00:00:01", [6, 7], id="created before an instant"),
        pytest.param("created__gt=2020-05-01", but(6), id="created after a day"),
        pytest.param("created__gte=1588377600000", but(6), id="created from a millisecond"),
        pytest.param("updated__lt=2100-01-01", but(13), id="never updated is in no range"),
        pytest.param("color=ff3300", [9, 10], id="colour, hues around red"),
        pytest.param("color=777777", [10], id="grey"),
        pytest.param("color=00ff00", [], id="colour nobody has"),
    ],
)
@sweep("version", ["v3", "v4", "v5"])
def test_found_in_every_version(columns: Columns, version: str, params: str, found: Sequence[int]) -> None:
    assert search(columns, version, params) == found


@pytest.mark.parametrize(
    ("version", "params", "found"),
    [
        pytest.param("v3", "app=firefox&type=extension&category=bookmarks", [2], id="v3 category"),
        pytest.param("v4", "app=firefox&type=1&category=22", [2], id="v4 category by number"),
        pytest.param(
            "v4", "type=extension&category=bookmarks", but(8, 9, 10), id="v4 category without app: ignored"
        ),
        pytest.param("v3", "category=bookmarks", ALL, id="v3 category alone: ignored"),
        pytest.param("v5", "type=extension&category=bookmarks", [2], id="v5 category"),
        pytest.param("v5", "type=dictionary&category=general", [8], id="v5 category of a dictionary"),
        pytest.param("v5", "type=statictheme&category=22", [], id="v5 category of another type by number"),
        pytest.param("v3", "platform=linux", but(13), id="v3 platform; files for all are files for each"),
        pytest.param("v4", "platform=Windows", but(12), id="v4 platform"),
        pytest.param("v4", "platform=all", but(12, 13), id="v4 platform all"),
        pytest.param("v5", "platform=linux", ALL, id="v5 ignores platform"),
        pytest.param("v3", "featured=true", [1, 2, 3], id="v3 featured anywhere"),
        pytest.param("v3", "featured=true&app=firefox", [1, 2], id="v3 featured for an application"),
        pytest.param("v3", "featured=true&lang=fr", [1, 2, 3], id="v3 featured for a language and for all"),
        pytest.param("v3", "featured=true&lang=de", [1], id="v3 featured for all languages"),
        pytest.param("v3", "featured=true&app=android&lang=de", [], id="v3 both in the same set"),
        pytest.param("v4", "featured=true", ALL, id="v4 ignores featured"),
        pytest.param("v3", "app=thunderbird", [8], id="v3 thunderbird"),
        pytest.param("v4", "app=seamonkey", [8], id="v4 seamonkey"),
    ],
)
def test_found_in_one_version(columns: Columns, version: str, params: str, found: Sequence[int]) -> None:
    assert search(columns, version, params) == found


def search(columns: Columns, version: str, params: str) -> list[int]:
    query = parse_search(
        dict(pair.split("=") for pair in params.split("&") if pair), version, SearchOptions()
    )
    ids, count = columns.page(query.clauses, query.sort, 0, 50)
    assert count == len(ids) == len(set(ids))
    return sorted(ids)
