"""429 over HTTP: where in the order of checks, what it says, who is free (contract/auth.md 3, 6)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from conf.limits import MAX_TEXTS_BYTES
from server.embedded.mongod import OwnMongod
from tests.client import send_raw
from tests.factories import make_addon, make_user
from tests.handlers.signed_client import Api, lines, signed

ANN = make_user(_id=7)
BOB = make_user(_id=8, username="bob")
CAT = make_user(_id=9, username="cat")
ROBOT = make_user(_id=10, username="robot", permissions=["API:BypassThrottling"])
READERS = [make_user(_id=100 + number, username=f"reader{number}") for number in range(10)]
RATING = {
    "_id": 1,
    "addon_id": 1,
    "version_id": 10,
    "version": "1.0",
    "user_id": 9,
    "score": 4,
    "body": "Good.",
    "is_latest": True,
    "created": "2024-01-01T00:00:00Z",
    "modified": "2024-01-01T00:00:00Z",
}
DOCUMENTS = [
    *lines("user", ANN, BOB, CAT, ROBOT, *READERS),
    *lines("addon", make_addon()),
    *lines("rating", RATING),
]
READ_LIMIT = 40
FORM = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": "0"}
POST, ONE = "ratings/rating/", "ratings/rating/1/"
REPLY, FLAG = f"{ONE}reply/", f"{ONE}flag/"


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Each test comes with users, or from addresses, of its own."""
    folder = tmp_path_factory.mktemp("throttling")
    settings = {
        "AMOEBA_TRUSTED_PROXIES": "127.0.0.1",
        "AMOEBA_READ_LIMIT": str(READ_LIMIT),
        "AMOEBA_UNLIMITED_CLIENTS": "198.51.100.0/24",
    }
    with signed(folder, DOCUMENTS, mongod, **settings) as api:
        yield api


def _from(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


def _wait(answer: Any) -> int:
    assert answer.status == 429, answer.body
    seconds = int(answer.headers["Retry-After"])
    unit = "second" if seconds == 1 else "seconds"
    assert answer.json == {"detail": f"Request was throttled. Expected available in {seconds} {unit}."}
    return seconds


def test_of_a_user_who_comes_too_often(api: Api) -> None:
    """What is asked for is not looked at; the one before counted though it was refused."""
    body = {"addon": "nothing"}
    assert api.ask("POST", "v5", POST, READERS[0], body, **_from("192.0.2.1")).status == 404
    assert 50 <= _wait(api.ask("POST", "v4", POST, READERS[0], body, **_from("192.0.2.2"))) <= 60


def test_of_an_address_whatever_the_name(api: Api) -> None:
    assert api.ask("POST", "v5", POST, READERS[1], {}, **_from("192.0.2.3")).status == 400
    assert 50 <= _wait(api.ask("POST", "v5", POST, READERS[2], {}, **_from("192.0.2.3"))) <= 60
    assert api.ask("POST", "v5", POST, READERS[3], {}, **_from("192.0.2.4")).status == 400


def test_who_is_not_signed_in_is_told_so_first(api: Api) -> None:
    assert {api.ask("POST", "v5", POST, None, {}, **_from("192.0.2.5")).status for _ in range(3)} == {401}


def test_reading_is_free(api: Api) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        assert {api.ask(method, "v5", f"{POST}?addon=1", BOB).status for _ in range(3)} == {200}


def test_is_told_in_the_callers_language(api: Api) -> None:
    for _ in range(2):
        answer = api.ask("POST", "v5", f"{POST}?lang=fr", READERS[4], {}, **_from("192.0.2.6"))
    assert answer.status == 429
    assert not answer.json["detail"].startswith("Request was throttled.")


def test_who_may_bypass_it_is_free(api: Api) -> None:
    assert {api.ask("POST", "v5", POST, ROBOT, {}).status for _ in range(3)} == {400}


def test_editing_and_deleting_share_a_budget(api: Api) -> None:
    for method in ("PATCH", "DELETE", "PATCH", "DELETE", "PATCH"):
        assert api.ask(method, "v5", ONE, BOB, {}).status == 403
    assert 50 <= _wait(api.ask("DELETE", "v5", ONE, BOB)) <= 60


def test_replies(api: Api) -> None:
    assert api.ask("POST", "v5", REPLY, ANN, {"body": "Thanks"}).status == 201
    assert 1 <= _wait(api.ask("POST", "v5", REPLY, ANN, {"body": "Thanks"})) <= 5


def test_flags(api: Api) -> None:
    flag = {"flag": "rating_flag_reason_spam"}
    assert {api.ask("POST", "v5", FLAG, BOB, flag).status for _ in range(20)} == {202}
    assert _wait(api.ask("POST", "v5", FLAG, BOB, flag)) > 86_000


# Reads of both lanes, with and without a body announced, and of nothing that is there.
READS: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "/api/v5/addons/search/", {}),
    ("HEAD", "/api/v4/addons/addon/1/", {}),
    ("GET", "/api/v5/addons/addon/1/", {"Content-Length": "0"}),
    ("GET", "/api/v5/accounts/profile/", {}),
    ("OPTIONS", "/api/v5/addons/search/", {}),
    ("GET", "/api/v5/addons/search/", FORM),
    ("GET", "/nothing/", {}),
    ("GET", "/update/?id=x", {}),
    ("GET", "/", {}),
]


def test_reads_have_a_limit_where_there_is_one(api: Api) -> None:
    """Whatever lane they take (contract/auth.md 6); those who watch over the server have none."""
    here = _from("203.0.113.7")
    for number in range(READ_LIMIT):
        method, path, headers = READS[number % len(READS)]
        assert api.request(method, path, headers=headers | here).status != 429, (number, path)
    for method, path, headers in READS:
        # Once a new minute has begun, the one before counts for less and less, so that some more get through.
        tries = (api.request(method, path, headers=headers | here) for _ in range(5))
        answer = next(answer for answer in tries if answer.status == 429)
        assert 1 <= int(answer.headers["Retry-After"]) <= 121, path
        if method != "HEAD":
            _wait(answer)
    lines = ("GET / HTTP/1.1", f"Host: {urlsplit(api.base).netloc}", "X-Forwarded-For: 203.0.113.7")
    header = "\r\n".join([*lines, "Transfer-Encoding: chunked", "", ""]).encode()
    chunk = b"%x\r\n%b\r\n" % (MAX_TEXTS_BYTES + 1, b" " * (MAX_TEXTS_BYTES + 1))
    assert send_raw(api.base, header + chunk + b"0\r\n\r\n").status == 413, "it ends where others' do"
    for path in ("/__heartbeat__", "/__lbheartbeat__", "/__version__"):
        assert api.request("GET", path, headers=here).status == 200, path
    assert api.ask("POST", "v5", POST, None, {}, **here).status == 401, "a write is no read"
    for other in ("203.0.113.8", "198.51.100.1"):
        assert api.request("GET", READS[0][1], headers=_from(other)).status == 200
    unlimited = _from("198.51.100.1")
    counted = {api.request("GET", READS[0][1], headers=unlimited).status for _ in range(READ_LIMIT + 5)}
    assert counted == {200}


def test_what_came_by_https_is_told_to_stay_there(api: Api) -> None:
    for path in ("/api/v5/addons/search/", "/api/v5/accounts/profile/", "/nothing/", "/"):
        by_http = api.request("GET", path, headers=_from("198.51.100.1"))
        by_https = api.request("GET", path, headers={"X-Forwarded-Proto": "https", **_from("198.51.100.1")})
        assert "Strict-Transport-Security" not in by_http.headers, path
        assert by_https.headers["Strict-Transport-Security"] == "max-age=31536000", path
        for answer in (by_http, by_https):
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert answer.headers["X-Frame-Options"] == "DENY", path
