"""A data folder that is not there yet: who makes it, when others start at that moment, and who removes it."""

import fcntl
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from server.embedded import process as processes
from server.embedded.folder import Folder
from server.embedded.lock import Lock
from server.embedded.mongod import OwnMongod, start_mongod
from server.errors import FolderInUse, MongodFailed, StartError
from tests.mongod_fixture import CACHE_GB
from tests.program import ROOT

# Starts at a word, says what it has, and goes on until the end of its input. Ends its mongod even if the test
# is cut short.
START = """
import asyncio, signal, sys
from pathlib import Path
from server.embedded.mongod import attach_or_start
async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    print("ready", flush=True)
    sys.stdin.readline()
    mongod = await attach_or_start(Path(sys.argv[1]), None, 0.25)
    try:
        print(type(mongod).__name__, flush=True)
        await asyncio.to_thread(sys.stdin.read)
    finally:
        await mongod.stop()
asyncio.run(main())
"""


def start_process(data: Path) -> subprocess.Popen[str]:
    command = (sys.executable, "-c", START, str(data))
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def read_line(start: subprocess.Popen[str]) -> str:
    assert start.stdout
    return start.stdout.readline()


def test_of_some_at_once_one_owns_the_folder_and_the_others_work_beside_it(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    with ExitStack() as stack:
        starts = [stack.enter_context(start_process(data)) for _ in range(3)]
        assert [read_line(start) for start in starts] == ["ready\n"] * 3
        for start in starts:
            assert start.stdin
            start.stdin.write("\n")
            start.stdin.flush()
        lines = [read_line(start) for start in starts]
        for start in starts:  # together, because the owner waits for the others
            assert start.stdin
            start.stdin.close()
    assert sorted(lines) == ["AttachedMongod\n", "AttachedMongod\n", "OwnMongod\n"]
    assert [start.returncode for start in starts] == [0] * 3 and processes.find_running(Folder(data)) is None


async def test_nothing_is_made_in_a_folder_that_another_process_has_begun(tmp_path: Path) -> None:
    """Each would replace the other's key."""
    lock = Lock.acquire(tmp_path / "owner.lock")
    with pytest.raises(FolderInUse):
        await start_mongod(tmp_path, None, CACHE_GB)
    assert os.listdir(tmp_path) == ["owner.lock"]
    lock.release()


async def test_one_that_fails_removes_what_it_made_and_nothing_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(mongod: OwnMongod, binary: Path) -> None:
        (tmp_path / "shared" / "other").mkdir(exist_ok=True, parents=True)
        raise MongodFailed("no room")

    monkeypatch.setattr(OwnMongod, "start", fail)
    for name in ("shared/mine", "alone/mine"):
        with pytest.raises(MongodFailed):
            await start_mongod(tmp_path / name, None, CACHE_GB)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["other", "shared"]


async def test_one_that_fails_leaves_what_a_faster_one_has_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path / "data").prepare()
    monkeypatch.setattr(Folder, "first_missing", lambda folder: folder.data_dir)  # as before that one began
    with pytest.raises(MongodFailed):
        await start_mongod(tmp_path / "data", "/bin/false", CACHE_GB)
    assert folder.key.exists()


def test_a_lock_whose_file_was_removed_is_taken_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a start that failed, after this one had opened the file."""
    path, flock = tmp_path / "owner.lock", fcntl.flock

    def remove_first(descriptor: int, kind: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        path.unlink()
        flock(descriptor, kind)

    monkeypatch.setattr(fcntl, "flock", remove_first)
    lock = Lock.acquire(path)
    with pytest.raises(FolderInUse):
        Lock.acquire(path)
    lock.release()


async def test_a_lock_that_cannot_be_opened_is_a_fault_of_the_data_folder(tmp_path: Path) -> None:
    (tmp_path / "owner.lock").mkdir()  # as unusable as another user's file
    with pytest.raises(StartError, match=r"cannot be used.*owner\.lock"):
        await start_mongod(tmp_path, None, CACHE_GB)


def test_a_folder_that_was_removed_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a start that failed, after this one had opened the lock's file."""
    folder, flock = Folder(tmp_path / "data"), fcntl.flock

    def remove_first(descriptor: int, kind: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        folder.discard(folder.data_dir)
        flock(descriptor, kind)

    monkeypatch.setattr(fcntl, "flock", remove_first)
    lock = folder.acquire()
    with pytest.raises(FolderInUse):
        folder.acquire()
    lock.release()
