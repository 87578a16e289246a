"""Messages of Mozilla's linter in a validation, and the bounds it is run in (contract/uploads.md 3)."""

import io
import os
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from conf.model.uploads import UploadDoc
from conf.settings.settings import Settings
from conf.validation import CRASHED, TIMED_OUT
from server import clock
from server.errors import StartError
from server.files.files import Files
from server.files.uploaded_file import named_spool, remove_abandoned
from server.packages.validation import linter
from server.packages.validation.linter import find_linter, lint, merge_results
from server.packages.validation.validator import Validator
from server.storage.lease_queue import new_record
from server.storage.operations import Insert
from server.storage.store import Store
from tests.clients.npm import Skipped, installed, node_folder
from tests.packages import package
from tests.server.packages.inspected import look
from tests.server.packages.validation.test_validator import NoKeys

LINTER = "addons-linter@10"


async def nothing_more(upload: UploadDoc) -> None:
    """No upload here is to become a version."""


SAID: dict[str, Any] = {
    "errors": [
        {"_type": "error", "code": "JS_SYNTAX_ERROR", "message": "m", "description": "d", "file": "a.js"}
        | {"line": 1, "column": 8}
    ],
    "warnings": [
        {"_type": "warning", "code": "MANIFEST_PERMISSIONS", "message": "theirs", "description": ["d", "e"]}
        | {"file": "manifest.json", "instancePath": "/permissions/0"}
    ],
    "notices": [{"_type": "notice", "code": "X" * 5000, "message": "m" * 5000}, "no object"],
    "metadata": {
        "id": None,
        "architecture": "extension",
        "jsLibs": {"a/jquery.js": "jquery.3"},
        "odd": 2**63,
    },
}
# Stands for the linter where the real one cannot be brought to misbehave: the name of its member says how.
STAND_IN = """#!%s
import sys, time, zipfile
names = zipfile.ZipFile(sys.argv[1]).namelist()
if "slow" in names: time.sleep(60)
if "greedy" in names: bytearray(2 * 1024 ** 3)
if "long" in names: print("x" * 20_000_000)
if "garbled" in names: print("{}")
if "ended" in names: sys.exit(3)
print('{"errors": [], "warnings": [], "notices": [], "metadata": {"architecture": "%%s"}}' %% sys.argv[2:])
"""


def test_its_messages_stand_among_the_servers_own() -> None:
    own = look(package(permissions=["souls"], files={".x": "x"}))
    result = merge_results(own.result, SAID)
    told = [
        (one["type"], one["id"][0], one["file"], one["line"], one["column"]) for one in result["messages"]
    ]
    assert told == [
        ("error", "JS_SYNTAX_ERROR", "a.js", 1, 8),
        ("warning", "HIDDEN_FILE", ".x", None, None),
        ("warning", "MANIFEST_PERMISSIONS", "manifest.json", None, None),
        ("notice", "MISSING_DATA_COLLECTION_PERMISSIONS", "manifest.json", None, None),
        ("notice", "validation", None, None, None),
        ("notice", "X" * 2000, None, None, None),
    ]
    assert (result["errors"], result["warnings"], result["notices"], result["success"]) == (1, 2, 3, False)
    theirs = result["messages"][2]
    assert (theirs["message"], theirs["description"]) == ("theirs", ["d", "e"])
    assert (theirs["instancePath"], theirs["tier"], len(theirs["uid"])) == ("/permissions/0", 1, 32)
    metadata = result["metadata"]
    assert metadata["identified_files"] == {"a/jquery.js": {"path": "jquery.3"}}
    assert (metadata["architecture"], metadata["listed"]) == ("extension", True)
    assert metadata["id"] == "tree@example.org"  # what it has no word for stays
    assert "odd" not in metadata


class TestBounds:
    """A stand-in is what takes too much."""

    @pytest.fixture
    def validator(self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Validator:
        program = tmp_path / "linter"
        program.write_text(STAND_IN % sys.executable)
        program.chmod(0o700)
        monkeypatch.setattr(linter, "_SECONDS", 2.0)
        settings = Settings(data_dir=str(tmp_path), addons_linter=str(program))
        return Validator(store, Files(store), settings, lambda: False, nothing_more, NoKeys())

    @pytest.mark.timeout(seconds=90)
    async def test_what_takes_too_much_is_ended_and_told_and_keeps_nobody_waiting(
        self, store: Store, validator: Validator, tmp_path: Path
    ) -> None:
        members = ["slow", "greedy", "long", "garbled", "ended", "good"]
        for name in members:
            await put(store, name, package(files={name: "x"}))
        await put(store, "broken", b"PK")
        began = time.monotonic()
        await validator.work()
        assert time.monotonic() - began < 60  # without an end it would be minutes
        results = {name: await result(store, name) for name in (*members, "broken")}
        for name in members[:-1]:
            [message] = results[name]["messages"]
            expected = TIMED_OUT if name == "slow" else CRASHED
            assert (name, message["id"], message["fatal"]) == (name, list(expected), True)
        assert results["good"]["success"]
        assert results["good"]["metadata"]["architecture"] == "['--boring', '--output=json']"
        assert [one["message"] for one in results["broken"]["messages"]] == [
            "Invalid or corrupt add-on file."
        ]
        assert await store.count("validations", {}) == 0
        assert list((tmp_path / "incoming").iterdir()) == []

    async def test_nothing_says_that_code_was_not_scanned(self, store: Store, validator: Validator) -> None:
        await put(store, "good", package())
        await validator.work()
        told = [message["id"][-1] for message in (await result(store, "good"))["messages"]]
        assert told == ["MISSING_DATA_COLLECTION_PERMISSIONS"]


async def put(store: Store, name: str, content: bytes) -> None:
    stored = await Files(store).put(io.BytesIO(content))
    upload = UploadDoc(
        _id=name,
        user_id=7,
        channel="listed",
        name="tree.xpi",
        stored=stored.id,
        size=stored.size,
        address="192.0.2.1",
        created=clock.now(),
        validation=None,
        package=None,
        submitted=False,
    )
    await store.write([Insert("uploads", upload), Insert("validations", new_record(_id=name))])


async def result(store: Store, name: str) -> Any:
    upload = await store.find_one("uploads", {"_id": name})
    assert upload is not None
    return upload["validation"]


def test_where_there_is_none_the_start_says_so(tmp_path: Path) -> None:
    assert find_linter(Settings()) is None
    for place in (tmp_path, tmp_path / "linter", __file__):
        with pytest.raises(StartError, match="ADDONS_LINTER"):
            find_linter(Settings(addons_linter=str(place)))


def test_files_of_processes_that_were_killed_go(tmp_path: Path) -> None:
    with named_spool(str(tmp_path), ".xpi") as (young, _):
        old = young.with_name("package-old.xpi")
        old.write_bytes(b"x")
        os.utime(old, (0, 0))
        remove_abandoned(str(tmp_path), 60)
        assert list(young.parent.iterdir()) == [young]


async def test_the_real_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One error and several warnings, one of which the server would have told too."""
    try:
        program = installed(LINTER) / "node_modules" / ".bin" / "addons-linter"
    except Skipped as reason:
        pytest.skip(str(reason))
    monkeypatch.setenv("PATH", node_folder(), prepend=os.pathsep)
    files = {"a.js": 'eval("1"); document.body.innerHTML = x + 1;', "b.js": "wrong ("}
    content = package(permissions=["souls"], files=files)
    file = tmp_path / "package.xpi"
    file.write_bytes(content)
    said = await lint(program, file, listed=True)
    found = look(content)
    result = merge_results(found.result, said)
    assert orjson.loads(orjson.dumps(result)) == result
    told = {(one["type"], one["id"][0]) for one in result["messages"]}
    assert told >= {
        ("error", "JS_SYNTAX_ERROR"),
        ("warning", "DANGEROUS_EVAL"),
        ("warning", "UNSAFE_VAR_ASSIGNMENT"),
        ("warning", "MANIFEST_PERMISSIONS"),
        ("warning", "MISSING_DATA_COLLECTION_PERMISSIONS"),
    }
    codes = [one["id"][0] for one in result["messages"]]
    assert codes.count("MANIFEST_PERMISSIONS") == codes.count("MISSING_DATA_COLLECTION_PERMISSIONS") == 1
    [syntax] = [one for one in result["messages"] if one["id"] == ["JS_SYNTAX_ERROR"]]
    assert (syntax["file"], syntax["line"], syntax["column"], syntax["tier"]) == ("b.js", 1, 8, 1)
    assert (result["errors"], result["success"], result["ending_tier"]) == (1, False, 5)
    assert result["metadata"]["manifestVersion"] == 2
    assert result["metadata"]["id"] == "tree@example.org"
