"""backup and restore: all is there again as it was at one moment, and a second one costs what changed."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Client
from tests.factories import make_addon, make_user
from tests.handlers.loaded_server import environment, load
from tests.handlers.signed_client import Api
from tests.handlers.signing_client import Signer
from tests.handlers.test_pictures import image
from tests.mongod_fixture import in_background
from tests.packages import form, package
from tests.program import Program
from tests.shell_commands import Shell

SEARCH = "/api/v5/addons/search/?page_size=50&sort=created"
PROFILE = "/api/v5/accounts/profile/"
ADDONS = [make_addon(_id=id_, guid=f"{id_}@x.example", slug=f"s{id_}") for id_ in range(1, 401)]
SITE = "https://addons.example.org"
GUID = "tree@example.org"


class First(NamedTuple):
    """A server of its own, a backup of it in `folder`/kept, made while it served, and what let people in."""

    folder: Path
    shell: Shell
    url: str
    token: str
    key: dict[str, str]

    def publish(self, version: str) -> bytes:
        """Its package, which cannot be packed any smaller."""
        content = package(version=version, files={"noise.bin": os.urandom(50_000)})
        file = self.folder / f"{version}.xpi"
        file.write_bytes(content)
        self.shell("publish", str(file), "--user", "ann", "--channel", "unlisted")
        return content


def fingerprint(folder: Path) -> dict[str, int]:
    """Every file below, and when it was written."""
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def stored(shell: Shell, folder: Path) -> tuple[str, dict[str, str]]:
    """A dump, and each stored file: its name and its hash, made anew."""
    folder.mkdir()
    lines = shell("dump", "--files", str(folder))
    files = [path for path in folder.rglob("*") if path.is_file()]
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    shutil.rmtree(folder)
    return lines, hashes


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, mongod: OwnMongod) -> Iterator[First]:
    folder = tmp_path_factory.mktemp("backup")
    file = folder / "amoeba.toml"
    file.write_text(f'site_url = "{SITE}"\nbasket_api_key = "a key of basket"\n')
    load(
        folder,
        [{"kind": "user", **make_user(_id=9, username="ann")}, *({"kind": "addon", **one} for one in ADDONS)],
    )
    words = ("serve", "--port", "0", "--data-dir", str(folder / "data"), "--config", str(file))
    shell = Shell(folder / "data", {"AMOEBA_CONFIG": str(file)})
    with Program(*words, output=folder / "serve") as program:
        url = program.wait_listening()
        key = json.loads(shell("apikey", "ann", "--json"))
        made = First(folder, shell, url, shell("token", "ann"), key)
        made.publish("1.0")
        with closing(Client(url)) as client:
            headers, body = form(picture_upload=("a.png", image()))
            headers["Authorization"] = f"Bearer {made.token}"
            assert client.patch("/api/v5/accounts/account/9/", headers=headers, body=body).status == 200
        assert "0 files" not in shell("backup", str(folder / "kept"))
        yield made


def served(client: Client, token: str) -> dict[str, bytes]:
    """The picture of the account and the package, by their addresses."""
    asker = {"Authorization": f"Bearer {token}"}
    picture = client.get(PROFILE, headers=asker).json["picture_url"]
    versions = f"/api/v5/addons/addon/{GUID}/versions/?filter=all_with_unlisted"
    [version, *_] = client.get(versions, headers=asker).json["results"]
    addresses = (picture, version["file"]["url"])
    answers = {address: client.get(address.removeprefix(SITE), headers=asker) for address in addresses}
    assert {answer.status for answer in answers.values()} == {200}
    return {address: answer.body for address, answer in answers.items()}


def test_it_is_all_there_again(first: First, tmp_path: Path) -> None:
    kept = str(first.folder / "kept")
    again = Shell(tmp_path / "data")
    everything = stored(first.shell, tmp_path / "files")
    with in_background(tmp_path / "data"):  # else each command starts one
        assert "documents, 0 files" not in again("restore", kept)
        assert stored(again, tmp_path / "files") == everything
    assert everything[1] and all(name == digest for name, digest in everything[1].items())
    settings = tmp_path / "data" / "settings-of-the-backup.toml"
    assert settings.stat().st_mode & 0o777 == 0o600
    assert 'basket_api_key = "a key of basket"' in settings.read_text()
    words = ("serve", "--port", "0", "--data-dir", str(tmp_path / "data"), "--config", str(settings))
    with (
        Program(*words, output=tmp_path / "serve") as program,
        closing(Api(program.wait_listening())) as client,
        closing(Client(first.url)) as before,
    ):
        assert client.get(SEARCH).json["count"] == len(ADDONS)
        assert served(client, first.token) == served(before, first.token), "the secret is the old one"
        signer = Signer(client, first.key["key"], first.key["secret"])
        assert signer.get("accounts/profile/").json["username"] == "ann", "what it sealed is open"
    with in_background(tmp_path / "data"):
        again("restore", kept, status=2)
        assert "not empty" in again.error
        again("restore", kept, "--replace")
        assert again("dump") == first.shell("dump")


def test_a_second_one_costs_what_changed(first: First) -> None:
    shell, kept = first.shell, first.folder / "kept"

    def backup() -> list[Path]:
        """What it wrote."""
        before = fingerprint(kept)
        shell("backup", str(kept))
        after = fingerprint(kept)
        assert before.items() <= after.items(), "what was there is left"
        return [Path(name) for name in after.keys() - before.keys()]

    assert all(path.stat().st_mode & 0o077 == 0 for path in (kept, *kept.rglob("*")))
    whole = sum(path.stat().st_size for path in (kept / "documents").rglob("*") if path.is_file())
    shell("addon", "disable", "7", "--by", "ann")
    fresh = backup()
    parts = [path for path in fresh if "/documents/" in str(path)]
    assert 1 <= len(parts) <= 6 and len(fresh) == len(parts) + 1, "parts and the list of them"
    assert sum(path.stat().st_size for path in parts) < whole / 2
    content = first.publish("1.1")
    [file] = [path for path in backup() if "/files/" in str(path)]
    assert file.read_bytes() == content
    assert len(shell("restore", str(kept), "--list").split()) == 3
    before = fingerprint(kept)
    shell("backup", str(kept), "--keep", "1")
    assert len(shell("restore", str(kept), "--list").split()) == 1
    assert before.items() & fingerprint(kept).items()


def test_a_damaged_one_changes_nothing(first: First, tmp_path: Path, mongod: OwnMongod) -> None:
    copy = tmp_path / "kept"
    first.shell("backup", str(copy))
    again = Shell(tmp_path / "data", environment(tmp_path, mongod))
    load(tmp_path, [{"kind": "addon", **make_addon(_id=1)}], mongod)
    before = stored(again, tmp_path / "files")

    def largest(folder: str) -> Path:
        paths = [path for path in (copy / folder).rglob("*") if path.is_file()]
        return max(paths, key=lambda path: path.stat().st_size)

    part, file = largest("documents"), largest("files")
    ruins = ((part, part.read_bytes()[:-1]), (file, b"x" + file.read_bytes()[1:]), (part, None), (file, None))
    for path, content in ruins:
        whole = path.read_bytes()
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        again("restore", str(copy), "--replace", status=1)
        assert f"{path}: " in again.error and "nothing was changed" in again.error
        path.write_bytes(whole)
    assert stored(again, tmp_path / "files") == before
    file.unlink()
    again("restore", str(copy), "--replace", "--without-damaged", status=1)
    lines, files = stored(first.shell, tmp_path / "files")
    assert stored(again, tmp_path / "files") == (
        lines,
        {name: files[name] for name in files if name != file.name},
    )
    again("restore", str(tmp_path), status=1)
    assert "has no backup" in again.error
    (made,) = (copy / "backups").iterdir()
    made.write_text(json.dumps(json.loads(made.read_text()) | {"format": 99}))
    again("restore", str(copy), "--replace", status=1)
    assert "another release" in again.error


def test_nobody_restores_under_a_server(first: First) -> None:
    first.shell("restore", str(first.folder / "kept"), "--replace", status=2)
    assert "a server runs" in first.shell.error
