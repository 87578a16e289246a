"""`run.py check` as operators use it: words, exit status, beside a running server and without one."""

from pathlib import Path
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from server.storage.operations import Insert
from server.storage.store import Store
from tests.factories import make_addon
from tests.mongod_fixture import DATABASE
from tests.server.whole_documents import DOCUMENTS, damaged
from tests.shell_commands import run

ADDONS = 60


def check(mongod: OwnMongod) -> Any:
    return run("check", settings=place(mongod))


def place(mongod: OwnMongod) -> dict[str, str]:
    return {"mongodb_uri": mongod.uri, "mongodb_database": DATABASE}


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


@pytest.mark.usefixtures("store")
def test_says_what_load_would_say(mongod: OwnMongod, demo: Path, data: Path) -> None:
    """A generated catalogue is as it should be."""
    assert run("load", str(demo), "--data-dir", str(data), settings=place(mongod)).returncode == 0
    done = check(mongod)
    assert (done.returncode, done.stdout) == (0, b"")


@pytest.mark.alters_schema
async def test_names_all_that_differs_in_case_alone(store: Store, mongod: OwnMongod) -> None:
    for field in ("guid", "slug"):
        await store.database.command({"dropIndexes": "addons", "index": f"{field}_folded"})
    names = [(1, "A@x", "a"), (2, "a@x", "b"), (3, "a@X", "B"), (4, "b@x", "d")]
    await store.write([Insert("addons", make_addon(_id=id_, guid=g, slug=s)) for id_, g, s in names])
    done = check(mongod)
    assert (done.returncode, done.stdout.decode().splitlines()) == (
        1,
        [
            "addons 2: guid 'A@x' is that of 1 but for its case",
            "addons 3: guid 'A@x' is that of 1 but for its case",
            "addons 3: slug 'b' is that of 2 but for its case",
        ],
    )
    assert (
        "addons [1, 2, 3] have the same guid 'A@x' but for its case" in done.stderr.decode()
    )  # as any start
    await store.database["addons"].delete_many({})
    assert check(mongod).returncode == 0  # which makes the indexes again


@pytest.mark.parametrize("ring", [None, [], [{"text": "short"}], [{"text": 7}], [{"text": "x" * 20}]])
async def test_looks_at_the_secrets(store: Store, mongod: OwnMongod, ring: Any) -> None:
    kept = {"_id": "signing", "revision": 1, **({} if ring is None else {"ring": ring})}
    await store.write([Insert("secrets", kept)])
    done = check(mongod)
    is_good = ring == [{"text": "x" * 20}]
    assert (done.returncode, b"secrets: " in done.stdout) == ((0, False) if is_good else (1, True))
