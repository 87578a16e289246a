"""backup and restore: all is there again as it was at one moment, and a second one costs what changed."""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Client
from tests.factories import make_addon, make_user
from tests.handlers.loaded_server import load
from tests.program import Program
from tests.shell_commands import Shell

SEARCH = "/api/v5/addons/search/?page_size=50&sort=created"
ADDONS = [make_addon(_id=id_, guid=f"{id_}@x.example", slug=f"s{id_}") for id_ in range(1, 401)]


def fingerprint(folder: Path) -> dict[str, int]:
    """Every file below, and when it was written."""
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, mongod: OwnMongod) -> Iterator[tuple[Path, Shell, str]]:
    """A server of its own, a folder with a backup of it, made while it served; and a token of its."""
    folder = tmp_path_factory.mktemp("backup")
    file = folder / "amoeba.toml"
    file.write_text('site_url = "https://addons.example.org"\nbasket_api_key = "a key of basket"\n')
    load(
        folder,
        [{"kind": "user", **make_user(_id=9, username="ann")}, *({"kind": "addon", **one} for one in ADDONS)],
    )
    words = ("serve", "--port", "0", "--data-dir", str(folder / "data"), "--config", str(file))
    shell = Shell(folder / "data", {"AMOEBA_CONFIG": str(file)})
    with Program(*words, output=folder / "serve") as program:
        program.wait_listening()
        token = shell("token", "ann")
        told = shell("backup", str(folder / "kept"))
        assert "0 files" in told
        yield folder, shell, token


def test_it_is_all_there_again(first: tuple[Path, Shell, str], tmp_path: Path) -> None:
    folder, shell, token = first
    again = Shell(tmp_path / "data")
    said = again("restore", str(folder / "kept"))
    assert "documents, 0 files" in said
    assert again("dump") == shell("dump")
    settings = tmp_path / "data" / "settings-of-the-backup.toml"
    assert settings.stat().st_mode & 0o777 == 0o600
    assert 'basket_api_key = "a key of basket"' in settings.read_text()
    words = ("serve", "--port", "0", "--data-dir", str(tmp_path / "data"), "--config", str(settings))
    with (
        Program(*words, output=tmp_path / "serve") as program,
        closing(Client(program.wait_listening())) as client,
    ):
        assert client.get(SEARCH).json["count"] == len(ADDONS)
        profile = client.get("/api/v5/accounts/profile/", headers={"Authorization": f"Bearer {token}"})
        assert profile.json["username"] == "ann", "the secret is the old one"
    again("restore", str(folder / "kept"), status=2)
    assert "not empty" in again.error
    again("restore", str(folder / "kept"), "--replace")
    assert again("dump") == shell("dump")


def test_a_second_one_costs_what_changed(first: tuple[Path, Shell, str]) -> None:
    folder, shell, _ = first
    kept = folder / "kept"
    before = fingerprint(kept)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (kept, *kept.rglob("*")))
    shell("addon", "disable", "7", "--by", "ann")
    shell("backup", str(kept))
    after = fingerprint(kept)
    assert before.items() <= after.items(), "what was there is left"
    fresh = [path for path in after.keys() - before.keys() if "/documents/" in path]
    assert 1 <= len(fresh) <= 6 < len(before)
    names = shell("restore", str(kept), "--list").split()
    assert len(names) == 2
    shell("backup", str(kept), "--keep", "1")
    assert len(shell("restore", str(kept), "--list").split()) == 1
    assert set(fingerprint(kept)) < set(after) | set(fingerprint(kept))


def test_a_damaged_one_changes_nothing(first: tuple[Path, Shell, str], tmp_path: Path) -> None:
    _, shell, _ = first
    copy = tmp_path / "kept"
    shell("backup", str(copy))
    part = max((copy / "documents").rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0)
    part.write_bytes(part.read_bytes()[:-1])
    again = Shell(tmp_path / "data")
    load(tmp_path, [{"kind": "addon", **make_addon(_id=1)}])
    before = again("dump")
    again("restore", str(copy), "--replace", status=1)
    assert part.name in again.error and again("dump") == before
    again("restore", str(tmp_path), status=1)
    assert "has no backup" in again.error
    (made,) = (copy / "backups").iterdir()
    made.write_text(json.dumps(json.loads(made.read_text()) | {"format": 99}))
    again("restore", str(copy), "--replace", status=1)
    assert "another release" in again.error
    os.remove(made)


def test_nobody_restores_under_a_server(first: tuple[Path, Shell, str]) -> None:
    folder, shell, _ = first
    shell("restore", str(folder / "kept"), "--replace", status=2)
    assert "a server runs" in shell.error
