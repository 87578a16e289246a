"""Bodies of writes: what is read, and what is refused before and after it (contract/writes.md 1.2).

Rules: contract/writes.md 1.
"""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from server.auth.credentials.tokens import make_token
from server.embedded.mongod import OwnMongod
from tests.client import Answer
from tests.factories import make_addon, make_user
from tests.handlers.signed_client import KEYRING, Api, lines, signed

ANN = make_user()
PATH = "/api/v5/addons/addon/tab-tree/"
LIMIT = 5000
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=XX"
JSON = "application/json"


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    documents = [*lines("user", ANN), *lines("addon", make_addon())]
    settings = {"AMOEBA_THROTTLING": "false", "AMOEBA_MAX_BODY_BYTES": str(LIMIT)}
    with signed(tmp_path_factory.mktemp("bodies"), documents, mongod, **settings) as started:
        yield started


def send(api: Api, kind: str | None, body: bytes, method: str = "PATCH") -> Answer:
    headers = {"Authorization": f"Bearer {make_token(ANN, KEYRING)}"}
    if kind is not None:
        headers["Content-Type"] = kind
    return api.request(method, PATH, headers=headers, body=body)


def part(name: str, value: str, filename: str = "") -> bytes:
    file = f'; filename="{filename}"' if filename else ""
    return f'--XX\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{value}\r\n'.encode()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param(JSON, b'{"is_experimental": true}', id="json"),
        pytest.param(JSON + "; charset=utf-8", b'{"is_experimental": true}', id="json-with-charset"),
        pytest.param(FORM, b"is_experimental=false&is_experimental=true", id="form-last-value-wins"),
        pytest.param(MULTIPART, part("is_experimental", "true") + b"--XX--\r\n", id="multipart"),
    ],
)
def test_a_body_is_read(api: Api, kind: str, body: bytes) -> None:
    assert send(api, JSON, b'{"is_experimental": false}').json["is_experimental"] is False
    answer = send(api, kind, body)
    assert (answer.status, answer.json["is_experimental"]) == (200, True)


@pytest.mark.parametrize("kind", [JSON, FORM, None])
def test_no_body_changes_nothing(api: Api, kind: str | None) -> None:
    assert send(api, kind, b"").status == 200


@pytest.mark.parametrize(
    ("kind", "body", "status", "told"),
    [
        pytest.param(
            JSON,
            b"x",
            400,
            {"detail": "JSON parse error - Expecting value: line 1 column 1 (char 0)"},
            id="no-json",
        ),
        pytest.param(
            JSON,
            b'["a"]',
            400,
            {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]},
            id="no-object",
        ),
        pytest.param(
            "text/plain", b"x", 415, {"detail": 'Unsupported media type "text/plain" in request.'}, id="text"
        ),
        pytest.param(None, b"{}", 415, {"detail": 'Unsupported media type "" in request.'}, id="untold"),
    ],
)
def test_a_body_is_refused(api: Api, kind: str | None, body: bytes, status: int, told: Any) -> None:
    answer = send(api, kind, body)
    assert (answer.status, answer.json) == (status, told)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param(JSON, b"\xff\xfe", id="no-utf-8"),
        pytest.param(JSON, b'{"name": {"en-US": "\\ud800"}}', id="half-a-character"),
        pytest.param(JSON, b"[" * 4000, id="too-deep"),
        pytest.param(JSON, b'{"is_experimental": NaN}', id="not-a-number"),
        pytest.param("multipart/form-data", b"x", id="multipart-without-boundary"),
        pytest.param(MULTIPART, b"--XX\r\n", id="multipart-without-end"),
    ],
)
def test_a_broken_body_is_told_in_json(api: Api, kind: str, body: bytes) -> None:
    answer = send(api, kind, body)
    assert answer.status == 400
    assert " parse error - " in answer.json["detail"]


@pytest.mark.timed
def test_a_body_that_is_too_large_is_refused_before_it_is_sent(api: Api) -> None:
    host = urlsplit(api.base)
    started = time.monotonic()
    with socket.create_connection((host.hostname, host.port), timeout=5) as connection:
        head = f"PATCH {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {10**9}\r\n\r\n"
        connection.sendall(head.encode())
        answer = b""
        while b"}" not in answer:
            answer += connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 413 ")
    body = answer.partition(b"\r\n\r\n")[2]
    assert json.loads(body) == {"detail": f"Request content length exceeds {LIMIT}."}
    assert time.monotonic() - started < 1


def test_who_sends_it_all_the_same_gets_the_answer(api: Api) -> None:
    answer = send(api, JSON, b"x" * (LIMIT + 1))
    assert (answer.status, answer.json) == (413, {"detail": f"Request content length exceeds {LIMIT}."})
    api.close()
    assert send(api, JSON, b'{"is_experimental": true}').status == 200


def test_an_icon_is_looked_at(api: Api) -> None:
    answer = send(api, MULTIPART, part("icon", "GIF89a", "icon.gif") + b"--XX--\r\n")
    assert (answer.status, answer.json) == (400, {"icon": ["Images must be either PNG or JPG."]})
    answer = send(api, MULTIPART, part("icon", "") + b"--XX--\r\n")
    assert answer.status == 200
