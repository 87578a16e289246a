"""Packages sent, and how they are told of; form and order of refusals (contract/uploads.md 1 and 2).

Rules: contract/uploads.md 2.1, 2.2 and 2.3.
"""

import http.client
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, Api, authorization
from tests.handlers.upload_client import processed, send, upload
from tests.handlers.writable_server import DENIED, DEVELOPER, OUTDATED, OWNER, STRANGER, writing
from tests.packages import BOUNDARY, form, package
from tests.sweep import sweep

PATH = "v5/addons/upload/"
LIMIT = 3_000_000
MISSING = ['Missing "upload" key in multipart file data.']
NO_CHANNEL = ['Missing "channel" arg.']
HEADERS = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
FILE = ("tree.xpi", package())


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("uploads")
    with writing(folder, mongod, AMOEBA_MAX_PACKAGE_BYTES=str(LIMIT), AMOEBA_BODY_TIMEOUT="2") as started:
        yield started


def post(api: Api, body: bytes, user: Any = OWNER, **headers: str) -> Any:
    return api.request("POST", f"/api/{PATH}", headers=HEADERS | headers | authorization(user), body=body)


def begun(api: Api, user: Any, length: int) -> socket.socket:
    """A connection on which the body of an upload would come next."""
    host, _, port = api.base.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=9)
    lines = [f"POST /api/{PATH} HTTP/1.1", f"Host: {host}", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in (HEADERS | authorization(user)).items()]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


class TestSending:
    def test_it_is_there_at_once_and_processed_later(self, api: Api) -> None:
        answer = send(api, OWNER, "POST", PATH, upload=FILE, channel="unlisted")
        assert answer.status == 201
        sent = answer.json
        assert sent == {
            "uuid": sent["uuid"],
            "channel": "unlisted",
            "processed": False,
            "submitted": False,
            "url": f"https://addons.example.org/api/v5/addons/upload/{sent['uuid']}/",
            "valid": False,
            "validation": None,
            "version": None,
        }
        processed_upload = processed(api, OWNER, sent["uuid"])
        assert (processed_upload["processed"], processed_upload["valid"], processed_upload["version"]) == (
            True,
            True,
            "1.0",
        )
        assert processed_upload["validation"]["success"] is True
        assert processed_upload["validation"]["errors"] == 0
        assert processed_upload["validation"]["metadata"]["listed"] is False
        message_ids = [message["id"] for message in processed_upload["validation"]["messages"]]
        assert ["validation", "messages", "not_scanned"] in message_ids

    @pytest.mark.parametrize("name", ["tree.txt", "tree"])
    def test_what_is_wrong_with_it_is_said_later(self, api: Api, name: str) -> None:
        uploaded = upload(api, OWNER, b"nothing", name=name)
        assert (uploaded["valid"], uploaded["validation"]["errors"]) == (False, 1)
        assert uploaded["validation"]["messages"][0]["message"].startswith("Unsupported file type")

    @pytest.mark.parametrize(
        ("parts", "said"),
        [
            ({"channel": "listed"}, MISSING),
            ({"upload": "text", "channel": "listed"}, MISSING),
            ({}, MISSING),
            ({"upload": FILE}, NO_CHANNEL),
            ({"upload": FILE, "channel": "both"}, NO_CHANNEL),
        ],
        ids=["no file", "a text for a file", "nothing", "no channel", "another channel"],
    )
    def test_what_the_form_lacks_is_refused(self, api: Api, parts: Any, said: Any) -> None:
        answer = send(api, OWNER, "POST", PATH, **parts)
        assert (answer.status, answer.json) == (400, said)

    def test_json_has_no_file(self, api: Api) -> None:
        answer = api.ask("POST", "v5", "addons/upload/", OWNER, {"channel": "listed"})
        assert (answer.status, answer.json) == (400, MISSING)

    @pytest.mark.parametrize(
        "body",
        [
            form(upload=FILE, channel="listed")[1].replace(b"--tests-boundary--", b"--tests-boundary"),
            f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode(),
            f"--{BOUNDARY}\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode(),
            f"--{BOUNDARY}\r\nX\x00: y\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode(),
            form(**{f"f{place}": "x" for place in range(101)})[1],
            form(channel="\udcff".encode("utf-8", "surrogateescape").decode("latin-1"))[1].replace(
                "ÿ".encode(), b"\xff"
            ),
            form(channel="x" * 2_200_000)[1],
            b"",
            b"nothing",
        ],
        ids=[
            "no end",
            "no name",
            "no headers",
            "a wrong header",
            "many parts",
            "no UTF-8",
            "long texts",
            "empty",
            "no form",
        ],
    )
    def test_a_broken_form_is_told(self, api: Api, body: bytes) -> None:
        answer = post(api, body)
        assert answer.status == 400, answer.body
        assert answer.json["detail"].startswith("Multipart form parse error - ")

    def test_the_last_of_two_files_counts(self, api: Api) -> None:
        first = form(upload=("a.xpi", b"x"))[1].replace(f"--{BOUNDARY}--\r\n".encode(), b"")
        answer = post(api, first + form(upload=FILE, channel="listed")[1])
        assert processed(api, OWNER, answer.json["uuid"])["valid"] is True


class TestSize:
    def test_a_file_of_the_limit_is_taken(self, api: Api) -> None:
        uploaded = upload(api, OWNER, bytes(LIMIT))
        assert uploaded["processed"] is True

    @pytest.mark.parametrize("size", [LIMIT + 1, LIMIT + 4_000_000], ids=["told at its end", "by its length"])
    def test_a_larger_one_is_not(self, api: Api, size: int) -> None:
        answer = send(api, OWNER, "POST", PATH, upload=("a.xpi", bytes(size)), channel="listed")
        assert (answer.status, answer.json) == (
            400,
            {"detail": f"Request content length exceeds {LIMIT}."},
        )

    def test_nor_one_that_comes_in_chunks(self, api: Api) -> None:
        host = api.base.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=10)
        body = form(upload=("a.xpi", bytes(LIMIT + 4_000_000)), channel="listed")[1]
        parts = (body[start : start + 100_000] for start in range(0, len(body), 100_000))
        headers = {**HEADERS, **authorization(OWNER)}
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", f"/api/{PATH}", body=parts, headers=headers, encode_chunked=True)
        assert connection.getresponse().status == 400
        connection.close()

    def test_strangers_are_told_before_they_have_sent_it(self, api: Api) -> None:
        """Nothing of the body has to be there."""
        for user, status in ((None, 401), (OUTDATED, 403)):
            with begun(api, user, 2_000_000) as connection:
                assert connection.recv(100).startswith(f"HTTP/1.1 {status} ".encode())

    def test_slow_senders_have_time_and_idle_ones_have_not(self, api: Api) -> None:
        """BODY_TIMEOUT is 2 seconds here."""
        _, body = form(upload=("a.xpi", bytes(60_000)), channel="listed")
        began = time.monotonic()
        for sizes, status in (([20_000, 20_000, len(body)], 201), ([1000, 1000, 1000], 408)):
            with begun(api, OWNER, len(body)) as connection:
                place = 0
                for size in sizes:
                    connection.sendall(body[place : place + size])
                    place += size
                    time.sleep(1.2 if place < len(body) else 0)
                assert connection.recv(100).startswith(f"HTTP/1.1 {status} ".encode())
        assert time.monotonic() - began < 9


class TestReading:
    def test_ones_own_newest_first(self, api: Api) -> None:
        assert api.ask("GET", "v5", "addons/upload/", DEVELOPER).json["results"] == []
        sent = [send(api, DEVELOPER, "POST", PATH, upload=FILE, channel="listed").json["uuid"] for _ in "ab"]
        page = api.ask("GET", "v5", "addons/upload/?page_size=1&page=2", DEVELOPER).json
        assert (page["count"], page["page_count"], page["next"]) == (2, 2, None)
        listed = api.ask("GET", "v5", "addons/upload/", DEVELOPER).json
        assert listed.keys() == {"page_size", "page_count", "count", "next", "previous", "results"}
        assert {one["uuid"] for one in listed["results"]} == set(sent)

    def test_by_either_spelling_and_nobody_elses(self, api: Api) -> None:
        sent = send(api, DEVELOPER, "POST", PATH, upload=FILE, channel="listed").json["uuid"]
        for name in (sent, str(uuid.UUID(sent))):
            assert api.ask("GET", "v5", f"addons/upload/{name}/", DEVELOPER).json["uuid"] == sent
            answer = api.ask("GET", "v5", f"addons/upload/{name}/", STRANGER)
            assert (answer.status, answer.json) == (404, NOT_FOUND)
        for name in ("0" * 32, "x", "0", "%00"):
            assert api.ask("GET", "v5", f"addons/upload/{name}/", DEVELOPER).status == 404

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
    def test_there_are_no_other_verbs(self, api: Api, method: str) -> None:
        for path in ("addons/upload/", f"addons/upload/{'0' * 32}/"):
            assert api.ask(method, "v5", path, OWNER, {}).status == 405
            assert send(api, OWNER, method, f"v5/{path}", upload=FILE).status == 405


@pytest.mark.parametrize("method", ["GET", "POST"])
@sweep("version", ["v3", "v4"])
def test_older_versions_have_a_closed_gate(api: Api, version: str, method: str) -> None:
    for user, status, body in ((None, 401, NOT_AUTHENTICATED), (OWNER, 403, FORBIDDEN)):
        answer = send(api, user, method, f"{version}/addons/upload/", upload=FILE, channel="listed")
        assert (answer.status, answer.json) == (status, body)


@pytest.mark.parametrize("user", [None, OUTDATED, DENIED], ids=["stranger", "outdated", "denied"])
def test_who_may_not_submit_may_not_look(api: Api, user: Any) -> None:
    status = 401 if user is None else 403
    for path in ("addons/upload/", f"addons/upload/{'0' * 32}/"):
        assert api.ask("GET", "v5", path, user).status == status
    assert send(api, user, "POST", PATH, upload=FILE, channel="listed").status == status
