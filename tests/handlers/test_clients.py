"""Browsers: the requests they send, as they send them, and the fields they read (contract/clients.md 1 to
3).

Rules: contract/addons.md 10.1; contract/clients.md 2.
"""

import base64
from typing import Any
from urllib.parse import quote

import pytest

from tests.client import Client
from tests.handlers.client_reads import (
    BOOL,
    COUNT,
    DATE,
    LIST,
    NUMBER,
    SHA256,
    SIZE,
    STRING,
    STRINGS,
    TEXT,
    TRANSLATED,
    URL,
    Holds,
    assert_reads,
    one_of,
    or_null,
)
from tests.handlers.curated_server import Lists
from tests.sweep import sweep

TYPES = one_of("extension", "theme", "dictionary", "search", "language", "persona", "statictheme")
PLATFORM = one_of("all", "mac", "linux", "windows", "android")
# Installed in every Firefox, and in no catalogue.
BUILT_IN = [
    "default-theme@mozilla.org",
    "google@search.mozilla.org",
    "wikipedia@search.mozilla.org",
    "langpack-xx@firefox.mozilla.org",
    "{972ce4c6-7e08-4474-a285-3208198ce6fd}",
]
METADATA: dict[str, Holds] = {
    "guid": TEXT,
    "name": TEXT,
    "type": TYPES,
    "homepage": or_null(STRING),
    "support_url": or_null(STRING),
    "url": URL,
    "summary": or_null(STRING),
    "description": or_null(STRING),
    "weekly_downloads?": COUNT,
    "contributions_url": STRING,
    "ratings_url": URL,
    "last_updated": or_null(DATE),
    "icons.32": URL,
    "icons.64": URL,
    "authors[].name": TEXT,
    "authors[].url": URL,
    "current_version.version": TEXT,
    "current_version.files": LIST,
    "current_version.files[].platform": PLATFORM,
    "current_version.files[].url": URL,
    "previews[].image_url": URL,
    "previews[].image_size": SIZE,
    "previews[].thumbnail_url": URL,
    "previews[].thumbnail_size": SIZE,
    "previews[].caption": or_null(STRING),
    "ratings.average": NUMBER,
    "ratings.text_count": COUNT,
}


def guid_search(version: str, guids: list[str], lang: str = "en-US") -> str:
    """As browsers write it: everything encoded that can be."""
    return f"/api/{version}/addons/search/?guid={quote(','.join(guids), safe='')}&lang={lang}"


@pytest.fixture(scope="module")
def installed(client: Client) -> list[str]:
    """Guids of forty public add-ons of all types."""
    guids: list[str] = []
    for kind in ("extension", "dictionary", "language", "statictheme"):
        results = client.get("/api/v5/addons/search/", params={"type": kind, "page_size": 10}).json["results"]
        guids += [result["guid"] for result in results]
    return guids


def one(client: Client, query: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v5/addons/search/?{query}").json["results"][0]
    return found


class TestDesktop:
    """Firefox asks v4, older ones and Thunderbird v3."""

    @sweep("version", ["v3", "v4"])
    @pytest.mark.parametrize("lang", ["en-US", "fr", "pt-BR", "xx"])
    def test_metadata_of_what_is_installed(
        self, client: Client, installed: list[str], version: str, lang: str
    ) -> None:
        guids = [*BUILT_IN, *installed[::3]]
        answer = client.get(guid_search(version, guids, lang))
        assert answer.status == 200
        results = answer.json["results"]
        assert {result["guid"] for result in results} == set(installed[::3])
        for result in results:
            assert_reads(result, METADATA)
            assert "@search.mozilla.org" not in result["guid"]

    @sweep("version", ["v3", "v4"])
    def test_more_than_a_page_is_followed(self, client: Client, installed: list[str], version: str) -> None:
        pages = list(client.pages(guid_search(version, BUILT_IN + installed)))
        guids = [result["guid"] for page in pages for result in page.json["results"]]
        assert len(pages) == 2
        assert sorted(guids) == sorted(installed)

    def test_nothing_known_is_an_empty_page(self, client: Client) -> None:
        answer = client.get(guid_search("v4", BUILT_IN))
        assert (answer.status, answer.json["count"], answer.json["results"]) == (200, 0, [])

    def test_return_to_amo(self, client: Client) -> None:
        guid = one(client, "promoted=recommended&app=firefox")["guid"]
        encoded = base64.urlsafe_b64encode(guid.encode()).decode().rstrip("=")
        answer = client.get(guid_search("v4", [f"rta:{encoded}"]))
        assert [result["guid"] for result in answer.json["results"]] == [guid]
        assert_reads(answer.json["results"][0], METADATA)

    def test_before_an_abuse_report(self, client: Client, installed: list[str]) -> None:
        for guid in installed[::10]:
            answer = client.get(f"/api/v4/addons/addon/{quote(guid, safe='')}/?lang=en-US")
            assert answer.status == 200
            assert_reads(answer.json, {"name": TEXT, "authors[].name": TEXT, "authors[].url": URL})

    def test_language_packs_for_a_release(self, lists: Lists) -> None:
        answer = lists.get("/api/v4/addons/language-tools/?app=firefox&type=language&appversion=130.0")
        results = answer.json["results"]
        assert results
        for result in results:
            file: dict[str, Holds] = {"platform": PLATFORM, "url": URL, "hash": SHA256}
            within = {f"current_compatible_version.files[].{key}": holds for key, holds in file.items()}
            assert_reads(result, {"target_locale": TEXT, **within})

    def test_mappings_of_another_browser(self, lists: Lists) -> None:
        guids: dict[str, str] = {}
        for page in lists.pages("/api/v5/addons/browser-mappings/?browser=chrome&page_size=1"):
            assert_reads(page.json, {"results[].extension_id": TEXT, "results[].addon_guid": TEXT})
            guids |= {result["extension_id"]: result["addon_guid"] for result in page.json["results"]}
        assert guids == {"aaaa": "tab-tree@example.org", "bbbb": "EXT-5@example.org"}

    @sweep("version", ["v3", "v4"])
    @pytest.mark.parametrize("client_id", ["", "&telemetry-client-id=" + "ab" * 32])
    def test_discovery(self, lists: Lists, version: str, client_id: str) -> None:
        answer = lists.get(f"/api/{version}/discovery/?lang=en-US&edition=default{client_id}")
        assert answer.status == 200
        results = answer.json["results"]
        assert results
        for result in results:
            assert_reads(
                result,
                {"heading_text": TEXT, "description_text": STRING, "is_recommendation": BOOL}
                | {f"addon.{path}": holds for path, holds in METADATA.items()}
                | {"addon.average_daily_users": COUNT, "addon.icon_url": URL, "addon.url": URL},
            )
        [theme] = [result["addon"] for result in results if result["addon"]["type"] == "statictheme"]
        assert [preview["image_size"] for preview in theme["previews"]] == [[680, 92]]


class TestThunderbird:
    def test_overrides_of_old_builds(self, lists: Lists) -> None:
        path = "/api/v3/addons/compat-override/?guid={}&lang=en-US"
        empty = lists.get(path.format("nothing%40example.org"))
        assert (empty.status, empty.json["results"]) == (200, [])
        answer = lists.get(path.format("tab-tree%40example.org,nothing%40example.org"))
        ranges = "results[].version_ranges[]"
        assert_reads(
            answer.json,
            {"results[].addon_guid": TEXT, "results[].name": STRING}
            | {f"{ranges}.{key}": TEXT for key in ("addon_min_version", "addon_max_version")}
            | {
                f"{ranges}.applications[].{key}": TEXT
                for key in ("name", "guid", "min_version", "max_version")
            }
            | {f"{ranges}.applications[].id": COUNT},
        )

    def test_newest_extensions(self, client: Client) -> None:
        seen: list[str] = []
        page: str | None = "/api/v4/addons/search/?page=1&app=thunderbird&type=extension&sort=created"
        while page:
            answer = client.get(page)
            assert answer.status == 200
            for result in answer.json["results"]:
                assert "thunderbird" in result["current_version"]["compatibility"]
                seen.append(result["created"])
            page = answer.json["next"]
        assert seen
        assert seen == sorted(seen, reverse=True)

    def test_versions(self, client: Client) -> None:
        guid = quote(one(client, "type=extension")["guid"], safe="")
        answer = client.get(f"/api/v4/addons/addon/{guid}/versions/?page=1&page_size=50")
        assert (answer.status, answer.json["page_size"]) == (200, 50)
        assert_reads(answer.json, {"results[].version": TEXT, "results[].files[].url": URL})

    @pytest.mark.parametrize("lang", ["", "?lang=de"])
    def test_detail_by_slug(self, client: Client, lang: str) -> None:
        slug = quote(one(client, "type=extension")["slug"])
        assert client.get(f"/api/v4/addons/addon/{slug}/{lang}").json["current_version"]["version"]

    def test_paths_that_never_were(self, client: Client) -> None:
        for path in ("/api/v4/addons/thunderbird/x@y/detail", "/api/v4/addons/thunderbird/x@y/detail/"):
            answer = client.get(path)
            assert (answer.status, answer.json) == (404, {"detail": "Not found."})
            assert answer.headers["Content-Type"] == "application/json"


class TestAndroid:
    FIELDS: dict[str, Holds] = {
        "guid": TEXT,
        "created": DATE,
        "icon_url": URL,
        "url": URL,
        "ratings_url": URL,
        "default_locale": TEXT,
        "authors[].name": TEXT,
        "authors[].url": URL,
        "ratings.average": NUMBER,
        "ratings.text_count": COUNT,
        "current_version.version": TEXT,
        "current_version.files[].created": DATE,
        "current_version.files[].url": URL,
        "current_version.files[].permissions": STRINGS,
    }

    @pytest.mark.parametrize("sort", ["-popularity", "popularity", "name", "-name", "added", "-added"])
    @pytest.mark.parametrize(("lang", "text"), [("", TRANSLATED), ("&lang=fr", STRING), ("&lang=xx", STRING)])
    def test_recommended_collection(self, lists: Lists, sort: str, lang: str, text: Holds) -> None:
        path = "/api/v4/accounts/account/mozilla/collections/picks/addons/"
        answer = lists.get(f"{path}?page_size=50&sort={sort}{lang}")
        assert answer.status == 200
        assert len(answer.json["results"]) == 3
        texts = {"name": text, "summary": or_null(text), "description": or_null(text)}
        for result in answer.json["results"]:
            assert_reads(result["addon"], self.FIELDS | texts)
            assert result["addon"]["authors"]
            assert result["addon"]["current_version"]["files"]
