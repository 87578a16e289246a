"""What two answers differ in: a table of cases, one a rule of server/replay/README.md."""

import json
from typing import Any

import pytest

from server.outside.http_client import NoAnswer, ServiceAnswer
from server.replay.answers import compare, outcome
from server.replay.differences import Difference
from server.replay.rules import read_rules

A, B = "http://a.example:8000", "https://b.example"
JSON = {"Content-Type": "application/json"}


def page(*rows: object, count: int = 2, **more: object) -> dict[str, object]:
    same = {"page_size": 25, "page_count": 1, "count": count, "next": None, "previous": None}
    return {**same, "results": list(rows), **more}


def answer(body: Any, status: int = 200, **headers: str) -> ServiceAnswer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ServiceAnswer(status, JSON | named, text)


def compared(a: Any, b: Any, *ignored: str, target: str = "/api/v5/x/") -> list[Difference]:
    """`a` and `b` are answers, or bodies of such."""
    of_a, of_b = (one if isinstance(one, ServiceAnswer | NoAnswer) else answer(one) for one in (a, b))
    return compare(target, of_a, of_b, read_rules(ignored, [A], [B]))


X, Y = {"id": 1, "name": "x"}, {"id": 2, "name": "y"}
SAME: dict[str, tuple[Any, Any]] = {
    "order of keys, blanks": (b'{"a": 1, "b": 2}', b'{"b":2,"a":1}'),
    "a number however it is written": ({"average": 4.0}, {"average": 4}),
    "each site's own address": (
        {"url": f"{A}/en-US/", "text": f"see {A}/x and {A}"},
        {"url": f"{B}/en-US/", "text": f"see {B}/x and {B}"},
    ),
    "addresses of the next page": (
        page(X, Y, count=50, next=f"{A}/api/v5/x/?page=2&q=a+b"),
        page(X, Y, count=50, next=f"{B}/api/v5/x/?q=a%20b&page=2"),
    ),
    "case and order in headers": (
        answer({}, Vary="Origin, Accept-Language", Content_Type="application/json; charset=UTF-8"),
        answer({}, Vary="accept-language,origin", Content_Type="application/json;charset=utf-8"),
    ),
    "headers that are no contract": (answer({}, ETag='"1"', Server="x"), answer({}, ETag='"2"')),
    "the address of a redirect": (
        answer(b"", 301, Location=f"{A}/x/"),
        answer(b"", 301, Location=f"{B}/x/"),
    ),
    "the same refusal": (answer({"detail": "Not found."}, 404), answer({"detail": "Not found."}, 404)),
}


def test_what_is_identical() -> None:
    assert {name: compared(a, b) for name, (a, b) in SAME.items() if compared(a, b)} == {}


# A rule -> two bodies or answers, and what is told: kind, path, general path, what stands in each.
DATA: dict[str, tuple[Any, Any, list[tuple[Any, ...]]]] = {
    "a value": ({"a": {"b": 1}}, {"a": {"b": 2}}, [("value", "a.b", "a.b", "1", "2")]),
    "a text, where it parts": (
        {"a": "x" * 100 + "tab" + "y" * 100},
        {"a": "x" * 100 + "tree" + "y" * 100},
        [("value", "a", "a", f"…{'x' * 11}tab{'y' * 46}…", f"…{'x' * 11}tree{'y' * 45}…")],
    ),
    "what is not set": ({"a": None}, {"a": {"b": 1}}, [("null", "a", "a", "null", "{…}")]),
    "a language": (
        {"name": {"en-US": "x", "de": "y"}},
        {"name": {"en-US": "x"}},
        [("entry", "name.de", "name.*", "y", None)],
    ),
    "an application": ({"c": {}}, {"c": {"android": [1]}}, [("entry", "c.android", "c.*", None, "[…]")]),
    "a value of a facet": (
        page(facets={"tag": [{"value": "art", "count": 3}, {"value": "music", "count": 1}]}),
        page(facets={"tag": [{"value": "art", "count": 2}]}),
        [
            ("rows", "facets.tag", "facets.tag", "music", None),
            ("value", "facets.tag[value=art].count", "facets.tag[].count", "3", "2"),
        ],
    ),
    "rows": (page(X), page(Y), [("rows", "results", "results", "1", "2")]),
    "a row more, none shifted": (
        page(X, Y),
        page({"id": 3, "name": "z"}, X, Y, count=3),
        [("value", "count", "count", "2", "3"), ("rows", "results", "results", None, "3")],
    ),
    "what a row has, wherever it stands": (
        page(X, Y),
        page({"id": 3, "name": "z"}, X | {"name": "w"}),
        [
            ("rows", "results", "results", "2", "3"),
            ("value", "results[id=1].name", "results[].name", "x", "w"),
        ],
    ),
    "values in a list": ({"tags": ["a", "b"]}, {"tags": ["b", "c"]}, [("rows", "tags", "tags", "a", "c")]),
    "rows that have no name": (
        {"a": [{"x": 1}, {"x": 1}]},
        {"a": [{"x": 2}]},
        [("value", "a[0].x", "a[].x", "1", "2"), ("rows", "a", "a", "2 rows", "1 rows")],
    ),
    "what is no JSON": (
        answer(b"a cat", Content_Type="text/plain"),
        answer(b"a dog", Content_Type="text/plain"),
        [("body", "body", "body", "a cat", "a dog")],
    ),
    "bytes": (
        answer(b"\xff\x00", Content_Type="image/png"),
        answer(b"\xff", Content_Type="image/png"),
        [("body", "body", "body", "2 bytes", "1 other bytes")],
    ),
}
BEHAVIOUR: dict[str, tuple[Any, Any, list[tuple[Any, ...]]]] = {
    "another status, and nothing else of it": (
        answer({"detail": "x"}, 404),
        answer({}, 401, WWW_Authenticate="JWT"),
        [("status", "status", "status", "404", "401")],
    ),
    "a header": (
        answer({}, Cache_Control="max-age=360"),
        answer({}, Cache_Control="s-maxage=0"),
        [("header", "headers.cache-control", "headers.cache-control", "max-age=360", "s-maxage=0")],
    ),
    "no such header": (
        answer({}, Allow="GET"),
        answer({}),
        [("header", "headers.allow", "headers.allow", "get", None)],
    ),
    "a media type, whatever the bodies are": (
        answer({}),
        answer(b"<p>", Content_Type="text/html"),
        [("header", "headers.content-type", "headers.content-type", "application/json", "text/html")],
    ),
    "a key in every row": (
        page(X, Y),
        page({"id": 1}, {"id": 2}),
        [
            ("key", "results[id=1].name", "results[].name", "x", None),
            ("key", "results[id=2].name", "results[].name", "y", None),
        ],
    ),
    "a key, though no row is the same": (
        page(X),
        page({"id": 2}),
        [
            ("rows", "results", "results", "1", "2"),
            ("key", "results[id=1].name", "results[].name", "x", None),
        ],
    ),
    "a type": ({"a": 1}, {"a": "1"}, [("type", "a", "a", "1", "1")]),
    "true is no number": ({"a": True}, {"a": 1}, [("type", "a", "a", "true", "1")]),
    "a text instead of languages": (
        {"name": "x"},
        {"name": {"en-US": "x"}},
        [("type", "name", "name", "x", "{…}")],
    ),
    "the order of rows": (page(X, Y), page(Y, X), [("order", "results[0]", "results[]", "1", "2")]),
    "the order of values": (
        {"tags": ["a", "b", "c"]},
        {"tags": ["a", "c", "b"]},
        [("order", "tags[1]", "tags[]", "b", "c")],
    ),
    "the size of a page": (
        page(X, Y),
        page(X, Y, page_size=50),
        [("page", "page_size", "page_size", "25", "50")],
    ),
    "rows of a page, of as many": (
        page(X, Y),
        page(X),
        [("page", "results", "results", "2", "1"), ("rows", "results", "results", "2", None)],
    ),
    "the next page, of as many": (
        page(X, Y, next=f"{A}/?page=2"),
        page(X, Y),
        [("page", "next", "next", "[…]", "null")],
    ),
}
ERRORS: dict[str, tuple[Any, Any, list[tuple[Any, ...]]]] = {
    "nobody there": (NoAnswer("TimeoutError"), {}, [("no answer", "a", "a", "TimeoutError", None)]),
    "both are ill": (
        answer(b"", 503),
        NoAnswer("x"),
        [("server error", "a", "a", "503", None), ("no answer", "b", "b", None, "x")],
    ),
    "too many requests": ({}, answer({}, 429), [("server error", "b", "b", None, "429")]),
    "JSON that breaks off": (
        {},
        b'{"a": 1',
        [("broken answer", "b", "b", None, "unexpected end of data: line 1 column 8 (char 7)")],
    ),
    "JSON without end": (
        b"[" * 900 + b"]" * 900,
        b"[" * 900 + b"1" + b"]" * 900,
        [("broken answer", "a", "a", "JSON that is nested too deep", None)],
    ),
}


@pytest.mark.parametrize(
    "name, table",
    [("data differs", DATA), ("behaviour differs", BEHAVIOUR), ("error", ERRORS)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_told(name: str, table: dict[str, tuple[Any, Any, list[tuple[Any, ...]]]]) -> None:
    wrong = {}
    for rule, (a, b, expected) in table.items():
        differences = compared(a, b)
        if [tuple(one) for one in differences] != expected or outcome(differences) != name:
            wrong[rule] = (outcome(differences), differences)
    assert wrong == {}


# What is ignored -> two bodies that then are the same.
IGNORED: dict[str, tuple[Any, Any]] = {
    "url_host": ({"a": "see https://x.example/1"}, {"a": f"see {B}/1"}),
    "redirector": ({"a": f"http://o/v1/{'a' * 64}/http%3A//x"}, {"a": f"http://o/v1/{'b' * 64}/http%3A//x"}),
    "hit_counts": (
        page(X, Y, page_count=3, count=60, next=f"{A}/?page=2"),
        page(X, Y, page_count=2, count=30, next=None),
    ),
    "statistics": (page(X | {"weekly_downloads": 1}), page(X | {"weekly_downloads": 2})),
    "order": (page(X, Y), page(Y, X)),
    "results.name": (page(X), page({"id": 1})),
    "results[].name": (page(X), page(X | {"name": None})),
    "name": ({"a": [{"name": 1, "b": {"name": 2}}]}, {"a": [{"name": 1, "b": {}}]}),
    "headers.vary": (answer({}, Vary="Origin"), answer({})),
    "headers": (answer({}, Vary="Origin"), answer({}, Allow="GET")),
}


def test_what_is_ignored() -> None:
    assert [name for name, (a, b) in IGNORED.items() if compared(a, b, name) or not compared(a, b)] == []


def test_rows_that_are_drawn_have_no_order() -> None:
    for target in ("/api/v5/addons/search/?sort=random", "/api/v3/addons/featured/?app=firefox"):
        assert compared(page(X), page(Y), target=target) == []
        assert compared(page(X), page({"id": 2}), target=target)[0][0] == "key"


def test_differences_are_bounded() -> None:
    assert len(compared({str(n): n for n in range(5_000)}, {})) == 200
