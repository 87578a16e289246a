"""`run.py check` as operators use it: words, exit status, beside a running server and without one."""

from pathlib import Path
from typing import Any

from server.embedded.mongod import OwnMongod
from server.storage.operations import Insert
from server.storage.store import Store
from tests.mongod_fixture import DATABASE
from tests.server.commands.test_commands import run
from tests.server.whole_documents import DOCUMENTS, damaged

ADDONS = 60


def check(mongod: OwnMongod) -> Any:
    return run("check", settings={"mongodb_uri": mongod.uri, "mongodb_database": DATABASE})


async def test_names_what_is_damaged(store: Store, mongod: OwnMongod) -> None:
    await store.write([Insert(name, document) for name, document in DOCUMENTS.items()])
    done = check(mongod)
    assert (done.returncode, done.stdout) == (0, b"")
    assert f"{len(DOCUMENTS)} documents read, 0 damaged" in done.stderr.decode()
    await store.write([Insert("addons", damaged("addons", _id=2, guid="b@example.org", slug="b"))])
    await store.write([Insert("ratings", {"_id": 5})])
    done = check(mongod)
    assert (done.returncode, done.stdout.decode().splitlines()) == (
        1,
        [
            "addons 2: $.tags: expected array, got object",
            "ratings 5: object missing required field addon_id",
        ],
    )
    assert f"{len(DOCUMENTS) + 2} documents read, 2 damaged" in done.stderr.decode()


def test_says_what_load_would_say(tmp_path: Path, demo: Path, data: Path) -> None:
    """A generated catalogue is as it should be."""
    assert run("load", str(demo), "--data-dir", str(data)).returncode == 0
    done = run("check", "--data-dir", str(data))
    assert (done.returncode, done.stdout) == (0, b"")
