"""What all endpoints have in common (contract/requests.md): headers, errors, slashes, caching.

Rules: contract/addons.md 2; contract/requests.md 4, 5, 9, 11, 12, 14 and 15.
"""

import gzip
import json
from typing import Any

import pytest

from tests.client import Client
from tests.sweep import sweep

VERSIONS = ("v3", "v4", "v5")
SEARCH = "/api/{}/addons/search/"
NOT_FOUND = {"detail": "Not found."}


@pytest.fixture(scope="session")
def known(client: Client) -> dict[str, Any]:
    """One public add-on of the catalogue, as v5 shows it."""
    found: dict[str, Any] = client.get(SEARCH.format("v5"), params={"type": "extension"}).json["results"][0]
    return found


@sweep("version", VERSIONS)
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("addons/search/", 200),
        ("addons/autocomplete/", 200),
        ("addons/categories/", 200),
        ("addons/search/?app=nothing", 400),
        ("addons/search/?page=0", 404),
        ("addons/language-tools/?appversion=1", 400),
        ("addons/recommendations/?guid=x", 400),
        ("addons/addon/no-such-add-on/", 404),
        ("addons/never-existed/", 404),
        ("nowhere/", 404),
    ],
)
def test_every_answer_is_json_without_charset(client: Client, version: str, path: str, status: int) -> None:
    """contract/clients.md 8, check 4."""
    answer = client.get(f"/api/{version}/{path}")
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/json"
    json.loads(answer.body)


@sweep("version", VERSIONS)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("addons/search/?app=nothing", ['Invalid "app" parameter.'], id="search-400-is-an-array"),
        pytest.param("addons/search/?page=0", {"detail": "Invalid page."}, id="page-0"),
        pytest.param("addons/search/?page=x", {"detail": "Invalid page."}, id="page-not-a-number"),
        pytest.param("addons/search/?page=99999", {"detail": "Invalid page."}, id="page-past-the-end"),
        pytest.param("addons/addon/no-such-add-on/", NOT_FOUND, id="unknown-add-on"),
        pytest.param("nowhere/", NOT_FOUND, id="unknown-path"),
    ],
)
def test_error_bodies(client: Client, version: str, path: str, body: Any) -> None:
    assert client.get(f"/api/{version}/{path}").json == body


@pytest.mark.parametrize("path", ["/api/v9/addons/search/", "/api/v5/", "/nothing"])
def test_paths_outside_are_json_404(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status, answer.json) == (404, NOT_FOUND)


@pytest.mark.parametrize("path", ["addons/search", "addons/categories", "addons/addon/tab-tree"])
def test_missing_slash_is_added_and_the_query_kept(client: Client, path: str) -> None:
    answer = client.get(f"/api/v5/{path}?a=1&b=%C3%A9")
    assert answer.status == 301
    assert answer.headers["Location"] == f"/api/v5/{path}/?a=1&b=%C3%A9"


def test_v3_has_no_site_endpoint(client: Client) -> None:
    assert client.get("/api/v3/site/").status == 404
    for version in ("v4", "v5"):
        answer = client.get(f"/api/{version}/site/")
        assert list(answer.json.items()) == [("read_only", False), ("notice", None)]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_405_with_allow(client: Client, method: str) -> None:
    answer = client.request(method, "/api/v5/addons/search/")
    assert (answer.status, answer.json) == (405, {"detail": f'Method "{method}" not allowed.'})
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (None, 200),
        ("*/*", 200),
        ("application/*", 200),
        ("application/json", 200),
        ("text/html, application/json;q=0.5", 200),
        ("text/html", 406),
        ("image/png, text/plain", 406),
    ],
)
def test_accept(client: Client, accept: str | None, status: int) -> None:
    answer = client.get(SEARCH.format("v5"), headers={"Accept": accept} if accept else {})
    assert answer.status == status
    if status == 406:
        assert answer.json == {"detail": "Could not satisfy the request Accept header."}


@pytest.mark.parametrize(("value", "status"), [("json", 200), ("xml", 404), ("", 200)])
def test_format_parameter(client: Client, value: str, status: int) -> None:
    assert client.get(SEARCH.format("v5"), params={"format": value}).status == status


class TestCors:
    @pytest.mark.parametrize("path", ["addons/search/", "addons/search/?app=x", "nowhere/"])
    def test_any_origin_on_every_answer(self, client: Client, path: str) -> None:
        answer = client.get(f"/api/v5/{path}", headers={"Origin": "https://example.org"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "origin" in answer.headers["Vary"]

    def test_without_origin_only_vary(self, client: Client) -> None:
        answer = client.get(SEARCH.format("v5"))
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "origin" in answer.headers["Vary"]

    def test_preflight(self, client: Client) -> None:
        headers = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
        answer = client.options(SEARCH.format("v5"), headers=headers)
        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["Content-Length"] == "0"
        allowed = set(answer.headers["Access-Control-Allow-Headers"].split(", "))
        assert {"authorization", "x-country-code", "content-type"} <= allowed
        assert answer.headers["Access-Control-Allow-Methods"] == "DELETE, GET, OPTIONS, PATCH, POST, PUT"
        assert answer.headers["Access-Control-Max-Age"] == "86400"

    def test_plain_options_describes_the_resource(self, client: Client) -> None:
        answer = client.options(SEARCH.format("v5"))
        assert answer.status == 200
        assert answer.json["renders"] == ["application/json"]
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


class TestCaching:
    @pytest.mark.parametrize(
        ("path", "headers", "control"),
        [
            ("addons/search/", {}, "max-age=360"),
            ("addons/categories/", {}, "max-age=21600"),
            ("addons/search/?disable_caching=1", {}, "s-maxage=0"),
            ("addons/search/?app=x", {}, "s-maxage=0"),
            ("addons/search/", {"Authorization": "Unknown x"}, "s-maxage=0"),
        ],
    )
    def test_cache_control(self, client: Client, path: str, headers: dict[str, str], control: str) -> None:
        assert client.get(f"/api/v5/{path}", headers=headers).headers["Cache-Control"] == control

    def test_etag_gives_304_without_a_body(self, client: Client, known: dict[str, Any]) -> None:
        addon = f"/api/v5/addons/addon/{known['slug']}/"
        for path in (SEARCH.format("v5"), addon, "/api/v4/addons/categories/"):
            first = client.get(path)
            again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
            assert (again.status, again.body) == (304, b""), path
            assert again.headers["ETag"] == first.headers["ETag"]
            assert client.get(path, headers={"If-None-Match": '"other"'}).status == 200
            assert client.get(path, headers={"If-None-Match": '"a", ' + first.headers["ETag"]}).status == 304

    def test_etag_differs_where_the_answer_does(self, client: Client) -> None:
        plain = client.get(SEARCH.format("v5")).headers["ETag"]
        for words in ({"params": {"lang": "fr"}}, {"headers": {"Accept-Language": "de"}}):
            assert client.get(SEARCH.format("v5"), **words).headers["ETag"] != plain

    def test_gzip_is_the_same_body(self, client: Client) -> None:
        plain = client.get(SEARCH.format("v5"))
        packed = client.get(SEARCH.format("v5"), headers={"Accept-Encoding": "gzip, deflate"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        assert "Accept-Encoding" in plain.headers["Vary"]

    def test_small_bodies_are_not_packed(self, client: Client) -> None:
        answer = client.get("/api/v5/site/", headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in answer.headers
        assert "Accept-Encoding" not in answer.headers["Vary"]


def test_head_is_get_without_a_body(client: Client, known: dict[str, Any]) -> None:
    for path in (SEARCH.format("v4"), f"/api/v3/addons/addon/{known['id']}/"):
        got, head = client.get(path), client.head(path)
        assert (head.status, head.body) == (200, b"")
        assert head.headers["Content-Length"] == str(len(got.body))
        assert head.headers["ETag"] == got.headers["ETag"]


def test_every_request_has_an_id(client: Client) -> None:
    ids = {client.get(SEARCH.format("v5")).headers["X-AMO-Request-ID"] for _ in range(5)}
    assert len(ids) == 5
    assert all(len(value) == 32 and int(value, 16) >= 0 for value in ids)


@pytest.mark.parametrize("identifier", ["id", "slug", "guid", "escaped guid"])
def test_one_add_on_by_each_name(client: Client, known: dict[str, Any], identifier: str) -> None:
    names = {**known, "escaped guid": "".join(f"%{byte:02X}" for byte in known["guid"].encode())}
    by_id = client.get(f"/api/v5/addons/addon/{known['id']}/")
    answer = client.get(f"/api/v5/addons/addon/{names[identifier]}/")
    assert (answer.status, answer.body) == (200, by_id.body)


class TestEnvelope:
    def test_keys_in_order(self, client: Client) -> None:
        for version in VERSIONS:
            answer = client.get(SEARCH.format(version)).json
            assert list(answer) == ["page_size", "page_count", "count", "next", "previous", "results"]

    @pytest.mark.parametrize(
        ("asked", "size"), [("10", 10), ("50", 50), ("51", 50), ("0", 25), ("-1", 25), ("x", 25), ("", 25)]
    )
    def test_page_size_is_clamped(self, client: Client, asked: str, size: int) -> None:
        assert client.get(SEARCH.format("v5"), params={"page_size": asked}).json["page_size"] == size

    def test_links_keep_and_sort_the_parameters(self, client: Client) -> None:
        answer = client.get(SEARCH.format("v5") + "?sort=users&page=2&lang=fr&page_size=5&empty=").json
        base = client.base + SEARCH.format("v5")
        assert answer["next"] == f"{base}?empty=&lang=fr&page=3&page_size=5&sort=users"
        assert answer["previous"] == f"{base}?empty=&lang=fr&page_size=5&sort=users"

    def test_last_page(self, client: Client) -> None:
        first = client.get(SEARCH.format("v5")).json
        last = client.get(SEARCH.format("v5"), params={"page": "last"}).json
        assert last["next"] is None
        assert len(last["results"]) == (first["count"] - 1) % 25 + 1

    def test_nothing_found_is_one_empty_page(self, client: Client) -> None:
        nothing = {"q": "zzzzqqqqxxxx", "tag": "no such tag"}
        answer = client.get(SEARCH.format("v5"), params=nothing).json
        assert (answer["count"], answer["page_count"], answer["results"]) == (0, 1, [])
        assert client.get(SEARCH.format("v5"), params={**nothing, "page": 2}).status == 404

    @sweep("version", VERSIONS)
    def test_walking_next_gives_every_add_on_once(self, client: Client, version: str) -> None:
        pages = [page.json for page in client.pages(SEARCH.format(version) + "?page_size=50&sort=users")]
        ids = [row["id"] for page in pages for row in page["results"]]
        assert len(ids) == len(set(ids)) == pages[-1]["count"]
