"""Packages published from the shell (contract/uploads.md 8)."""

import json
import shutil
from pathlib import Path
from typing import Any

from server.embedded.mongod import OwnMongod
from server.storage.operations import Insert
from server.storage.store import Store
from tests.factories import make_user
from tests.mongod_fixture import DATABASE
from tests.packages import package
from tests.server.commands.test_commands import run

GUID = "tree@example.org"


def written(folder: Path, name: str, **manifest: Any) -> str:
    gecko = {"gecko": {"id": GUID, "data_collection_permissions": {"required": ["none"]}}}
    (folder / name).write_bytes(package(**{"browser_specific_settings": gecko} | manifest))
    return str(folder / name)


async def test_packages_become_versions(store: Store, mongod: OwnMongod, tmp_path: Path) -> None:
    await store.write([Insert("users", make_user(_id=7, username="ann"))])
    settings = {"mongodb_uri": mongod.uri, "mongodb_database": DATABASE, "data_dir": str(tmp_path / "data")}
    settings |= {"site_url": "https://addons.example.org"}
    first, second = written(tmp_path, "1.xpi"), written(tmp_path, "2.xpi", version="1.1")
    (tmp_path / "broken.xpi").write_text("nothing")
    missing, other = str(tmp_path / "missing.xpi"), written(tmp_path, "other.zip", version="1.0")
    broken, archive = str(tmp_path / "broken.xpi"), str(tmp_path / "source.zip")
    shutil.copy(first, archive)
    (tmp_path / "more.json").write_text(json.dumps({"categories": ["tabs"], "version": {"license": "MIT"}}))

    done = run("publish", first, missing, broken, settings=settings)
    assert (done.returncode, done.stdout) == (1, b"")
    lines = done.stderr.decode().splitlines()
    assert f"{first}: there is no add-on {GUID} yet: name its owner with --user" in lines
    assert f"{missing}: No such file or directory" in lines
    assert f"{broken}: Invalid or corrupt add-on file." in lines

    words = ["--user", "ann", "--channel", "listed", "--approve", "--summary", "Branches."]
    words += ["--metadata", str(tmp_path / "more.json"), "--source", archive, "--release-notes", "First."]
    done = run("publish", first, *words, settings=settings)
    assert done.returncode == 0, done.stderr
    assert f"  {GUID}  1.0  listed  public  https://addons.example.org/firefox/" in done.stdout.decode()

    done = run("publish", other, second, "--release-notes", "Better.", settings=settings)
    assert done.returncode == 1
    assert f"{other}: version: Version 1.0 already exists." in done.stderr.decode().splitlines()
    assert done.stdout.decode().startswith(f"{second}: addon:")
    assert f"  {GUID}  1.1  listed  unreviewed  " in done.stdout.decode()

    addon = await store.find_addon("guid", GUID)
    assert addon is not None
    assert (addon["authors"][0]["user_id"], addon["status"]) == (7, "public")
    assert addon["summary"] == {"en-US": "Branches."}
    assert addon["categories"] == {"firefox": ["tabs"]}
    new, old = addon["versions"]
    assert (new["version"], new["release_notes"]) == ("1.1", {"en-US": "Better."})
    assert (old["release_notes"], new["license"]) == ({"en-US": "First."}, old["license"])
    assert old["source_stored"] == old["files"][0]["stored"]
    assert await store.count("validations") == 0
