"""Stored files from the shell: `verify`, `dump --files`, `load --files`."""

import hashlib
from io import BytesIO
from pathlib import Path
from random import Random

from server.embedded.mongod import OwnMongod
from server.files.files import CHUNKS, Files
from server.storage.operations import Insert, Update
from server.storage.store import Store
from tests.factories import make_addon, make_file, make_version
from tests.mongod_fixture import DATABASE
from tests.shell_commands import run

CONTENT = Random(3).randbytes(400_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()
ID = f"sha256:{DIGEST}"


async def prepared(store: Store, mongod: OwnMongod) -> dict[str, str]:
    """Settings of a store with an add-on and its file, and a file that nothing refers to."""
    files = Files(store)
    for content in (CONTENT, b"small"):
        await files.put(BytesIO(content))
    version = make_version(files=[make_file(stored=ID)])
    await store.write([Insert("addons", make_addon(versions=[version]))])
    return {"mongodb_uri": mongod.uri, "mongodb_database": DATABASE}


async def test_damage_is_named_and_mended(store: Store, mongod: OwnMongod, tmp_path: Path) -> None:
    stored = await prepared(store, mongod)
    done = run("verify", settings=stored)
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"2 files read, 0 damaged" in done.stderr
    dump = run("dump", "--files", str(tmp_path / "copies"), settings=stored)
    assert dump.returncode == 0
    assert (tmp_path / "copies" / DIGEST[:2] / DIGEST).read_bytes() == CONTENT
    chunks = await store.find(CHUNKS, {"n": 1})
    await store.write([Update(CHUNKS, chunks[0]["_id"], {"$set": {"data": b"x" * len(chunks[0]["data"])}})])
    done = run("verify", settings=stored)
    assert (done.returncode, done.stdout.decode()) == (1, f"{ID}: has other bytes than it is named after\n")
    lines = tmp_path / "dump.jsonl"
    lines.write_bytes(dump.stdout)
    (tmp_path / "copies" / "note.txt").write_text("no file of ours")
    loaded = run("load", str(lines), "--files", str(tmp_path / "copies"), settings=stored)
    assert loaded.returncode == 1
    assert b"note.txt: is not named after a SHA-256" in loaded.stderr
    assert run("verify", settings=stored).returncode == 0


async def test_files_go_round(store: Store, mongod: OwnMongod, tmp_path: Path) -> None:
    """Into another store, with what refers to them; without them, what is missing is named."""
    stored = await prepared(store, mongod)
    dump = run("dump", "--files", str(tmp_path / "copies"), settings=stored)
    lines = tmp_path / "dump.jsonl"
    lines.write_bytes(dump.stdout)
    other = stored | {"mongodb_database": f"{DATABASE}_other"}
    assert run("load", str(lines), settings=other).returncode == 0
    done = run("verify", settings=other)
    assert (done.returncode, done.stdout.decode()) == (1, f"addons 1: {ID}: is not in the store\n")
    assert run("load", str(lines), "--files", str(tmp_path / "copies"), settings=other).returncode == 0
    assert run("verify", settings=other).stdout == b""
    again = run("dump", "--files", str(tmp_path / "again"), settings=other)
    assert again.stdout.startswith(dump.stdout)
    assert {path.name for path in (tmp_path / "again").rglob("*") if path.is_file()} == {
        DIGEST,
        hashlib.sha256(b"small").hexdigest(),
    }
