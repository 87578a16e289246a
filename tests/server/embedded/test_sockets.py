"""The path of mongod's socket: below the data folder, or in a private folder where it cannot be there."""

import os
import stat
from pathlib import Path

import pytest

from server.embedded import sockets
from server.embedded.folder import Folder, write_private
from server.embedded.mongod import AttachedMongod, attach_or_start
from tests.mongod_fixture import CACHE_GB, running
from tests.server.embedded.test_mongod import add_and_count

LONG = "a" * 50 + "/" + "b" * 50


def test_as_a_rule_it_is_in_the_folder(tmp_path: Path) -> None:
    folder = Folder(Path("/var/lib/amoeba"))
    assert sockets.find_socket(folder) == sockets.prepare_socket(folder) == folder.root / "mongod.sock"


@pytest.mark.parametrize("name", [LONG, "Capital", "with space", "a,b", "a:1", "ü", "50%", "a?b", "[x]"])
def test_what_no_socket_may_be_called_gets_a_private_folder(tmp_path: Path, name: str) -> None:
    folder = Folder(tmp_path / name).prepare()
    assert sockets.find_socket(folder) is None
    path = sockets.prepare_socket(folder)
    try:
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert len(os.fsencode(path)) <= 103 and path.parent != folder.root
        assert sockets.prepare_socket(folder) == sockets.find_socket(folder) == path
    finally:
        sockets.remove_socket(folder)
    assert not path.parent.exists()
    assert sockets.find_socket(folder) is None


def test_a_private_folder_that_was_cleared_away_is_made_again(tmp_path: Path) -> None:
    folder = Folder(tmp_path / LONG).prepare()
    path = sockets.prepare_socket(folder)
    path.parent.rmdir()
    assert sockets.find_socket(folder) is None
    assert sockets.prepare_socket(folder) == path
    sockets.remove_socket(folder)


@pytest.mark.parametrize("what", ["open to others", "a link", "a file"])
def test_what_somebody_else_put_in_its_place_is_not_used(tmp_path: Path, what: str) -> None:
    folder, other = Folder(tmp_path / LONG).prepare(), tmp_path / "other"
    if what == "a link":
        other.symlink_to(tmp_path)
    elif what == "a file":
        other.touch()
    else:
        other.mkdir()
        other.chmod(0o777)
    write_private(folder.socket_file, str(other / "mongod.sock"))
    assert sockets.find_socket(folder) is None
    assert sockets.prepare_socket(folder).parent not in (other, tmp_path)
    sockets.remove_socket(folder)


@pytest.mark.timeout(seconds=60)
async def test_mongod_works_there_over_restarts_and_with_commands(tmp_path: Path) -> None:
    data = tmp_path / "Müllers, 100 %" / LONG
    for count in (1, 2):
        async with running(data) as mongod:
            assert mongod.socket.parent.parent != data
            assert await add_and_count(mongod.uri, count) == count
            attached = await attach_or_start(data, None, CACHE_GB)
            assert isinstance(attached, AttachedMongod) and attached.uri == mongod.uri
            await attached.stop()
        assert not mongod.socket.parent.exists()
