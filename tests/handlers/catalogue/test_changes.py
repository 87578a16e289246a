"""`changes/` lists changed and removed public add-ons, and no others (contract/extras.md 9 and 9.2)."""

import http.client
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from conf.limits import MAX_LISTENERS
from server.embedded.mongod import OwnMongod
from tests.factories import make_version
from tests.handlers.loaded_server import environment, load
from tests.handlers.signed_client import Api, lines
from tests.handlers.writable_server import ADMIN, OWNER, addon, writing
from tests.program import Program

NEVER_PUBLIC = 40
PATIENCE = 20.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("changes")


@pytest.fixture(scope="module")
def api(folder: Path, mongod: OwnMongod) -> Iterator[Api]:
    secret = addon(
        NEVER_PUBLIC,
        status="incomplete",
        last_updated=None,
        versions=[make_version(id=400, channel="unlisted")],
    )
    with writing(folder, mongod, secret, *(addon(number) for number in range(20, 40))) as started:
        yield started


def poll(api: Api, since: str = "", wait: float = 5) -> Any:
    answer = api.get(f"/api/v5/changes/?since={since}&wait={wait}")
    assert answer.status == 200, answer.body
    return answer.json


def edit(api: Api, number: int, **fields: Any) -> None:
    answer = api.ask("PATCH", "v5", f"addons/addon/{number}/", OWNER, fields)
    assert answer.status == 200, answer.body


def until(api: Api, since: str, wanted: set[tuple[str, int]]) -> str:
    """Follow until exactly these changes have arrived; returns the last token."""
    told: set[tuple[str, int]] = set()
    deadline = time.monotonic() + PATIENCE
    while told != wanted:
        assert time.monotonic() < deadline, told
        news = poll(api, since)
        told |= {(one["type"], one["id"]) for one in news["changes"]}
        since = news["last"]
        assert told <= wanted
    return since


def test_a_change_is_told_when_it_can_be_read(api: Api) -> None:
    begin = poll(api)
    assert begin["changes"] == []
    edit(api, 20, requires_payment=True)
    assert until(api, begin["last"], {("changed", 20)}) != begin["last"]
    assert api.get("/api/v5/addons/addon/20/").json["requires_payment"] is True


def test_who_waits_hears_at_once_or_nothing(api: Api) -> None:
    since = poll(api)["last"]
    began = time.monotonic()
    news = poll(api, since, wait=1)
    assert news["changes"] == [] and time.monotonic() - began >= 1
    edit(api, 21, requires_payment=True)
    assert until(api, since, {("changed", 21)})


def test_what_is_made_private_is_removed_and_what_never_was_public_is_not_mentioned(api: Api) -> None:
    since = poll(api)["last"]
    edit(api, NEVER_PUBLIC, support_email={"en-US": "a@example.org"})
    edit(api, 22, is_disabled=True)
    since = until(api, since, {("removed", 22)})
    edit(api, 22, is_disabled=False)
    until(api, since, {("changed", 22)})


def test_an_account_changes_its_addons(api: Api) -> None:
    since = poll(api)["last"]
    path = f"accounts/account/{ADMIN['_id']}/"
    assert api.ask("PATCH", "v5", path, ADMIN, {"display_name": "Somebody"}).status == 200
    edit(api, 23, requires_payment=True)
    until(api, since, {("changed", 23)})
    since = poll(api)["last"]
    path = f"accounts/account/{OWNER['_id']}/"
    assert api.ask("PATCH", "v5", path, OWNER, {"display_name": "Anne"}).status == 200
    until(api, since, {("changed", number) for number in range(20, 40)})


def test_another_process_goes_on_where_this_one_was(api: Api, folder: Path, mongod: OwnMongod) -> None:
    since = poll(api)["last"]
    edit(api, 24, requires_payment=True)
    edit(api, 25, is_disabled=True)
    edit(api, NEVER_PUBLIC, support_email={"en-US": "b@example.org"})
    words = ("serve", "--port", "0", "--data-dir", str(folder / "other"))
    with Program(*words, output=folder / "other_output", env=environment(folder, mongod)) as program:
        program.wait_listening()
        other = Api(program.url)
        last = until(other, since, {("changed", 24), ("removed", 25)})
        edit(api, 26, requires_payment=True)
        until(other, last, {("changed", 26)})
        until(api, last, {("changed", 26)})
        other.close()


def test_refusals(api: Api) -> None:
    unknown = "82" * 40
    for query, status in (("since=x", 400), ("since=8269", 400), ("wait=x", 400), (f"since={unknown}", 410)):
        assert api.get(f"/api/v5/changes/?{query}").status == status, query
    assert [api.get(f"/api/{version}/changes/").status for version in ("v3", "v4")] == [404, 404]


class Listener:
    """The client of a stream of events."""

    def __init__(self, api: Api, **headers: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(api.base).netloc, timeout=PATIENCE)
        headers |= {"Accept": "text/event-stream"}
        self._connection.request("GET", "/api/v5/changes/", headers=headers)
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200
        assert self._answer.headers["Content-Type"] == "text/event-stream"

    def event(self) -> dict[str, str]:
        """The fields of the next event."""
        fields: dict[str, str] = {}
        while line := self._answer.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            fields[name] = value
        return fields

    def close(self) -> None:
        self._connection.close()


def test_a_stream_of_events(api: Api) -> None:
    listener = Listener(api)
    first = listener.event()
    assert first["id"] and "event" not in first
    edit(api, 27, requires_payment=True)
    told = listener.event()
    assert (told["event"], told["data"]) == ("changed", '{"id": 27}') and told["id"] != first["id"]
    listener.close()
    edit(api, 28, requires_payment=True)
    again = Listener(api, **{"Last-Event-ID": told["id"]})
    events = [again.event(), again.event()]
    assert [event.get("data") for event in events if "data" in event] == ['{"id": 28}']
    again.close()


def test_so_many_wait_at_once(api: Api) -> None:
    since = poll(api)["last"]
    listeners = [Listener(api) for _ in range(MAX_LISTENERS)]
    refused = api.get(f"/api/v5/changes/?since={since}&wait=0")
    assert (refused.status, refused.headers["Retry-After"]) == (429, "60")
    for listener in listeners:
        listener.close()
    deadline = time.monotonic() + PATIENCE
    while api.get(f"/api/v5/changes/?since={since}&wait=0").status != 200:
        assert time.monotonic() < deadline


def test_many_changes_at_once(api: Api, folder: Path, mongod: OwnMongod) -> None:
    since = poll(api)["last"]
    numbers = range(1000, 1600)  # more than are told at once
    load(folder, lines("addon", *(addon(number) for number in numbers)), mongod)
    until(api, since, {("changed", number) for number in numbers})
