"""The blocklist: reads, refused uploads, commands of operators (contract/extras.md 1)."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.factories import make_file, make_version
from tests.handlers.loaded_server import environment
from tests.handlers.signed_client import Api, lines, signed
from tests.handlers.writable_server import SETTINGS, SUBMITTER, USERS, addon
from tests.shell_commands import Shell

DATE = "2024-01-02T03:04:05Z"
METADATA = {"name": {"en-US": "New"}, "summary": {"en-US": "Quite."}, "categories": ["tabs"]}
PATIENCE = 10.0  # seconds until a block has its effect


def versions(*numbers: str) -> list[Any]:
    numbered = enumerate(numbers, 100)
    return [make_version(id=id, version=number, files=[make_file(id=id)]) for id, number in numbered]


def block(id: int, guid: str, **fields: Any) -> dict[str, Any]:
    return {"_id": id, "guid": guid, "reason": "It steals.", "created": DATE, "modified": DATE, **fields}


ADDONS = [
    addon(1, versions=versions("2.0", "1.0")),
    addon(2, status="disabled", versions=versions("1.0")),
    addon(3, versions=versions("3.0", "2.0")),
]
BLOCKS = [
    block(1, "addon1@example.org", blocked=["1.0", "10.0", "9.0"], soft_blocked=["0.9"])
    | {"url": "https://elsewhere.example/why"},
    block(2, "addon2@example.org", blocked=["1.0"]),
    block(3, "nobody@example.org", soft_blocked=["5.0"]),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("blocklist")


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, folder: Path) -> Iterator[Api]:
    documents = [*lines("user", *USERS), *lines("addon", *ADDONS), *lines("block", *BLOCKS)]
    with signed(folder, documents, mongod, **SETTINGS) as api:
        yield api


def read(api: Api, name: str, version: str = "v5", query: str = "") -> Any:
    answer = api.get(f"/api/{version}/blocklist/block/{name}/{query}")
    assert answer.status == 200, answer.json
    return answer.json


def test_what_is_told(api: Api) -> None:
    body = read(api, "1")
    assert body == {
        "id": 1,
        "created": DATE,
        "modified": DATE,
        "addon_name": {"en-US": "Tab Tree"},
        "guid": "addon1@example.org",
        "reason": "It steals.",
        "url": {
            "url": "https://elsewhere.example/why",
            "outgoing": "https://elsewhere.example/why",
        },
        "versions": ["1.0", "10.0", "9.0"],
        "is_all_versions": False,
        "blocked": ["1.0", "10.0", "9.0"],
        "soft_blocked": ["0.9"],
    }
    assert read(api, "Addon1@example.org") == body
    older = read(api, "1", "v4", "?lang=en-US")
    assert older["url"] == "https://elsewhere.example/why"
    assert older["addon_name"] == "Tab Tree"
    assert (older["min_version"], older["max_version"]) == ("0.9", "10.0")


def test_all_is_blocked_where_nothing_public_is_left(api: Api) -> None:
    for name, addon_name in (("2", "Tab Tree"), ("nobody@example.org", None)):
        body = read(api, name, "v4", "?lang=en-US")
        assert (body["is_all_versions"], body["min_version"], body["max_version"]) == (True, "0", "*")
        assert body["addon_name"] == addon_name
        assert body["url"] is None


def test_what_there_is_not(api: Api) -> None:
    for path in ("v5/blocklist/block/9/", "v5/blocklist/block/x@y/", "v5/blocklist/block/"):
        assert api.get(f"/api/{path}").status == 404, path
    assert api.get("/api/v3/blocklist/block/1/").status == 404
    assert api.request("POST", "/api/v5/blocklist/block/1/").status == 405


def test_a_blocked_version_is_not_taken(api: Api) -> None:
    page = "https://addons.example.org/blocked-addon"
    end = "for this add-on. You can contact amo-admins@mozilla.com for additional information."
    for version in ("v3", "v4", "v5"):
        package = {"version": "9.0", "license": "MIT"}
        answer = api.ask("POST", version, "addons/addon/1/versions/", SUBMITTER, package)
        fault = [f"Version 9.0 matches {page}/addon1%40example.org/9.0/ {end}"]
        assert (answer.status, answer.json) == (400, {"version": fault})
        answer = api.ask("PUT", version, "addons/addon/addon1@example.org/", SUBMITTER,
                         {"version": {"guid": "addon1@example.org", **package}})  # fmt: skip
        assert (answer.status, answer.json) == (400, {"version": {"version": fault}})
        new = {**METADATA, "version": {"version": "5.0", "license": "MIT", "guid": "nobody@example.org"}}
        answer = api.ask("POST", version, "addons/addon/", SUBMITTER, new)
        fault = [f"Version 5.0 matches {page}/nobody%40example.org/5.0/ {end}"]
        assert (answer.status, answer.json) == (400, {"version": {"version": fault}})


def statuses(api: Api, number: int) -> dict[str, str]:
    path = f"addons/addon/{number}/versions/?filter=all_with_unlisted"
    results = api.ask("GET", "v5", path, SUBMITTER).json["results"]
    return {version["version"]: version["file"]["status"] for version in results}


@pytest.mark.timed
def test_a_loaded_block_disables_what_is_stored(api: Api) -> None:
    deadline = time.monotonic() + PATIENCE
    while (found := statuses(api, 1))["1.0"] != "disabled" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found == {"2.0": "public", "1.0": "disabled"}


@pytest.mark.timed
def test_operators_keep_it(api: Api, folder: Path, mongod: OwnMongod) -> None:
    shell = Shell(folder / "data", environment(folder, mongod))
    guid = "addon3@example.org"
    block = json.loads(shell("block", "add", guid, "--version", "3.0", "--reason", "Slow.", "--soft"))
    assert (block["kind"], block["soft_blocked"], block["blocked"]) == ("block", ["3.0"], [])
    assert statuses(api, 3) == {"3.0": "disabled", "2.0": "public"}
    block = json.loads(shell("block", "add", guid, "--url", "https://elsewhere.example/"))
    assert (block["blocked"], block["soft_blocked"], block["reason"]) == (["2.0", "3.0"], [], "Slow.")
    assert [json.loads(line)["guid"] for line in shell("block", "show", guid).splitlines()] == [guid]
    deadline = time.monotonic() + PATIENCE
    while not api.get(f"/api/v5/blocklist/block/{guid}/").json.get("is_all_versions"):  # none is public
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert api.ask("GET", "v5", "addons/addon/3/").status == 401
    assert "versions-blocked" in shell("log", "--addon", "3")
    left = json.loads(shell("block", "remove", guid, "--version", "3.0"))
    assert left["blocked"] == ["2.0"]
    assert shell("block", "remove", guid) == ""
    shell("block", "remove", guid, status=1)
    assert "there is no block" in shell.error
    shell("block", "add", "never@example.org", status=1)
    assert "name those to block" in shell.error
