"""The commands of run.py as typed, in this process or in a fork: a new interpreter costs a second each.

    shell = Shell(data_dir=folder / "data")
    assert shell("user", "show", "ann")
    shell("user", "show", "nobody", status=1)

    assert run("check", "--data-dir", str(folder / "data")).returncode == 0

That run.py can be started with them is what tests/server/commands/test_commands.py
is for. `Shell` is not for a test whose own event loop runs.
"""

import gc
import io
import os
import subprocess
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryFile
from unittest.mock import patch

from run import main
from tests.prefork import Forked
from tests.program import ROOT, clean_environment

LONGEST = 60.0  # seconds a command may take


class Shell:
    """Works on the folder, or on what the environment `env` names."""

    def __init__(self, data_dir: Path | None = None, env: Mapping[str, str] | None = None) -> None:
        self._words = ["--data-dir", str(data_dir)] if data_dir else []
        self._environment = clean_environment() | dict(env or {})
        self.output = self.error = ""

    def __call__(self, *words: str, status: int = 0) -> str:
        """What it printed, without blanks around it; AssertionError at any other exit status."""
        found, self.output, self.error = self._run([*words, *self._words])
        assert found == status, self.error
        return self.output.strip()

    def _run(self, words: list[str]) -> tuple[object, str, str]:
        out, err = io.TextIOWrapper(io.BytesIO(), write_through=True), io.StringIO()
        thresholds = gc.get_threshold()  # which a command may change for its process
        surroundings = patch.dict(os.environ, self._environment, clear=True)
        with surroundings, redirect_stdout(out), redirect_stderr(err):
            try:
                found: object = main(words)
            except SystemExit as end:  # of argparse
                found = end.code
            finally:
                gc.set_threshold(*thresholds)
        return found, out.buffer.getvalue().decode(), err.getvalue()


def run(
    *words: str, stdin: bytes = b"", settings: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[bytes]":
    """A process of its own; `settings` by their names in a file of settings."""
    environ = os.environ | {f"AMOEBA_{name.upper()}": value for name, value in (settings or {}).items()}
    with TemporaryFile() as typed, TemporaryFile() as out, TemporaryFile() as err:
        typed.write(stdin)
        typed.seek(0)
        process = Forked(words, environ, ROOT, (typed.fileno(), out.fileno(), err.fileno()))
        try:
            status = process.wait(LONGEST)
        finally:
            process.terminate()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(words, status, out.read(), err.read())
