"""Starts and commands wait for MongoDB: slow, standing still, dying, not there yet. That ends none."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from server.embedded import process as processes
from server.embedded.folder import Folder
from server.embedded.mongod import OwnMongod
from tests.client import Client
from tests.drills.mongods import ReplicaSet
from tests.ports import free_port
from tests.program import Program
from tests.server.storage.test_store import standalone
from tests.shell_commands import Shell

ADDONS = 600
TIMES = 2
STILL = 1.2  # seconds, three times what a call may take here
IMPATIENT = {"AMOEBA_MONGODB_TIMEOUT": "0.4"}
AWAY = "mongodb://127.0.0.1:{port}/?replicaSet=rs0"


def stand_still(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        time.sleep(STILL)
        os.kill(pid, signal.SIGCONT)


def die(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@contextmanager
def disturbed(data: Path, disturb: Callable[[int], None]) -> Iterator[None]:
    """While the block runs, the mongod of the folder is disturbed TIMES times, soon after it came up."""
    folder, over = Folder(data), threading.Event()

    def keep_disturbing() -> None:
        done: list[int] = []
        while len(done) < TIMES and not over.wait(0.05):
            pid = folder.pid()
            if pid and processes.find_running(folder) and (disturb is stand_still or pid not in done):
                over.wait(0.4)
                disturb(pid)
                done.append(pid)

    thread = threading.Thread(target=keep_disturbing, name="disturbing mongod")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def start(*words: str, data: Path, name: str) -> Program:
    return Program(*words, "--data-dir", str(data), output=data.parent / name, env=IMPATIENT)


@pytest.mark.parametrize("disturb", [stand_still, die])
def test_a_load_a_dump_and_a_start_go_on(disturb: Callable[[int], None], data: Path, demo: Path) -> None:
    with start("load", str(demo), data=data, name="load") as loading, disturbed(data, disturb):
        assert loading.wait(120) == 0, loading.stderr
    assert " 0 bad" in loading.stderr
    with start("dump", data=data, name="dump") as dumping, disturbed(data, disturb):
        assert dumping.wait(120) == 0, dumping.stderr
    assert dumping.stdout_path.read_bytes().startswith(demo.read_bytes())
    with start("serve", "--port", "0", data=data, name="serve") as serving:
        with disturbed(data, disturb):
            serving.wait_listening(120)
        with closing(Client(serving.url)) as client:
            wait_until(lambda: client.get("/__heartbeat__").json["mongodb"])
            assert client.get("/__heartbeat__").json["addons"] > 0
            count = client.get("/api/v5/addons/search/?page_size=1").json["count"]
    stored = [line for line in dumping.stdout.splitlines() if '"kind":"addon"' in line]
    assert len(stored) == ADDONS and count > ADDONS / 2
    if disturb is stand_still:
        for program in (loading, dumping, serving):
            assert "amoeba: waiting for mongo" in program.stderr.lower()


def wait_until(true: Callable[[], object], limit: float = 30.0) -> None:
    deadline = time.monotonic() + limit
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_mongodb_that_comes_after_the_server_is_waited_for(tmp_path: Path) -> None:
    members = ReplicaSet(tmp_path / "mongod", 1)
    env = IMPATIENT | {"AMOEBA_MONGODB_URI": members.uri}
    with (
        closing(members),
        Program("serve", "--port", "0", "--demo", "20", output=tmp_path / "serve", env=env) as serving,
        Program("user", "add", "ann", output=tmp_path / "user", env=env) as adding,
    ):
        for program in (serving, adding):
            wait_until(lambda program=program: "Connection refused" in program.stderr)  # type: ignore[misc]
            assert f"waiting for MongoDB at {members.members[0].address}" in program.stderr
        members.start()
        assert adding.wait() == 0, adding.stderr
        serving.wait_listening()
        assert serving.loud_records() == []


@pytest.mark.parametrize("words", [("serve", "--port", "0"), ("load", "FILE"), ("user", "show", "ann")])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_waiting_at_once(words: tuple[str, ...], number: int, tmp_path: Path) -> None:
    env = {"AMOEBA_MONGODB_URI": AWAY.format(port=free_port())}
    file = tmp_path / "counter.jsonl"
    file.write_text('{"kind": "counter", "_id": "addon", "value": 9}')
    words = tuple(str(file) if word == "FILE" else word for word in words)
    with Program(*words, output=tmp_path / "output", env=env) as program:
        wait_until(lambda: "waiting for MongoDB" in program.stderr)
        begun = time.monotonic()
        assert program.stop(number) == (0 if words[0] == "serve" else 128 + number)
        assert time.monotonic() - begun < 2


def test_a_signal_ends_the_waiting_for_one_that_stands_still(data: Path) -> None:
    """Its calls are under way: nobody waits for their end."""
    with start("serve", "--port", "0", data=data, name="first") as program:
        program.wait_listening()
    with start("serve", "--port", "0", data=data, name="second") as program:
        folder = Folder(data)
        wait_until(folder.pid)
        os.kill(folder.pid() or 0, signal.SIGSTOP)
        wait_until(lambda: "waiting for mongo" in program.stderr.lower())
        assert program.stop() == 0
    assert processes.find_running(folder) is None


def ends(uri: str, word: str) -> None:
    shell = Shell(env=IMPATIENT | {"AMOEBA_MONGODB_URI": uri})
    shell("user", "show", "ann", status=2)
    assert word in shell.error
    assert "waiting for" not in shell.error


class TestWhatCannotHealEndsIt:
    def test_a_wrong_password(self, mongod: OwnMongod) -> None:
        ends(mongod.uri.replace(mongod.folder.credentials().password, "wrong"), "Authentication failed")

    def test_no_replica_set(self, tmp_path: Path) -> None:
        with standalone(tmp_path) as port:
            ends(f"mongodb://127.0.0.1:{port}", "rs.initiate()")
            ends(AWAY.format(port=port), "replicaSet=")

    def test_another_replica_set(self, tmp_path: Path) -> None:
        with ReplicaSet(tmp_path, 1) as members:
            ends(AWAY.format(port=members.members[0].port), "replicaSet=")

    @pytest.mark.parametrize(
        "uri", ["http://h", "mongodb://", "mongodb://h:port", "mongodb://user@:password@h"]
    )
    def test_an_unusable_uri(self, uri: str) -> None:
        ends(uri, "MONGODB_URI")

    def test_a_folder_that_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        shell = Shell(tmp_path / "file" / "data")
        shell("user", "show", "ann", status=2)
        assert "cannot be used" in shell.error
