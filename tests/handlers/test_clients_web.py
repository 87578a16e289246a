"""The website, signing tools, badges, scripts and bulk readers (contract/clients.md 4 to 7).

Rules: contract/addons.md 4 and 10.2.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import jwt
import pytest

from tests.client import Answer, Client
from tests.handlers.client_reads import (
    BOOL,
    COUNT,
    DATE,
    LIST,
    LOCALISED,
    NUMBER,
    OBJECT,
    SHA256,
    SIZE,
    STRING,
    STRINGS,
    TEXT,
    TRANSLATED,
    URL,
    Holds,
    assert_reads,
    either,
    one_of,
    or_null,
    pick,
)
from tests.handlers.curated_server import Lists
from tests.shell_commands import Shell

EMPTY = one_of("")
LINK: dict[str, Holds] = {"url": LOCALISED, "outgoing": LOCALISED}
FILE: dict[str, Holds] = {
    "id": COUNT,
    "created": DATE,
    "hash": SHA256,
    "size": COUNT,
    "status": one_of("public"),
    "url": URL,
    "permissions": STRINGS,
    "optional_permissions": STRINGS,
    "host_permissions": STRINGS,
}
VERSION: dict[str, Holds] = {
    "id": COUNT,
    "version": TEXT,
    "compatibility": OBJECT,
    "license": or_null(OBJECT),
    "release_notes": or_null(LOCALISED),
    "is_strict_compatibility_enabled": BOOL,
} | {f"file.{key}": holds for key, holds in FILE.items()}
# What the website reads of an add-on, with `lang`.
ADDON: dict[str, Holds] = {
    "id": COUNT,
    "guid": TEXT,
    "slug": TEXT,
    "name": LOCALISED,
    "summary": or_null(LOCALISED),
    "description": or_null(LOCALISED),
    "developer_comments": or_null(LOCALISED),
    "url": URL,
    "icon_url": URL,
    "icons": OBJECT,
    "type": TEXT,
    "status": one_of("public"),
    "is_disabled": one_of(False),
    "is_experimental": BOOL,
    "default_locale": TEXT,
    "created": DATE,
    "last_updated": or_null(DATE),
    "average_daily_users": COUNT,
    "weekly_downloads?": COUNT,
    "authors[].id": COUNT,
    "authors[].name": TEXT,
    "authors[].url": URL,
    "authors[].username": TEXT,
    "authors[].picture_url?": or_null(URL),  # not in search
    "categories": STRINGS,
    "contributions_url": either(EMPTY, OBJECT),
    "homepage": or_null(OBJECT),
    "support_url": or_null(OBJECT),
    "support_email": or_null(LOCALISED),
    "has_eula": BOOL,
    "has_privacy_policy": BOOL,
    "previews[].caption": or_null(LOCALISED),
    "previews[].image_size": SIZE,
    "previews[].image_url": URL,
    "previews[].thumbnail_size": SIZE,
    "previews[].thumbnail_url": URL,
    "promoted": LIST,
    "promoted[].apps": STRINGS,
    "promoted[].category": TEXT,
    "ratings.average": NUMBER,
    "ratings.bayesian_average": NUMBER,
    "ratings.count": COUNT,
    "ratings.text_count": COUNT,
    "requires_payment": BOOL,
    "tags": STRINGS,
} | {f"current_version.{key}": holds for key, holds in VERSION.items()}
ENVELOPE: dict[str, Holds] = {
    "count": COUNT,
    "next": or_null(URL),
    "previous": or_null(URL),
    "page_size": COUNT,
    "page_count": COUNT,
    "results": LIST,
}


def get(client: Client, path: str, **params: Any) -> Any:
    answer = client.get(path, params=params or None)
    assert answer.status == 200, (path, params, answer.body[:200])
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json


def get_v5(client: Client, path: str, **params: Any) -> Any:
    """As the website asks: `lang` and the visitor's country on every call."""
    headers = {"X-Country-Code": "DE", "Accept": "application/json"}
    answer = client.get(f"/api/v5/{path}", params={"lang": "de", **params}, headers=headers)
    assert answer.status == 200, (path, params, answer.body[:200])
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json


def assert_addon(addon: dict[str, Any]) -> None:
    assert_reads(addon, ADDON)
    for key in ("homepage", "support_url"):
        if addon[key] is not None:
            assert_reads(addon[key], LINK)
    if addon["contributions_url"]:
        assert_reads(addon["contributions_url"], {"url": URL, "outgoing": URL})


class TestWebsite:
    def test_state_of_the_site(self, client: Client) -> None:
        assert get_v5(client, "site/") == {"read_only": False, "notice": None}

    @pytest.mark.parametrize(
        "params",
        [
            {"app": "firefox", "q": "tab", "page": "1", "page_size": "25", "sort": "relevance"},
            {"app": "firefox", "appversion": "130.0", "type": "extension", "sort": "users"},
            {"app": "android", "type": "extension", "promoted": "recommended", "sort": "random"},
            {"app": "firefox", "type": "extension", "category": "tabs", "sort": "recommended,users"},
            {"app": "firefox", "type": "statictheme", "color": "336699", "sort": "rating"},
            {"app": "firefox", "type": "extension", "promoted": "badged", "ratings__gte": "3"},
            {"app": "firefox", "type": "extension", "users__gt": "100", "users__lte": "100000"},
            {"app": "firefox", "type": "dictionary", "sort": "name"},
            {"tag": "privacy", "sort": "hotness"},
        ],
        ids=lambda params: " ".join(params),
    )
    def test_search_page(self, client: Client, params: dict[str, str]) -> None:
        answer = get_v5(client, "addons/search/", **params)
        assert_reads(answer, ENVELOPE)
        for addon in answer["results"]:
            assert_addon(addon)
            assert params.get("app", "firefox") in addon["current_version"]["compatibility"]

    def test_home_page(self, client: Client) -> None:
        home = get_v5(client, "shelves/")
        assert {shelf["endpoint"] for shelf in home["results"]} == {"search", "collections", "random-tag"}
        for shelf in home["results"]:
            assert_reads(shelf["footer"], {"url": URL, "outgoing": URL, "text": LOCALISED})
            assert_reads(shelf, {"title": LOCALISED, "url": URL, "endpoint": TEXT, "addon_type": TEXT})
            assert shelf["addons"]
            for addon in shelf["addons"]:
                assert_addon(addon)
        assert home["primary"]["gradient"] and home["secondary"]["modules"]

    def test_typing(self, client: Client) -> None:
        answer = get_v5(
            client, "addons/autocomplete/", app="firefox", appversion="130.0", q="t", type="extension"
        )
        assert list(answer) == ["results"]
        assert 0 < len(answer["results"]) <= 10
        fields = {"id": COUNT, "icon_url": URL, "name": LOCALISED, "url": URL, "promoted": LIST, "type": TEXT}
        for suggestion in answer["results"]:
            assert_reads(suggestion, fields)

    def test_detail_page(self, client: Client) -> None:
        results = get_v5(client, "addons/search/", app="firefox", type="extension", sort="users")["results"]
        for addon in results[:5]:
            where = {"app": "firefox", "appversion": "130.0", "show_grouped_ratings": "true"}
            by_name = [get_v5(client, f"addons/addon/{addon[key]}/", **where) for key in ("id", "slug")]
            page = get_v5(client, f"addons/addon/{quote(addon['guid'], safe='')}/", **where)
            assert by_name == [page, page]
            assert_addon(page)
            assert page["slug"] == addon["slug"]
            assert_reads(page, {f"ratings.grouped_counts.{score}": COUNT for score in range(1, 6)})
            assert all("picture_url" in author for author in page["authors"])

    def test_beside_the_detail_page(self, client: Client) -> None:
        page = get_v5(client, "addons/search/", type="extension", sort="users")["results"][0]
        authors = ",".join(str(author["id"]) for author in page["authors"])
        others = {"author": authors, "exclude_addons": page["slug"], "type": "extension", "sort": "users"}
        more = get_v5(client, "addons/search/", page="1", page_size="6", **others)
        assert page["id"] not in [addon["id"] for addon in more["results"]]
        for addon in more["results"]:
            assert set(pick(addon, "authors[].id")) & set(pick(page, "authors[].id"))
        guid = {"guid": page["guid"], "recommended": "true"}
        recommended = get_v5(client, "addons/recommendations/", **guid)
        assert_reads(recommended, ENVELOPE | {"outcome": TEXT})

    def test_versions_pages(self, client: Client) -> None:
        page = get_v5(client, "addons/search/", type="extension", sort="users")["results"][0]
        listed = get_v5(client, f"addons/addon/{page['slug']}/versions/", page="1")
        assert_reads(listed, ENVELOPE | {f"results[].{key}": holds for key, holds in VERSION.items()})
        number = listed["results"][0]["id"]
        one = get_v5(client, f"addons/addon/{page['slug']}/versions/{number}/")
        assert_reads(one, VERSION)
        assert one["id"] == number

    def test_policies(self, client: Client) -> None:
        page = get_v5(client, "addons/search/", type="extension")["results"][0]
        policies = get_v5(client, f"addons/addon/{page['slug']}/eula_policy/")
        assert_reads(policies, dict.fromkeys(("eula", "privacy_policy"), or_null(LOCALISED)))

    @pytest.mark.parametrize(
        "params",
        [{"promoted": "recommended", "sort": "random"}, {"sort": "rating"}, {"sort": "hotness"}],
        ids=str,
    )
    def test_landing_page(self, client: Client, params: dict[str, str]) -> None:
        answer = get_v5(client, "addons/search/", app="firefox", page="1", page_size="4", **params)
        assert 0 < len(answer["results"]) <= 4
        assert len(get_v5(client, "addons/categories/")) > 10


class TestSigningTools:
    """What they read once a version is there."""

    @pytest.fixture(scope="class")
    @classmethod
    def key(cls, lists: Lists) -> dict[str, str]:
        """An API key of the author of add-on 1."""
        made: dict[str, str] = json.loads(
            Shell(lists.folder / "data", lists.program.env)("apikey", "ann", "--json")
        )
        return made

    def get(self, lists: Lists, key: dict[str, str], path: str) -> Answer:
        now = int(time.time())
        token = jwt.encode({"iss": key["key"], "iat": now, "exp": now + 60}, key["secret"], algorithm="HS256")
        headers = {"Authorization": f"JWT {token}", "Accept": "application/json"}
        return lists.get(f"/api/v5/addons/addon/{path}", headers=headers)

    def test_poll_a_version_until_it_can_be_downloaded(self, lists: Lists, key: dict[str, str]) -> None:
        guid = "langpack-fr%40firefox.mozilla.org"
        newest = self.get(lists, key, f"{guid}/versions/?filter=all_with_unlisted").json["results"][0]
        assert newest["id"] == 2999  # the unlisted one
        version = self.get(lists, key, f"{guid}/versions/{newest['id']}/").json
        assert_reads(version, {"file.status": one_of("public"), "file.url": URL})

    def test_a_mistake_is_json(self, lists: Lists, key: dict[str, str]) -> None:
        for path, status in {"nothing@example.org/": 404, "1/versions/?filter=nonsense": 400}.items():
            answer = self.get(lists, key, path)
            assert (answer.status, answer.headers["Content-Type"]) == (status, "application/json")
        answer = self.get(lists, key | {"secret": "0" * 64}, "1/versions/")
        assert (answer.status, list(answer.json)) == (401, ["detail"])


class TestSmallClients:
    def test_badges(self, client: Client) -> None:
        strict: dict[str, Holds] = {
            "average_daily_users": COUNT,
            "weekly_downloads": COUNT,
            "current_version.version": TEXT,
            "ratings.average": NUMBER,
        }
        for addon in get(client, "/api/v5/addons/search/", type="extension")["results"]:
            assert_reads(get(client, f"/api/v4/addons/addon/{addon['id']}/"), strict)

    @pytest.mark.parametrize(("version", "file"), [("v3", "files[]"), ("v4", "files[]"), ("v5", "file")])
    def test_update_checks(self, client: Client, version: str, file: str) -> None:
        read = {
            "average_daily_users": COUNT,
            "current_version.version": TEXT,
            f"current_version.{file}.url": URL,
        }
        for addon in get(client, "/api/v5/addons/search/", sort="updated")["results"]:
            for name in (addon["slug"], addon["guid"]):
                assert_reads(get(client, f"/api/{version}/addons/addon/{quote(name, safe='')}/"), read)

    @pytest.mark.parametrize(
        ("version", "query", "name"),
        [
            ("v3", "?q=tab", TRANSLATED),
            ("v4", "?q=tab&app=firefox&lang=en-US", TEXT),
            ("v5", "?q=tab&app=firefox&type=extension", TRANSLATED),
            ("v5", "?q=tab&lang=en-US", LOCALISED),
        ],
    )
    def test_launchers(self, client: Client, version: str, query: str, name: Holds) -> None:
        results = get(client, f"/api/{version}/addons/search/{query}")["results"]
        assert results
        for result in results:
            assert_reads(result, {"name": name, "url": URL})


class TestBulkReaders:
    def test_package_set(self, client: Client) -> None:
        """Pages in parallel, their number taken from the first."""
        query = "lang=en-US&app=firefox&sort=users&users__gt=25&page_size=50"
        first = get(client, f"/api/v5/addons/search/?{query}&page=1")

        def page(number: int) -> list[dict[str, Any]]:
            other_client = Client(client.base)
            results: list[dict[str, Any]] = get(
                other_client, f"/api/v5/addons/search/?{query}&page={number}"
            )["results"]
            other_client.close()
            return results

        with ThreadPoolExecutor(10) as pool:
            addons = [addon for some in pool.map(page, range(1, first["page_count"] + 1)) for addon in some]
        assert len(addons) == first["count"] == len({addon["id"] for addon in addons})
        users = [addon["average_daily_users"] for addon in addons]
        assert users == sorted(users, reverse=True)
        fields = ("status", "guid", "slug", "default_locale", "summary", "categories", "tags", "promoted")
        flags = ("has_eula", "has_privacy_policy", "requires_payment")
        read = {key: ADDON[key] for key in (*fields, *flags)}
        read |= {f"current_version.file.{key}": FILE[key] for key in ("status", "url", "hash", "permissions")}
        for addon in addons:
            assert_reads(addon, read | {"current_version.version": TEXT})
            license = addon["current_version"]["license"]
            assert license is None or license["slug"] is None or TEXT(license["slug"])
            assert addon["homepage"] is None or LOCALISED(addon["homepage"]["url"])

    def test_recommender(self, client: Client) -> None:
        """All pages of v3, then the oldest version of every add-on: the last of its list."""
        url: str | None = "/api/v3/addons/search/?app=firefox&sort=created&type=extension&page=1"
        addons: list[dict[str, Any]] = []
        while url:
            page = get(client, url)
            addons += page["results"]
            url = page["next"]
        assert len(addons) == page["count"] == len({addon["guid"] for addon in addons})
        read: dict[str, Holds] = {
            "guid": TEXT,
            "categories": OBJECT,
            "default_locale": TEXT,
            "name": TRANSLATED,
            "description": or_null(TRANSLATED),
            "summary": or_null(TRANSLATED),
            "current_version.files[].id": COUNT,
            "current_version.files[].platform": TEXT,
            "current_version.files[].status": one_of("public"),
            "current_version.files[].is_webextension": BOOL,
            "ratings.average": NUMBER,
            "ratings.bayesian_average": NUMBER,
            "ratings.count": COUNT,
            "ratings.text_count": COUNT,
            "tags": STRINGS,
            "weekly_downloads": COUNT,
        }
        for addon in addons:
            assert_reads(addon, read)
            versions = f"/api/v3/addons/addon/{quote(addon['guid'], safe='')}/versions/"
            count = get(client, versions)["page_count"]
            last = get(client, f"{versions}?page={count}")["results"][-1]
            assert_reads(last, {"files[].created": DATE})


def test_reading_notices_null_and_absence() -> None:
    """What the tables of this file and the others stand on."""
    assert_reads({"a": [{"b": 1}], "c": None}, {"a[].b": COUNT, "c": or_null(STRING), "d?": TEXT})
    broken: list[Any] = [{"a": None}, {}, {"a": [{}]}, {"a": [{"b": None}]}]
    for value in broken:
        with pytest.raises((AssertionError, TypeError)):
            assert_reads(value, {"a[].b": COUNT})
