"""What stands where a file should be: a pipe nobody writes to, a socket, a folder, a device without end."""

import os
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

import pytest

from conf.files import open_file, read_file
from conf.settings.loading import load_settings
from conf.settings.sources import SettingsError
from index.snapshot.folder import SnapshotFolder
from server.auth.keys.keystores import FILE, KeyFile
from server.embedded import process
from server.embedded.folder import Folder
from server.errors import StartError
from server.storage.store import Store


def _socket(path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(os.path.relpath(path))  # the name of a socket has 107 bytes at most


IN_PLACE_OF_A_FILE: Final[dict[str, Callable[[Path], Any]]] = {
    "pipe": os.mkfifo,
    "socket": _socket,
    "folder": Path.mkdir,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "link to nothing": lambda path: path.symlink_to("nothing"),
    "link to itself": lambda path: path.symlink_to(path.name),
}


@pytest.fixture(params=IN_PLACE_OF_A_FILE)
def put(request: pytest.FixtureRequest) -> Callable[[Path], Any]:
    return IN_PLACE_OF_A_FILE[request.param]


def test_is_refused_at_once(tmp_path: Path, put: Callable[[Path], Any]) -> None:
    put(tmp_path / "it")
    with pytest.raises(OSError):
        open_file(tmp_path / "it")


def test_file_of_another_size(tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(b"12345")
    assert read_file(tmp_path / "it", 5) == b"12345"
    with pytest.raises(OSError, match="larger than 4 bytes"):
        read_file(tmp_path / "it", 4)


def test_settings(tmp_path: Path, put: Callable[[Path], Any]) -> None:
    put(tmp_path / "amoeba.toml")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings({}, {}, tmp_path / "amoeba.toml")


def test_snapshot(tmp_path: Path, put: Callable[[Path], Any]) -> None:
    put(tmp_path / "lock")
    folder = SnapshotFolder(tmp_path)
    with suppress(OSError):
        assert folder.lock() in (True, False)
    folder.close()


async def test_secret(tmp_path: Path, store: Store, put: Callable[[Path], Any]) -> None:
    put(tmp_path / FILE)
    with pytest.raises(StartError, match=FILE):
        await KeyFile(tmp_path / FILE, store).get_or_create()


@pytest.mark.parametrize("kind", ["pipe", "socket", "folder", "device"])
@pytest.mark.parametrize("name", ["key", "credentials.json"])
def test_what_mongod_starts_with(tmp_path: Path, kind: str, name: str) -> None:
    (tmp_path / "mongod").mkdir()
    IN_PLACE_OF_A_FILE[kind](tmp_path / "mongod" / name)
    with pytest.raises(StartError, match="data folder"):
        Folder(tmp_path).prepare()


def test_what_mongod_leaves(tmp_path: Path, put: Callable[[Path], Any]) -> None:
    """Taken for not being there."""
    folder = Folder(tmp_path).prepare()
    for path in (folder.pid_file, folder.owner_lock, folder.log):
        put(path)
    assert (folder.pid(), folder.owner_pid(), folder.log_tail()) == (None, None, [])


@pytest.mark.parametrize("kind", ["pipe", "socket", "folder"])
def test_log_of_mongod(tmp_path: Path, kind: str) -> None:
    folder = Folder(tmp_path).prepare()
    IN_PLACE_OF_A_FILE[kind](folder.log)
    with pytest.raises(OSError):
        process.spawn(Path("/bin/false"), folder, folder.root / "mongod.sock", 0.25)
