"""Limits of JSON bodies: bytes by endpoint, values, levels. The caller is checked before the body."""

from types import SimpleNamespace
from typing import Any

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from conf.limits import MAX_JSON_BYTES, MAX_JSON_DEPTH, MAX_JSON_ITEMS, MAX_TEXTS_BYTES
from handlers.http.bodies.bodies import parse, read_json
from handlers.http.replies.errors import Refusal
from handlers.urls import ROUTES
from tests.client import Client

# Those in which long texts are sent; every other one, a new one too, takes MAX_JSON_BYTES.
LONG_TEXTS = (
    *("addons/addon/", "ratings/rating/", "reviews/review/", "accounts/account/([^/]+)/"),
    "reviewers/addon/([0-9]+)/versions/([0-9]+)/draft_comments/",
)
NOBODY: Any = SimpleNamespace(context=None)
DEEP = b'{"a":' + b"[" * 30_000


def refused(body: bytes, limit: int = MAX_TEXTS_BYTES) -> tuple[int, str]:
    headers = HTTPHeaders({"Host": "x", "Content-Type": "application/json"})
    line = RequestStartLine("POST", "/", "HTTP/1.1")
    request = HTTPServerRequest(start_line=line, headers=headers, body=body, connection=NOBODY)
    with pytest.raises(Refusal) as caught:
        parse(request, "en-US", limit)
    return caught.value.status, caught.value.body["detail"]


def test_an_endpoint_takes_64_kilobytes_unless_it_has_long_texts() -> None:
    for route in ROUTES:
        if not route.path.startswith(LONG_TEXTS):
            assert route.handler.max_json_bytes() == MAX_JSON_BYTES == 65_536, route.path


def test_bytes_are_counted_before_anything_is_read() -> None:
    body = b"{" + b"x" * MAX_JSON_BYTES
    assert refused(body, MAX_JSON_BYTES) == (413, f"Request content length exceeds {MAX_JSON_BYTES}.")
    assert refused(body[:-1], MAX_JSON_BYTES)[0] == 400


def test_values_are_counted_before_anything_is_read() -> None:
    assert refused(b'{"a":[' + b"," * MAX_JSON_ITEMS) == (
        400,
        f"JSON parse error - more than {MAX_JSON_ITEMS} values",
    )


def nested(depth: int, *, of_objects: bool) -> bytes:
    start, end = (b'{"a":', b"}") if of_objects else (b"[", b"]")
    return start * (depth - 1) + (b'{"b":1}' if of_objects else b"[1]") + end * (depth - 1)


@pytest.mark.parametrize("of_objects", [False, True])
def test_levels_are_counted(of_objects: bool) -> None:
    read_json(nested(MAX_JSON_DEPTH, of_objects=of_objects), "en-US")
    beside = b"[" + b"[]," * 30 + b"1]"
    assert read_json(beside, "en-US")[-1] == 1  # many beside each other are not deep
    for depth in (MAX_JSON_DEPTH + 1, 100):
        with pytest.raises(Refusal) as caught:
            read_json(nested(depth, of_objects=of_objects), "en-US")
        assert f"nested deeper than {MAX_JSON_DEPTH} levels" in caught.value.body["detail"]


@pytest.mark.parametrize("body", [DEEP, b"x" * 60_000], ids=["deep", "no JSON"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "addons/addon/"),
        ("PATCH", "site/"),
        ("POST", "ratings/rating/"),
        ("PATCH", "accounts/account/1/"),
    ],
)
def test_who_sends_it_comes_first(client: Client, method: str, path: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert client.request(method, f"/api/v5/{path}", headers=headers, body=body).status == 401


def test_the_secret_of_a_mail_comes_first(client: Client) -> None:
    body = b'{"SecretKey":"another","Message":[' + b"[]," * 90_000 + b"1]}"
    headers = {"Content-Type": "application/json"}
    assert client.post("/api/v5/activity/mail", headers=headers, body=body).status == 403
