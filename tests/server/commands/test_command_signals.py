"""SIGTERM and Ctrl-C: a command ends in order, says so, and leaves no mongod behind."""

import asyncio
import fcntl
import os
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path

import psutil
import pytest

from conf.settings.settings import Settings
from server.demo.catalogue import lines
from server.embedded.mongod import mongodb
from server.storage.store import Store
from tests.program import ROOT, STOP_LIMIT, Program

ADDONS = 900  # a load of a second or two


def soon(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.01)


def mongods(data: Path) -> list[psutil.Process]:
    """Those that work on the folder."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if str(data / "mongod" / "db") in words:
            found.append(process)
    return found


async def until_some_are_stored(data: Path) -> None:
    async with mongodb(Settings(data_dir=str(data)), attach=True) as uri:
        store = await Store.open(uri, "amoeba", 5.0)
        while not await store.count("addons"):
            await asyncio.sleep(0.01)
        await store.close()


def takes(number: signal.Signals, pid: int) -> bool:
    """Whether the process has a handler for the signal."""
    if sys.platform != "linux":
        time.sleep(3)
        return True
    caught = re.search(r"^SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return caught is not None and bool(int(caught[1], 16) >> (number - 1) & 1)


def unread_bytes(pipe: RawIOBase) -> int:
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


@contextmanager
def unread(*words: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A command whose output fills the pipe that nobody reads."""
    command = [sys.executable, str(ROOT / "run.py"), *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout and select.select([process.stdout], [], [], 30)[0]
            time.sleep(0.5)
            assert process.poll() is None
            yield process
        finally:
            if process.poll() is None:
                process.kill()


@pytest.mark.timeout(seconds=120)
async def test_a_load_ended_by_sigterm_leaves_no_mongod_and_the_next_completes(
    data: Path, demo: Path
) -> None:
    words = ("load", str(demo), "--data-dir", str(data))
    with Program(*words, output=data.parent / "first") as program:
        soon(lambda: bool(mongods(data)), "a mongod")
        await until_some_are_stored(data)
        assert program.stop() == 128 + signal.SIGTERM
        assert program.complaints == "amoeba: ending on SIGTERM\n"
    assert mongods(data) == []
    with Program(*words, output=data.parent / "second") as program:
        assert program.wait() == 0, program.stderr
    assert " 0 bad" in program.stderr
    with Program("dump", "--data-dir", str(data), output=data.parent / "dump") as program:
        assert program.wait() == 0, program.stderr
    assert program.stdout_path.read_bytes().startswith(demo.read_bytes())
    with unread("dump", "--data-dir", str(data)) as process:
        process.terminate()
        assert process.wait(STOP_LIMIT) == 128 + signal.SIGTERM
    assert mongods(data) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_input_that_never_comes_does_not_hold_it(number: signal.Signals, data: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with Program("load", str(pipe), "--data-dir", str(data), output=tmp_path / "load") as program:
        with pipe.open("wb", buffering=0) as writer:
            writer.write(b"\n")
            soon(lambda: unread_bytes(writer) == 0, "somebody who reads")
            assert program.stop(number) == 128 + number
        assert program.complaints == f"amoeba: ending on {number.name}\n"
    assert mongods(data) == []


def test_a_signal_while_mongod_starts(data: Path) -> None:
    file = data.parent / "one.jsonl"
    file.write_bytes(b"".join(lines(1)))
    with Program("load", str(file), "--data-dir", str(data), output=data.parent / "load") as program:
        soon(lambda: bool(mongods(data)), "a mongod")
        # Another one meanwhile changes nothing: it is ending.
        program.process.terminate()
        time.sleep(0.05)
        assert program.stop() == 128 + signal.SIGTERM
    assert mongods(data) == []


def test_a_pipe_that_nobody_writes_to_does_not_hold_it(data: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with Program("load", str(pipe), "--data-dir", str(data), output=tmp_path / "load") as program:
        soon(lambda: takes(signal.SIGTERM, program.process.pid), "a command that has begun")
        time.sleep(0.5)
        assert program.stop() == 128 + signal.SIGTERM


def test_output_that_nobody_reads_does_not_hold_it() -> None:
    with unread("demo", "3000") as process:
        process.terminate()
        assert process.wait(STOP_LIMIT) == 128 + signal.SIGTERM
        assert process.stderr and process.stderr.read() == b"amoeba: ending on SIGTERM\n"
