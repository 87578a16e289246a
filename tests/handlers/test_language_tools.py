"""Language tools (contract/addons.md 10.5, contract/search.md 4.4, contract/versions.md 21)."""

from typing import Any

import pytest

from tests.handlers.curated_server import Lists
from tests.sweep import sweep

PATH = "/api/{}/addons/language-tools/"
VERSIONS = ("v3", "v4", "v5")
OLD = ("v3", "v4")
APP = "Invalid or missing app parameter."
APP_WITH_VERSION = "Invalid or missing app parameter while appversion parameter is set."
APPVERSION = "Invalid appversion parameter."
TYPE = "Invalid or missing type parameter while appversion parameter is set."
KEYS = ["id", "default_locale", "guid", "name", "slug", "target_locale", "type", "url"]


def ask(lists: Lists, version: str, query: str) -> list[dict[str, Any]]:
    answer = lists.get(f"{PATH.format(version)}?{query}")
    assert answer.status == 200, answer.body
    assert list(answer.json) == ["results"]
    results: list[dict[str, Any]] = answer.json["results"]
    return results


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        pytest.param("app=firefox", [2, 3, 4], id="dictionaries and language packs"),
        pytest.param("app=firefox&type=language", [2, 3], id="packs"),
        pytest.param("app=firefox&type=Dictionary", [4], id="type in any case"),
        pytest.param("app=firefox&type=3", [4], id="type by number"),
        pytest.param("app=firefox&type=language,dictionary", [2, 3, 4], id="types"),
        pytest.param("app=firefox&type=extension", [], id="a type without target locales"),
        pytest.param("app=firefox&type=any", [], id="any matches nothing"),
        pytest.param("app=firefox&author=mozilla", [3], id="author by name"),
        pytest.param("app=firefox&author=7,nobody", [2, 4], id="authors are either or"),
        pytest.param("app=firefox&author=nobody", [], id="unknown author"),
        pytest.param("app=firefox&page=2&page_size=1&unknown=1", [2, 3, 4], id="no pages"),
    ],
)
@sweep("version", VERSIONS)
def test_selection(lists: Lists, version: str, query: str, ids: list[int]) -> None:
    results = ask(lists, version, query)
    assert [result["id"] for result in results] == ids
    assert all("current_compatible_version" not in result for result in results)


@pytest.mark.parametrize(
    ("version", "query", "ids"),
    [
        pytest.param("v3", "app=android", [4], id="v3 filters by app"),
        pytest.param("v4", "app=android", [4], id="v4 filters by app"),
        pytest.param("v5", "app=android", [2, 3, 4], id="v5 ignores app"),
        pytest.param("v5", "", [2, 3, 4], id="v5 needs no app"),
        pytest.param("v5", "app=nonsense", [2, 3, 4], id="v5 does not even look at it"),
        pytest.param("v3", "app=thunderbird", [4], id="v3 knows Thunderbird"),
    ],
)
def test_app(lists: Lists, version: str, query: str, ids: list[int]) -> None:
    assert [result["id"] for result in ask(lists, version, query)] == ids


@pytest.mark.parametrize(
    ("appversion", "chosen"),
    [
        pytest.param("130.0", {2: 2130}, id="strict"),
        pytest.param("130.0.1", {2: 2130}, id="a minor release"),
        pytest.param("129.0", {}, id="its file was withdrawn"),
        pytest.param("128.0", {2: 2128}, id="an older version"),
        pytest.param("115.0", {3: 2500}, id="not strict, within"),
        pytest.param("116.5", {3: 2500}, id="the maximum counts"),
        pytest.param("117.0", {}, id="beyond the maximum it is not listed, strict or not"),
        pytest.param("20.0", {}, id="unlisted versions are nobody's"),
        pytest.param("131.0", {}, id="newer than all"),
    ],
)
@sweep("version", VERSIONS)
def test_packs_of_a_release(lists: Lists, version: str, appversion: str, chosen: dict[int, int]) -> None:
    results = ask(lists, version, f"app=firefox&type=language&appversion={appversion}")
    assert {result["id"]: result["current_compatible_version"]["id"] for result in results} == chosen


@sweep("version", VERSIONS)
@pytest.mark.parametrize("types", ["dictionary", "language,dictionary"])
def test_other_types_are_not_chosen_by_release(lists: Lists, version: str, types: str) -> None:
    results = ask(lists, version, f"app=firefox&type={types}&appversion=130.0")
    assert results
    assert all(result["current_compatible_version"] is None for result in results)


def test_compatible_version_is_reduced(lists: Lists) -> None:
    query = "app=firefox&type=language&appversion=130.0"
    for version, files in {"v3": "files", "v4": "files", "v5": "file"}.items():
        [result] = ask(lists, version, query)
        shown = result["current_compatible_version"]
        assert set(shown) == {"id", files, "reviewed", "version"}
        file = shown["files"][0] if files == "files" else shown["file"]
        assert file["url"].endswith("/downloads/file/3130/pack.xpi")
        assert file["hash"].startswith("sha256:")


@sweep("version", VERSIONS)
def test_keys_in_order(lists: Lists, version: str) -> None:
    results = ask(lists, version, "app=firefox&type=dictionary")
    assert list(results[0]) == KEYS + (["locale_disambiguation"] if version == "v3" else [])
    with_version = ask(lists, version, "app=firefox&type=language&appversion=130.0")
    assert list(with_version[0])[:3] == ["id", "current_compatible_version", "default_locale"]


def test_disambiguation_is_the_stored_text_in_v3(lists: Lists) -> None:
    by_id = {tool["id"]: tool["locale_disambiguation"] for tool in ask(lists, "v3", "app=firefox")}
    assert by_id == {2: None, 3: None, 4: "neue Rechtschreibung"}


@pytest.mark.parametrize(
    ("version", "lang", "name"),
    [
        ("v3", "", {"en-US": "French Language Pack", "fr": "Français"}),
        ("v4", "&lang=fr", "Français"),
        ("v4", "&lang=de", "French Language Pack"),
        ("v4", "&lang=xx", "French Language Pack"),
        ("v5", "&lang=fr", {"fr": "Français"}),
        ("v5", "&lang=xx", {"en-US": "French Language Pack", "xx": None, "_default": "en-US"}),
    ],
)
def test_names_are_translated(lists: Lists, version: str, lang: str, name: Any) -> None:
    assert ask(lists, version, f"app=firefox&type=language{lang}")[0]["name"] == name


@pytest.mark.parametrize(
    ("versions", "query", "detail"),
    [
        pytest.param(OLD, "", APP, id="app missing"),
        pytest.param(OLD, "app=", APP, id="app empty"),
        pytest.param(OLD, "app=mosaic", APP, id="app unknown"),
        pytest.param(OLD, "appversion=1&type=x", APP, id="app comes first"),
        pytest.param(["v5"], "app=thunderbird&appversion=100.0", APP_WITH_VERSION, id="app gone in v5"),
        pytest.param(["v5"], "appversion=100.0", APP_WITH_VERSION, id="v5 needs app beside appversion"),
        pytest.param(VERSIONS, "app=firefox&appversion=9.0", APPVERSION, id="appversion too old"),
        pytest.param(VERSIONS, "app=firefox&appversion=new&type=x", APPVERSION, id="appversion before type"),
        pytest.param(VERSIONS, "app=firefox&appversion=100.0", TYPE, id="type missing"),
        pytest.param(VERSIONS, "app=firefox&appversion=100.0&type=x", TYPE, id="type unknown"),
        pytest.param(VERSIONS, "app=firefox&type=language,", TYPE, id="type with an empty item"),
    ],
)
def test_errors(lists: Lists, versions: list[str], query: str, detail: str) -> None:
    for version in versions:
        answer = lists.get(f"{PATH.format(version)}?{query}")
        assert (answer.status, answer.json) == (400, {"detail": detail})
        assert answer.headers["Cache-Control"] == "s-maxage=0"


def test_kept_for_a_day_and_known_again(lists: Lists) -> None:
    first = lists.get(f"{PATH.format('v5')}?app=firefox")
    assert first.headers["Cache-Control"] == "max-age=86400"
    again = lists.get(f"{PATH.format('v5')}?app=firefox", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_credentials_are_not_looked_at(lists: Lists) -> None:
    answer = lists.get(f"{PATH.format('v5')}?app=firefox", headers={"Authorization": "Session nonsense"})
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "s-maxage=0"
