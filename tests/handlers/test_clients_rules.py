"""The rules that every client relies on, and ready-made checks (contract/clients.md 0 and 8).

Rules: contract/versions.md 10.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Client
from tests.handlers.curated_server import ADDONS, USERS, Lists, serving
from tests.sweep import sweep

VERSIONS = ("v3", "v4", "v5")
UNKNOWN = [f"unknown-{number}@example.org" for number in range(140)]
# A GET of every resource, below /api/v5/, on a server with the add-ons of lists.py.
EVERY_GET = (
    "addons/search/?q=tree",
    "addons/autocomplete/?q=tree",
    "addons/categories/",
    "addons/language-tools/?app=firefox",
    "addons/recommendations/?guid=tab-tree@example.org&recommended=true",
    "addons/replacement-addon/",
    "addons/browser-mappings/?browser=chrome",
    "addons/addon/1/",
    "addons/addon/1/versions/",
    "addons/addon/1/versions/10/",
    "addons/addon/1/eula_policy/",
    "discovery/",
    "discovery/editorial/",
    "site/",
)


@pytest.fixture(scope="module")
def guids(client: Client) -> list[str]:
    """A hundred public add-ons, in no particular order."""
    found: list[str] = []
    for page in (1, 2):
        query = f"/api/v5/addons/search/?sort=hotness&page_size=50&page={page}"
        found += [result["guid"] for result in client.get(query).json["results"]]
    return found


def search(version: str, guids: list[str], more: str = "") -> str:
    return f"/api/{version}/addons/search/?guid={quote(','.join(guids), safe='')}{more}"


@pytest.mark.parametrize("version", VERSIONS)
class TestGuidLists:
    def test_mostly_unknown(self, client: Client, guids: list[str], version: str) -> None:
        """Check 1: 150 guids of which 140 are unknown."""
        mixed = [guid for pair in zip(UNKNOWN[:10], guids[:10], strict=True) for guid in pair] + UNKNOWN[10:]
        answer = client.get(search(version, mixed))
        assert (answer.status, answer.json["count"], answer.json["page_count"]) == (200, 10, 1)
        assert {result["guid"] for result in answer.json["results"]} == set(guids[:10])

    def test_pages(self, client: Client, guids: list[str], version: str) -> None:
        """Check 2: the pages of 80 known guids are these 80."""
        pages = [page.json for page in client.pages(search(version, guids[:80], "&lang=fr&sort=users"))]
        for page in pages[:-1]:
            assert page["next"].startswith(f"{client.base}/api/{version}/addons/search/?")
            assert all(f"{name}=" in page["next"] for name in ("guid", "lang", "sort", "page"))
        seen = [result["guid"] for page in pages for result in page["results"]]
        assert len(pages) == 4
        assert sorted(seen) == sorted(guids[:80])

    def test_order_of_the_guids_is_no_matter(self, client: Client, guids: list[str], version: str) -> None:
        """Check 3."""
        bodies = {client.get(search(version, some)).body for some in (guids[:20], guids[19::-1])}
        assert len(bodies) == 1


@sweep("version", VERSIONS)
def test_walk_to_the_end_without_a_null(client: Client, version: str) -> None:
    """Checks 5 and 6: every add-on once, and none that a browser would trip over."""
    ids: list[int] = []
    for answer in client.pages(f"/api/{version}/addons/search/?page_size=50"):
        page = answer.json
        for addon in page["results"]:
            assert all(addon[key] is not None for key in ("previews", "ratings", "current_version"))
        assert bool(page["previous"]) == bool(ids)
        ids += [addon["id"] for addon in page["results"]]
    assert len(ids) == len(set(ids)) == page["count"]


@sweep("version", VERSIONS)
def test_translations(client: Client, version: str) -> None:
    """Check 7: a string in v3 and v4 with `lang`, an object otherwise."""
    for addon in client.get(f"/api/{version}/addons/search/").json["results"]:
        everything = addon["name"]
        assert isinstance(everything, dict)
        for lang in ("fr", "xx"):
            name = client.get(f"/api/{version}/addons/addon/{addon['id']}/?lang={lang}").json["name"]
            default = everything[addon["default_locale"]]
            if version != "v5":
                assert name == everything.get(lang, default)
            elif lang in everything:
                assert name == {lang: everything[lang]}
            else:
                locale = addon["default_locale"]
                assert list(name.items()) == [(locale, default), (lang, None), ("_default", locale)]


@pytest.mark.parametrize(
    ("version", "key", "kind"), [("v3", "files", list), ("v4", "files", list), ("v5", "file", dict)]
)
def test_files(client: Client, version: str, key: str, kind: type) -> None:
    """Check 8: an array until v4, one file in v5."""
    for addon in client.get(f"/api/{version}/addons/search/").json["results"]:
        current = addon["current_version"]
        assert isinstance(current[key], kind)
        assert ("file" in current) != ("files" in current)


@sweep("version", VERSIONS)
def test_every_name_of_an_add_on_gives_the_same(client: Client, version: str) -> None:
    """Check 9: id, slug, guid; braces and `@` raw or encoded."""
    for addon in client.get(f"/api/{version}/addons/search/?page_size=50").json["results"]:
        guid = addon["guid"]
        names = [str(addon["id"]), quote(addon["slug"]), quote(guid, safe=""), quote(guid, safe="@")]
        bodies = {client.get(f"/api/{version}/addons/addon/{name}/").body for name in names}
        assert len(bodies) == 1


@pytest.mark.timed
def test_a_hundred_at_once(client: Client) -> None:
    """Check 11: nobody who asks for versions waits two seconds."""
    ids = [addon["id"] for addon in client.get("/api/v5/addons/search/?page_size=50").json["results"]]

    def ask(number: int) -> float:
        other_client = Client(client.base)
        start = time.monotonic()
        answer = other_client.get(f"/api/v3/addons/addon/{ids[number % len(ids)]}/versions/")
        took = time.monotonic() - start
        other_client.close()
        assert answer.status == 200
        return took

    with ThreadPoolExecutor(100) as pool:
        assert max(pool.map(ask, range(300))) < 2.0


@pytest.fixture(scope="module")
def maintained(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lists]:
    """A server in maintenance mode."""
    with serving(tmp_path_factory.mktemp("maintenance"), mongod) as client:
        client.load(("user", USERS), ("addon", ADDONS))
        client.await_get("/api/v5/addons/search/?guid=ext-10@example.org", lambda found: found.json["count"])
        client.load(("site", [{"_id": "state", "read_only": True, "notice": "Back at noon."}]))
        client.await_get("/api/v5/site/", lambda answer: answer.json["read_only"])
        yield client


class TestMaintenance:
    """Check 10."""

    @pytest.mark.parametrize("path", EVERY_GET)
    def test_reads_go_on(self, maintained: Lists, path: str) -> None:
        assert maintained.get(f"/api/v5/{path}").status == 200

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    @pytest.mark.parametrize("path", ["addons/addon/1/", "addons/search/", "nowhere/", "discovery/"])
    @sweep("version", VERSIONS)
    def test_writes_are_503(self, maintained: Lists, version: str, path: str, method: str) -> None:
        answer = maintained.request(method, f"/api/{version}/{path}", headers={"Authorization": "JWT x"})
        assert (answer.status, list(answer.json)) == (503, ["error"])
        assert answer.headers["Content-Type"] == "application/json"

    @sweep("version", ["v4", "v5"])
    def test_the_site_says_so(self, maintained: Lists, version: str) -> None:
        state: dict[str, Any] = maintained.get(f"/api/{version}/site/").json
        assert state == {"read_only": True, "notice": "Back at noon."}
