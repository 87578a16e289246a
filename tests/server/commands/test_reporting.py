"""How far a long command is: a bar where a person watches, else a line now and then."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from server.commands import reporting
from server.commands.reporting import Reporter
from tests.program import ROOT, clean_environment


def test_lines_within_a_second_then_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    moments = iter([0.0, 0.1, 0.6, 5.0, 10.7, 20.0])
    monkeypatch.setattr(reporting.time, "monotonic", lambda: next(moments))
    with Reporter("making", 100, " things") as reporter:
        for _ in range(5):
            reporter.count(20)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["making: 40 things, 40 %", "making: 80 things, 80 %"]


def test_what_is_done_at_once_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Reporter("making", None) as reporter:
        reporter.progress(3, 4096)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "log"])
def test_a_server_that_makes_its_demonstration(tmp_path: Path, terminal: bool) -> None:
    ours, theirs = pty.openpty() if terminal else os.pipe()
    if terminal:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    words = ("serve", "--port", "0", "--demo", "20000", "--data-dir", str(tmp_path / "data"))
    program = subprocess.Popen(
        [sys.executable, str(ROOT / "run.py"), *words],
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        shown = _read_until(ours, rb"making the demonstration: +\d+(%\|| documents, \d+ %)")
        assert b"Traceback" not in shown
    finally:
        program.send_signal(signal.SIGTERM)
        assert program.wait(30) == 0
        os.close(ours)


def _read_until(source: int, pattern: bytes, patience: float = 60.0) -> bytes:
    shown, deadline = b"", time.monotonic() + patience
    while not re.search(pattern, shown):
        assert time.monotonic() < deadline, shown
        if select.select([source], [], [], 1.0)[0]:
            shown += os.read(source, 65536)
    return shown
