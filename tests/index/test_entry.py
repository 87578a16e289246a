"""Entries: the terms and numbers of an add-on (contract/search.md 2, 4.2 and 9)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conf.appversion import version_number
from conf.model.addons import AddonDoc
from index.documents.users import PublicUser
from index.entry import MISSING, NUMBERS, Entry, Featuring, make_entry, milliseconds
from tests.factories import make_addon, make_file, make_version

USERS = {7: PublicUser(7, "ann", "Ann", None), 8: PublicUser(8, "bob", None, None)}
TYPES_WITHOUT_COMPATIBILITY = ("dictionary", "search", "persona")


def entry_of(**fields: Any) -> Entry:
    return make_entry(make_addon(**fields), USERS)


def terms_of(kind: str, addon: AddonDoc) -> set[str]:
    """The values of the terms of one kind."""
    start = f"{kind}:"
    return {term.removeprefix(start) for term in make_entry(addon, USERS).terms if term.startswith(start)}


def author(user_id: int, *, listed: bool = True) -> dict[str, Any]:
    return {"user_id": user_id, "role": "owner", "listed": listed, "position": 0}


def version(**fields: Any) -> list[Any]:
    return [make_version(**fields)]


PROMOTED = [{"group": "line", "apps": ["firefox"]}, {"group": "recommended", "apps": ["firefox", "android"]}]


@pytest.mark.parametrize(
    ("kind", "fields", "values"),
    [
        pytest.param("id", {"_id": 12}, {"12"}, id="id"),
        pytest.param("slug", {"slug": "Tab-Bäume"}, {"tab-bäume"}, id="slug in lower case"),
        pytest.param("slug", {"slug": None}, set(), id="no slug"),
        pytest.param("guid", {"guid": "A@b"}, {"a@b"}, id="guid in lower case"),
        pytest.param("guid", {"guid": None}, set(), id="no guid"),
        pytest.param("type", {"type": "statictheme"}, {"statictheme"}, id="type"),
        pytest.param("tag", {"tags": ["a", "b:c", "a"]}, {"a", "b:c"}, id="tags"),
        pytest.param(
            "category", {"categories": {"firefox": ["tabs", "bookmarks"]}}, {"93", "22"}, id="categories"
        ),
        pytest.param(
            "category",
            {"categories": {"firefox": ["other"], "android": ["other"]}},
            {"73", "153"},
            id="of each app",
        ),
        pytest.param(
            "category", {"categories": {"firefox": ["animals", "tabs"]}}, {"93"}, id="of the own type only"
        ),
        pytest.param("author", {"authors": [author(7), author(8, listed=False)]}, {"7"}, id="listed authors"),
        pytest.param(
            "username", {"authors": [author(7), author(8, listed=False)]}, {"ann"}, id="listed usernames"
        ),
        pytest.param("author", {"authors": [author(99)]}, {"99"}, id="author nobody knows, by id"),
        pytest.param("username", {"authors": [author(99)]}, set(), id="author nobody knows, no name"),
        pytest.param(
            "promoted",
            {"promoted": PROMOTED},
            {"line", "line:firefox", "recommended", "recommended:firefox", "recommended:android"},
            id="promoted groups and their applications",
        ),
        pytest.param(
            "promoted",
            {"promoted": PROMOTED, "versions": version(approvals=[])},
            set(),
            id="version not approved",
        ),
        pytest.param(
            "promoted",
            {
                "promoted": PROMOTED,
                "versions": version(approvals=[{"group": "recommended", "apps": ["android"]}]),
            },
            {"recommended", "recommended:android"},
            id="version approved for one application",
        ),
    ],
)
def test_terms(kind: str, fields: dict[str, Any], values: set[str]) -> None:
    assert terms_of(kind, make_addon(**fields)) == values


@pytest.mark.parametrize(
    ("files", "platforms"),
    [
        pytest.param(["all"], {"all"}, id="all"),
        pytest.param(["linux", "mac", "linux"], {"linux", "mac"}, id="one file each"),
    ],
)
def test_platforms_are_those_of_the_current_files(files: list[str], platforms: set[str]) -> None:
    versions = version(files=[make_file(platform=platform) for platform in files])
    older = version(created="2020-01-01T00:00:00Z", files=[make_file(platform="windows")])
    assert terms_of("platform", make_addon(versions=versions + older)) == platforms


def test_facts_are_those_of_the_current_version() -> None:
    newer = make_version(
        created="2025-01-01T00:00:00Z", compatibility={"android": {"min": "68.0", "max": "*"}}
    )
    addon = make_addon(versions=[newer, make_version()])
    assert terms_of("app", addon) == {"android"}
    assert make_entry(addon, USERS).number("min:firefox") == MISSING


def test_no_term_comes_twice() -> None:
    terms = entry_of(tags=["a", "a"], authors=[author(7), author(7)], promoted=PROMOTED).terms
    assert len(terms) == len(set(terms))


def test_language_tool() -> None:
    assert "target_locale" in entry_of(type="dictionary", target_locale="de").terms
    assert "target_locale" not in entry_of(type="dictionary", target_locale="").terms


def test_colours() -> None:
    colors = [{"h": 30, "s": 200, "l": 100, "ratio": 0.5}, {"h": 90, "s": 200, "l": 100, "ratio": 0.1}]
    assert terms_of("hue", make_addon(colors=colors)) == {"30"}


@pytest.mark.parametrize(
    ("condition", "is_match"),
    [
        ("*:*:*", True), ("firefox:*:*", True), ("firefox:fr:*", True), ("*:fr:*", True),
        ("firefox:fr:tabs", True), ("firefox:all:*", True), ("firefox:all:tabs", True),
            ("firefox:all:bookmarks", False), ("firefox:fr:bookmarks", False),
        ("android:*:*", True), ("android:fr:*", False), ("android:all:*", False), ("android:de:*", True),
        ("*:*:tabs", True), ("android:*:tabs", False),
    ],
)  # fmt: skip
def test_one_place_in_a_featured_set_meets_all_conditions(condition: str, is_match: bool) -> None:
    # The add-on is in the category "tabs" of Firefox, for which the set of no category stands too.
    places = [
        Featuring("firefox", "fr", "tabs"),
        Featuring("firefox", None, None),
        Featuring("android", "de", None),
    ]
    assert (f"featured:{condition}" in make_entry(make_addon(), USERS, places).terms) is is_match


def test_numbers() -> None:
    entry = entry_of(
        average_daily_users=5,
        weekly_downloads=6,
        hotness=0.5,
        ratings={"average": 4.5, "bayesian_average": 4.25, "count": 1, "text_count": 1, "grouped_counts": {}},
        created="2024-05-01T03:04:05Z",
        last_updated="2024-05-02T00:00:00Z",
        promoted=PROMOTED,
        is_experimental=True,
    )
    numbers = dict(zip(NUMBERS, entry.numbers, strict=True))
    assert {column: value for column, value in numbers.items() if ":" not in column} == {
        "users": 5,
        "downloads": 6,
        "hotness": 0.5,
        "average": 4.5,
        "bayesian": 4.25,
        "created": 1714532645000,
        "updated": 1714608000000,
        "recommended": 1,
        "experimental": 1,
    }
    assert numbers["users"] == entry.number("users")


def test_a_number_that_is_none_has_a_place_in_the_order() -> None:
    entry = entry_of(last_updated=None, hotness=float("nan"))
    assert entry.number("updated") == MISSING
    assert entry.number("hotness") == 0


@given(st.datetimes().map(lambda moment: moment.replace(microsecond=0)))
def test_milliseconds_order_as_the_dates_do(moment: Any) -> None:
    text = moment.isoformat() + "Z"
    assert milliseconds(text) % 1000 == 0
    assert milliseconds(text) == (moment - type(moment)(1970, 1, 1)).total_seconds() * 1000


DECLARED = {"firefox": {"min": "45.0", "max": "52.*"}}


@pytest.mark.parametrize(
    ("addon_type", "fields", "ranges"),
    [
        pytest.param(
            "extension",
            {"compatibility": DECLARED},
            {"firefox": ("45.0", "*")},
            id="declared, not strict: no upper bound",
        ),
        pytest.param(
            "extension",
            {"compatibility": DECLARED, "is_strict_compatibility_enabled": True},
            {"firefox": ("45.0", "52.*")},
            id="declared, strict",
        ),
        pytest.param("extension", {"compatibility": {}}, {}, id="extension without data: nothing"),
        pytest.param(
            "dictionary", {"compatibility": DECLARED}, {"firefox": ("45.0", "*")}, id="dictionary with data"
        ),
        *(
            pytest.param(
                kind,
                {"compatibility": {}},
                {
                    "firefox": ("4.0", "65535"),
                    "android": ("11.0", "65535"),
                    "thunderbird": ("5.0", "65535"),
                    "seamonkey": ("2.1", "65535"),
                },
                id=f"{kind} without data has the defaults",
            )
            for kind in TYPES_WITHOUT_COMPATIBILITY
        ),
    ],
)  # fmt: skip
def test_compatibility(addon_type: str, fields: dict[str, Any], ranges: dict[str, tuple[str, str]]) -> None:
    addon = make_addon(type=addon_type, versions=version(**fields))
    entry = make_entry(addon, USERS)
    assert terms_of("app", addon) == ranges.keys()
    for app in ("firefox", "android", "thunderbird", "seamonkey"):
        low, high = (entry.number(f"{end}:{app}") for end in ("min", "max"))
        expected = [version_number(end) for end in ranges[app]] if app in ranges else [MISSING, MISSING]
        assert [low, high] == expected


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        pytest.param({"name": {"en-US": "Tab TREE"}}, "tab tree", id="lower-cased"),
        pytest.param(
            {"name": {"fr": "Arbre", "de": "Baum"}, "default_locale": "de"}, "baum", id="default locale"
        ),
        pytest.param({"name": {"fr": "Arbre"}}, "arbre", id="any other"),
        pytest.param({"name": None}, "", id="none"),
        pytest.param({"name": {}}, "", id="empty"),
    ],
)
def test_name_to_sort_by(fields: dict[str, Any], name: str) -> None:
    assert entry_of(**fields).name == name
