"""`appversion` over HTTP: for Thunderbird, an older listed version may match, and is shown."""

from collections.abc import Iterator
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.factories import make_addon, make_file, make_version
from tests.handlers.signed_client import Api, lines, signed
from tests.sweep import sweep

SEARCH = "addons/search/"


def _version(id: int, apps: dict[str, tuple[str, str]], **fields: Any) -> Any:
    return make_version(
        id=id,
        version=f"{id}.0",
        created=f"20{id}-01-01T00:00:00Z",
        compatibility={app: {"min": low, "max": high} for app, (low, high) in apps.items()},
        is_strict_compatibility_enabled=True,
        files=[make_file(id=id * 10)],
        **fields,
    )


def _addon(id: int, *versions: Any) -> Any:
    name = {"en-US": f"Mail Helper {id}"}
    return make_addon(_id=id, guid=f"{id}@example.org", slug=f"mail-{id}", name=name, versions=[*versions])


ADDONS = [
    _addon(
        1,
        _version(24, {"thunderbird": ("115.0", "128.*"), "firefox": ("115.0", "128.*")}),
        _version(22, {"thunderbird": ("91.0", "102.*"), "firefox": ("91.0", "102.*")}),
        _version(21, {"thunderbird": ("78.0", "102.*")}, channel="unlisted"),
    ),
    _addon(2, _version(23, {"thunderbird": ("60.0", "*")})),
    _addon(3, _version(23, {"firefox": ("115.0", "*")}), _version(20, {"thunderbird": ("60.0", "102.*")})),
    _addon(4, _version(24, {"thunderbird": ("115.0", "128.*")})),
]


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with signed(tmp_path_factory.mktemp("older"), lines("addon", *ADDONS), mongod) as started:
        yield started


def shown(api: Api, version: str, query: str) -> dict[int, int]:
    """Add-on -> the version it is shown with."""
    answer = api.ask("GET", version, f"{SEARCH}?{query}")
    assert answer.status == 200, answer.body
    assert answer.json["count"] == len(answer.json["results"])
    return {row["id"]: row["current_version"]["id"] for row in answer.json["results"]}


@sweep("version", ["v3", "v4"])
@pytest.mark.parametrize("text", ["", "&q=mail+helper", "&q=helper&sort=users", "&sort=users,created"])
@pytest.mark.parametrize(
    ("appversion", "found"),
    [
        ("102.0", {1: 22, 2: 23, 3: 20}),
        ("115.0", {1: 24, 2: 23, 4: 24}),
        ("78.0", {2: 23, 3: 20}),
        ("59.0", {}),
    ],
)
def test_an_older_version_is_found_and_shown(
    api: Api, version: str, text: str, appversion: str, found: dict[int, int]
) -> None:
    assert shown(api, version, f"app=thunderbird&appversion={appversion}{text}") == found


@sweep("version", ["v3", "v4", "v5"])
def test_other_applications_know_the_current_version_only(api: Api, version: str) -> None:
    assert shown(api, version, "app=firefox&appversion=102.0") == {}
    assert shown(api, version, "app=firefox&appversion=115.0") == {1: 24, 3: 23}


def test_without_appversion_the_current_version_decides(api: Api) -> None:
    assert shown(api, "v4", "app=thunderbird") == {1: 24, 2: 23, 4: 24}


@sweep("version", ["v3", "v4"])
def test_the_whole_version_is_the_older_one(api: Api, version: str) -> None:
    query = "app=thunderbird&appversion=102.0&guid=1@example.org"
    [row] = api.ask("GET", version, f"{SEARCH}?{query}").json["results"]
    older = row["current_version"]
    assert (older["version"], older["compatibility"]["thunderbird"]["max"]) == ("22.0", "102.*")
    assert older["files"][0]["id"] == 220
    usual = api.ask("GET", version, f"{SEARCH}?guid=1@example.org").json["results"][0]
    assert {**row, "current_version": None} == {**usual, "url": row["url"], "current_version": None} | {
        key: row[key] for key in ("edit_url", "ratings_url", "versions_url", "review_url") if key in row
    }


@sweep("version", ["v3", "v4"])
def test_autocomplete_finds_them_as_well(api: Api, version: str) -> None:
    path = "addons/autocomplete/?app=thunderbird&q=mail&appversion="
    ids = {row["id"] for row in api.ask("GET", version, f"{path}102.0").json["results"]}
    assert ids == {1, 2, 3}


@sweep("version", ["v3", "v4"])
def test_detail_shows_the_current_version(api: Api, version: str) -> None:
    path = "addons/addon/1/?app=thunderbird&appversion=102.0"
    assert api.ask("GET", version, path).json["current_version"]["id"] == 24


def test_pages_join_to_the_whole(api: Api) -> None:
    found: list[tuple[int, int]] = []
    answer = api.ask("GET", "v4", f"{SEARCH}?app=thunderbird&appversion=102.0&page_size=1").json
    while True:
        assert answer["count"] == answer["page_count"] == 3
        found += [(row["id"], row["current_version"]["id"]) for row in answer["results"]]
        if answer["next"] is None:
            break
        answer = api.get(answer["next"]).json
    assert dict(found) == {1: 22, 2: 23, 3: 20}
    assert len(found) == 3


@pytest.mark.parametrize(
    ("apps", "firefox", "thunderbird"),
    [
        ("firefox", {1: 22}, {2: 23}),
        ("", {}, {2: 23}),
        ("firefox,thunderbird", {1: 22}, {1: 22, 2: 23, 3: 20}),
    ],
)
def test_a_setting_says_for_which_applications(
    mongod: OwnMongod,
    tmp_path_factory: pytest.TempPathFactory,
    apps: str,
    firefox: dict[int, int],
    thunderbird: dict[int, int],
) -> None:
    folder = tmp_path_factory.mktemp("setting")
    with signed(folder, lines("addon", *ADDONS), mongod, AMOEBA_OLDER_VERSIONS_FOR=apps) as api:
        assert shown(api, "v5", "app=firefox&appversion=102.0") == firefox
        assert shown(api, "v4", "app=thunderbird&appversion=102.0") == thunderbird
