"""What takes long says so within a second, on a terminal and in a log, and never into a pipe."""

import asyncio
import itertools
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from server.cli import reporting
from server.cli.reporting import ProgressReporter
from server.demo.catalogue import lines
from server.embedded.mongod import OwnMongod
from tests.handlers.loaded_server import environment
from tests.program import ROOT, Program
from tests.shell_commands import Shell

# The program, for which a twentieth of a second is long.
IMPATIENT = """
import runpy
from server.cli import reporting
reporting._FIRST_PAUSE = 0.05
runpy.run_path("run.py", run_name="__main__")
"""
SLOW = """
import asyncio
from server.cli.reporting import ProgressReporter
async def work():
    with ProgressReporter("working", 10, "things") as reporter:
        await asyncio.sleep(2.5)
        reporter.progress(5)
        await asyncio.sleep(0.5)
asyncio.run(work())
"""


async def test_the_first_line_comes_within_a_second_whether_anything_was_done_or_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ProgressReporter("working", 10, "things") as reporter:
        await asyncio.sleep(1.0)
        assert capsys.readouterr().err == "working: 0 things, 0 %\n"
        reporter.progress(5)
        await asyncio.sleep(2.0)
        assert capsys.readouterr().err == "working: 5 things, 50 %\n"
    await asyncio.sleep(1.0)
    assert capsys.readouterr().err == ""


async def test_what_is_quick_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressReporter("working") as reporter:
        reporter.progress(5)
    assert capsys.readouterr() == ("", "")


def test_lines_come_rarer_and_rarer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(reporting, "_MAX_PAUSE", 0.16)

    async def work() -> None:
        with ProgressReporter("reading", 4096) as reporter:
            reporter.progress(7, 1024)
            await asyncio.sleep(0.5)

    asyncio.run(work())
    output = capsys.readouterr().err.splitlines()
    assert set(output) == {"reading: 7 records, 25 %"}
    assert len(output) in (5, 6)  # after 10, 30, 70, 150, 310, 470 ms


async def test_a_terminal_shows_also_what_has_no_total(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, terminal = pty.openpty()
    monkeypatch.setattr(sys, "stderr", os.fdopen(terminal, "w"))
    with ProgressReporter("working", None, "things") as reporter:
        reporter.progress(5)
        reporter.print_line("a line")
    screen_output = b""
    while b"a line" not in screen_output:  # else there is nothing more to read, and the test ends by its time
        screen_output += await asyncio.to_thread(os.read, screen, 10_000)
    os.close(screen)


def test_a_terminal_shows_a_bar_within_a_second() -> None:
    leader, follower = pty.openpty()
    command = [sys.executable, "-c", SLOW]
    with subprocess.Popen(command, cwd=ROOT, stderr=follower, stdout=follower) as program:
        os.close(follower)
        screen_output = b""
        moments = []
        while True:
            try:
                part = os.read(leader, 4096)
            except OSError:  # the program's end has no other sign on Linux
                break
            screen_output += part
            moments.append(time.monotonic())
        assert program.wait(10) == 0
    os.close(leader)
    gaps = [later - sooner for sooner, later in itertools.pairwise(moments)]
    assert b"working:   0%" in screen_output
    assert b"| 5.00/10.0" in screen_output
    assert max(gaps) < 2.0, "a bar that stands still"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever takes a turn of the loop takes long."""
    monkeypatch.setattr(reporting, "_FIRST_PAUSE", 0.0)


COMMANDS = [
    ("load {file}", "loading: "),
    ("load --merge {partial}", "loading: "),
    ("dump", "dumping: "),
    ("demo 60", "writing: "),
    ("check", "checking: "),
    ("basket resync --all", "recording: "),
    ("basket retry", "retrying: "),
    ("basket drop", "dropping: "),
    ("mail retry", "retrying: "),
    ("mail drop", "dropping: "),
]


@pytest.mark.usefixtures("at_once")
def test_every_long_command_tells_how_far_it_is(mongod: OwnMongod, tmp_path: Path) -> None:
    shell = Shell(env=environment(tmp_path, mongod))
    files = {"file": tmp_path / "demo.jsonl", "partial": tmp_path / "partial.jsonl"}
    files["file"].write_bytes(b"".join(lines(60)))
    files["partial"].write_text('{"id": 10000001, "average_daily_users": 1}\n')
    for arguments, output in COMMANDS:
        shell(*arguments.format(**files).split())
        assert re.search(f"^{output}[0-9]+ ", shell.error, re.MULTILINE), arguments


def test_a_first_start_tells_how_far_it_is(tmp_path: Path) -> None:
    arguments = ("serve", "--port", "0", "--demo", "400", "--data-dir", str(tmp_path / "data"))
    with Program(*arguments, output=tmp_path, command=("-c", IMPATIENT)) as program:
        program.wait_listening(240)
        assert program.stdout.startswith("data folder ")
        line = r"^making the demonstration: [0-9]+ documents, [0-9]+ %$"
        assert re.search(line, program.stderr, re.MULTILINE)
