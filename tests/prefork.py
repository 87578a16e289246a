"""Programs forked from an interpreter that has imported everything: importing takes a second, forking none.

What is forked is a process like any other: its own session, signals, environment, files and exit status.
That `python run.py` starts by itself is what tests/server/commands/test_commands.py is for.
"""

import ctypes
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final
from unittest.mock import patch

_CONTEXT: Final = get_context("forkserver")
_PR_SET_PDEATHSIG: Final = 1
_ROOT: Final = Path(__file__).resolve().parent.parent
_CONTEXT.set_forkserver_preload(["tests.prefork", "tests.preload"])


class Forked:
    """`run.py` with `words`; of subprocess.Popen what tests use."""

    def __init__(
        self, words: Sequence[str], env: Mapping[str, str], folder: Path, files: Sequence[int]
    ) -> None:
        """In `folder`; `files`: standard input, output and error, whose descriptors stay the caller's."""
        # As connections they can be sent to another process.
        sent: list[Connection] = [Connection(os.dup(file)) for file in files]
        self._process = _CONTEXT.Process(target=_run, args=(list(words), dict(env), folder, sent))
        # The server of forks finds the modules where this process does.
        with patch.dict(os.environ, PYTHONPATH=str(_ROOT)):
            self._process.start()
        for file in sent:
            file.close()
        self.pid: int = self._process.pid or 0
        self.sentinel = self._process.sentinel  # readable at its end

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if (status := self.returncode) is None:
            raise subprocess.TimeoutExpired("run.py", timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def _run(words: list[str], env: dict[str, str], folder: Path, files: Sequence[Connection]) -> None:
    """In the fork: what a new interpreter would have, then the program until its end."""
    os.setsid()
    _end_with_parent()
    # It would keep the server of forks alive when the run of tests is gone.
    os.close(getattr(forkserver, "_forkserver")._forkserver_alive_fd)  # noqa: B009
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    for number, file in enumerate(files):
        os.dup2(file.fileno(), number)
        file.close()
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False, errors="backslashreplace")  # noqa: SIM115
    sys.argv = [str(folder / "run.py"), *words]
    status = 1
    try:
        import run

        status = run.main(words)
    except SystemExit as end:  # of argparse
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _end_with_parent() -> None:
    """A run of tests that is killed leaves no servers (Linux): its server of forks ends with it."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
