"""One read has one answer: the same by the fast lane and through a RequestHandler.

A GET that announces a body, of no bytes, goes the long way; all else of it is the same.
"""

import http.client
import socket
from itertools import cycle, product
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from conf.vocabulary import VERSIONS
from tests.client import Answer, Client, send_raw
from tests.sweep import sweep

LONG_WAY = {"Content-Length": "0"}
ONLY_ITS_OWN = {"date", "x-amo-request-id", "x-request-id"}
PATHS = (
    "addons/search/?q=tab&app=firefox",
    "addons/search/?page=2&page_size=5&lang=fr",
    "addons/search/?page=0",
    "addons/search/?facets=type,tag&fields=id,name&license=mit&page_size=3",
    "addons/search/?fields=x",
    "addons/search/?app=nothing",
    "addons/search/?lang=%3Cb%3E",
    "addons/search/?format=json",
    "addons/search/?format=xml",
    "addons/search/?disable_caching",
    "addons/autocomplete/?q=ta",
    "addons/categories/",
    "addons/language-tools/?app=firefox",
    "addons/recommendations/?guid=a@b",
    "addons/replacement-addon/",
    "addons/browser-mappings/?browser=chrome",
    "discovery/",
    "discovery/editorial/?recommended=true",
    "site/",
    "addons/addon/{}/",
    "addons/addon/{}/?lang=de&app=android&show_grouped_ratings=true",
    "addons/addon/{}/?show_grouped_ratings=x",
    "addons/addon/{}/versions/",
    "addons/addon/{}/?fields=id,name",
    "addons/addon/{}/eula_policy/",
    "addons/search/?" + "&".join(f"a{number}=1" for number in range(1001)),
    "addons/search/?q=" + "x" * 16_384,
    "/update/?id={1}&appID=%7Bec8030f7-c20a-464f-9b0e-13a3a9e97384%7D&appVersion=128.0",
    "/update/VersionCheck.php?id={1}",
    "/api/updates/{1}.json",
    "/api/updates/no%40where.json",
)
HEADERS: dict[str, dict[str, str]] = {
    "none": {},
    "a page's Accept": {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"},
    "no JSON": {"Accept": "text/html"},
    "almost JSON": {"Accept": "application/json-seq"},
    "JSON never": {"Accept": "application/json;q=0, */*"},
    "anything, never": {"Accept": "*/*; q=0.0"},
    "language": {"Accept-Language": "de-AT, fr;q=0.5"},
    "browser": {"User-Agent": "Mozilla/5.0 (Android 14; Mobile; rv:120.0) Gecko/120.0 Firefox/120.0"},
    "country": {"X-Country-Code": "de"},
    "no country": {"X-Country-Code": "nowhere"},
    "origin": {"Origin": "https://a.example"},
    "gzip": {"Accept-Encoding": "gzip"},
    "unknown credentials": {"Authorization": "Unknown x"},
    "any tag": {"If-None-Match": "*"},
    "long headers": {"X-Long": "x" * 20_000, "X-Longer": "x" * 13_000},
    "another host": {"Host": "elsewhere.example"},
}


def what_counts(answer: Answer) -> dict[str, Any]:
    assert answer.headers["Date"].endswith(" GMT")
    assert len(answer.headers["X-AMO-Request-ID"]) == 32
    headers = {name.lower(): value for name, value in answer.headers.items()}
    for name in ONLY_ITS_OWN:
        del headers[name]
    return {"status": answer.status, "headers": headers, "body": answer.body}


@pytest.fixture(scope="module")
def names(client: Client) -> tuple[str, str]:
    """A slug and a guid."""
    addon = client.get("/api/v5/addons/search/?type=extension").json["results"][0]
    return addon["slug"], quote(addon["guid"])


# Versions take turns: every path is asked of each, and with every header of one.
ASKED = list(zip(product(PATHS, HEADERS.values()), cycle(VERSIONS), strict=False))


@sweep("what, version", ASKED)
def test_both_lanes_say_the_same(
    client: Client, names: tuple[str, str], what: tuple[str, dict[str, str]], version: str
) -> None:
    path, headers = what
    url = ("" if path.startswith("/") else f"/api/{version}/") + path.format(*names)
    for ask in (client.get, client.head):
        fast = ask(url, headers=headers)
        assert what_counts(ask(url, headers=headers | LONG_WAY)) == what_counts(fast)
        assert what_counts(ask(url, headers=headers)) == what_counts(fast), "kept, it is another"


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json-seq", 406),
        ("application/json;q=0", 406),
        ("application/json;q=0, */*", 406),
        ("application/*;q=0, application/json", 200),
        ("*/*;q=0.001", 200),
        ("APPLICATION/JSON ; charset=utf-8", 200),
        ("x" * 12_000, 406),
    ],
)
def test_the_narrowest_range_decides(client: Client, accept: str, status: int) -> None:
    for _ in range(3):  # once it is ready as well
        assert client.get("/api/v5/addons/search/", headers={"Accept": accept}).status == status


@pytest.mark.parametrize("path", ["addons/search/?q=Übersicht タブ&page_size=1", "addons/addon/日本語/"])
@pytest.mark.parametrize("lane", ["", "Content-Length: 0\r\n"], ids=["fast", "long"])
def test_raw_utf8_is_read_as_if_percent_encoded(client: Client, path: str, lane: str) -> None:
    """contract/requests.md 2"""
    raw = path.replace(" ", "+")
    encoded = client.get(f"/api/v5/{quote(raw, safe='/?&=+')}")
    head = f"GET /api/v5/{raw} HTTP/1.1\r\nHost: {urlsplit(client.base).netloc}\r\n{lane}\r\n"
    answer = send_raw(client.base, head.encode())
    assert (answer.status, answer.body) == (encoded.status, encoded.body)


@pytest.mark.parametrize("lane", ["", "Content-Length: 0\r\n"], ids=["fast", "long"])
def test_raw_utf8_needs_no_host_in_http_1_0(client: Client, lane: str) -> None:
    head = f"GET /api/v5/addons/search/?q=Übersicht HTTP/1.0\r\n{lane}\r\n"
    assert send_raw(client.base, head.encode()).status == 200


def test_one_representation_has_one_tag(client: Client, names: tuple[str, str]) -> None:
    path = f"/api/v5/addons/addon/{names[0]}/"
    tag = client.get(path).headers["ETag"]
    asked = {"Authorization": "Unknown x", "If-None-Match": tag}
    for headers in (asked, asked | LONG_WAY):
        answer = client.get(path, headers=headers)
        assert (answer.status, answer.headers["Cache-Control"]) == (304, "s-maxage=0")


# What the header says of the connection, by the version of HTTP it is in, and whether the connection ends.
CONNECTIONS = [
    ("HTTP/1.1", "", None, False),
    ("HTTP/1.1", "Connection: keep-alive\r\n", None, False),
    ("HTTP/1.1", "connection: Close\r\n", "close", True),
    ("HTTP/1.0", "", None, True),
    ("HTTP/1.0", "Connection: Keep-Alive\r\n", "Keep-Alive", False),
]
URL = "/api/v5/addons/search/?page_size=1"


@pytest.mark.parametrize("way", ["", "Content-Length: 0\r\n"], ids=["fast", "long"])
def test_a_connection_goes_on_as_it_was_asked_to(client: Client, way: str) -> None:
    parts = urlsplit(client.base)
    for version, header, said, ends in CONNECTIONS:
        request = f"GET {URL} {version}\r\nHost: {parts.netloc}\r\n{header}{way}\r\n".encode()
        with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
            for _ in range(1 if ends else 2):
                connection.sendall(request)
                response = http.client.HTTPResponse(connection)
                response.begin()
                assert (response.status, response.getheader("Connection")) == (200, said), (version, header)
                assert len(response.read()) == int(response.getheader("Content-Length") or 0)
            if ends:
                assert connection.recv(1) == b"", (version, header)


# Lines that end without a return, and an empty one before the first, are for Tornado; the rest is refused.
@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([f"GET {URL} HTTP/1.1", "Host: {}", "X: a\tb\u00e9 "], 200),
        (["", f"GET {URL} HTTP/1.1", "Host: {}"], 200),
        ([f"GET {URL} HTTP/1.1\nHost: {{}}"], 200),
        ([f"GET {URL} HTTP/1.1", "Host: {}", "Host: {}"], 400),
        ([f"GET {URL} HTTP/1.1", "Host: {}", "X : a"], 400),
        ([f"GET {URL} HTTP/1.1", "Host: {}", "X: a\x00"], 400),
        ([f"GET {URL} HTTP/1.1", "Host: {}", " X: a"], 400),
        ([f"GET {URL} a HTTP/1.1", "Host: {}"], 400),
        ([f"GET {URL} HTTP/2.0", "Host: {}"], 400),
    ],
)
def test_a_header_is_what_tornado_takes_for_one(client: Client, lines: list[str], status: int) -> None:
    request = "\r\n".join([*lines, "", ""]).replace("{}", urlsplit(client.base).netloc)
    assert send_raw(client.base, request.encode("latin-1")).status == status
