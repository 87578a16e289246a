"""load, dump and demo as scripts use them: words, output, exit status."""

import gzip
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Client
from tests.program import ROOT, Program
from tests.server.intake.amo_objects import make_v4
from tests.shell_commands import Shell, run


def _soon(true: Callable[[], bool]) -> bool:
    """Whether it comes true within some seconds: the running server follows the store."""
    deadline = time.monotonic() + 10
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_demo_dump_and_load_go_round(mongod: OwnMongod, tmp_path: Path) -> None:
    first = {"mongodb_uri": mongod.uri, "mongodb_database": "commands_one"}
    second = first | {"mongodb_database": "commands_two"}
    demo = run("demo", "40")
    assert demo.returncode == 0
    path = tmp_path / "demo.jsonl"
    path.write_bytes(demo.stdout)
    loaded = run("load", str(path), settings=first)
    assert loaded.returncode == 0, loaded.stderr
    assert b" 0 bad" in loaded.stderr
    assert loaded.stdout == b""
    dump = run("dump", settings=first)
    assert dump.stdout.startswith(demo.stdout)
    assert run("load", "-", stdin=gzip.compress(dump.stdout), settings=second).returncode == 0
    assert run("dump", settings=second).stdout == dump.stdout
    path.write_bytes(gzip.compress(dump.stdout))
    assert b" 0 documents new, 0 changed" in run("load", str(path), settings=second).stderr
    assert run("dump", settings=second).stdout == dump.stdout


def test_bad_records_are_reported_and_make_the_status_1(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    path.write_text(json.dumps(make_v4()) + '\n{"id": "x"}\nnonsense\n')
    done = run("load", str(path), "--data-dir", str(tmp_path / "data"))
    assert done.returncode == 1
    told = done.stderr.decode()
    assert f"{path}:2: id is no whole number from 1 up: 'x'" in told
    assert f"{path}:3: not JSON: " in told
    assert "1 records loaded, 2 bad" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["load", "missing.json"], "missing.json: No such file"),
        (["load", "server"], "server: Is a directory"),
        (["load"], "the following arguments are required: FILE"),
        (["demo", "-1"], "'-1' is not a number of add-ons from 1 to"),
        (["demo", "0"], "'0' is not a number of add-ons"),
        (["demo", "many"], "'many' is not a number of add-ons"),
        (["serve", "--demo", "-5"], "argument --demo: '-5' is not a number of add-ons from 1 to"),
        (["serve", "--demo", "0"], "'0' is not a number"),
        (["serve", "--demo", "2.5"], "'2.5' is not a number"),
        (["serve", "--demo", "99999999999"], "'99999999999' is not a number"),
        (["serve", "--port", "-1"], "port"),
        (["serve", "--port", "eighty"], "port"),
    ],
)
def test_what_cannot_begin_has_status_2(words: list[str], said: str, tmp_path: Path) -> None:
    done = run(*words, "--data-dir", str(tmp_path / "data"))
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert not (tmp_path / "data").exists()


def test_a_fault_of_the_system_is_told_in_words_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("backup", str(tmp_path / "file" / "kept"), "--data-dir", str(tmp_path / "data"))
    assert done.returncode == 2
    assert done.stderr.decode().endswith(f"amoeba: {tmp_path}/file/kept: Not a directory\n")


UNREADABLE = [
    pytest.param(b"", "is empty", id="empty"),
    pytest.param(b"PK\x03\x04\x14\0" + bytes(50), "is a zip archive: unpack it first", id="zip"),
    pytest.param(b"BZh91AY&SY", "is packed with bzip2", id="bzip2"),
    pytest.param(b"\x28\xb5\x2f\xfd\x04", "is packed with zstd", id="zstd"),
    pytest.param(b"\x7fELF\x02\x01\x01\0\0", "is no text", id="binary"),
    pytest.param('{"id": 1}'.encode("utf-16"), "is no text", id="UTF-16"),
]


@pytest.mark.parametrize(("content", "said"), UNREADABLE)
def test_a_file_without_records_is_refused_before_anything_is_begun(
    content: bytes, said: str, tmp_path: Path
) -> None:
    shell = Shell(tmp_path / "data")
    path = tmp_path / "file"
    path.write_bytes(content)
    shell("load", str(path), status=2)
    assert shell.error.startswith(f"amoeba: {path}: {said}")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--config", "{file}", "user", "list"],
        ["user", "--config", "{file}", "list"],
        ["user", "list", "--config", "{file}"],
        ["user", "list", "--config={file}"],
    ],
)
def test_config_stands_before_and_after_a_command_and_its_verb(words: list[str], tmp_path: Path) -> None:
    file = tmp_path / "amoeba.toml"
    file.write_text("port = 'eighty'")
    done = run(*(word.format(file=file) for word in words))
    assert (done.returncode, done.stdout) == (2, b"")
    assert "port: must be a whole number" in done.stderr.decode()


def test_the_file_is_a_program() -> None:
    command = [sys.executable, str(ROOT / "run.py"), "demo", "2"]
    done = subprocess.run(command, cwd=ROOT / "tests", capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, run("demo", "2").stdout)


def test_output_may_be_closed_early() -> None:
    done = subprocess.run(
        f"{sys.executable} run.py demo 3000 | head -n 1",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        timeout=60,
    )
    assert done.stdout.startswith(b'{"kind":"user"')
    assert b"Broken" not in done.stderr
    assert b"Traceback" not in done.stderr


def test_loading_beside_a_running_server(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    path = tmp_path / "a.json"
    path.write_text(json.dumps(make_v4()))
    with Program("serve", "--port", "0", "--data-dir", data, output=tmp_path / "out") as program:
        program.wait_listening()
        loaded = run("load", str(path), "--data-dir", data)
        assert loaded.returncode == 0, loaded.stderr
        assert b'"slug":"tab-tree"' in run("dump", "--data-dir", data).stdout
        client = Client(program.url)
        try:
            assert _soon(lambda: client.get("/api/v5/addons/addon/tab-tree/").status == 200)
        finally:
            client.close()
        assert program.stop() == 0


def test_a_taken_port_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("serve", "--port", port, "--data-dir", str(tmp_path / "a" / "data"))
    assert done.returncode == 2
    assert not (tmp_path / "a").exists()
    assert f"amoeba: cannot listen on 127.0.0.1, port {port}: " in done.stderr.decode()
    assert not list(tmp_path.rglob("mongod.pid"))


@pytest.mark.parametrize("mongod", ["/bin/false", "/no/such/mongod"])
@pytest.mark.parametrize("there", [False, True])
def test_a_first_start_that_fails_leaves_nothing(mongod: str, there: bool, tmp_path: Path) -> None:
    data = tmp_path / "a" / "data"
    if there:
        data.mkdir(parents=True)
        (data / "mine").touch()
    done = run("serve", "--port", "0", "--data-dir", str(data), settings={"mongod": mongod})
    assert done.returncode == 2
    assert "mongod" in done.stderr.decode()
    assert (tmp_path / "a").exists() == there
    assert (data / "mine").exists() == there
