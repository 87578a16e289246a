"""The program as its users start it: a process, its words, its output.

    with Program("serve", "--port", "0", "--data-dir", str(folder), "--demo", "400") as program:
        Client(program.url).get("/api/v5/addons/search/")

Output goes to files, so that a line the program has written is a line a test can
read at once. Settings of the caller's environment (AMOEBA_*) are not handed on.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from tests.prefork import Forked

ROOT = Path(__file__).resolve().parent.parent
LISTENING = re.compile(r"^listening on (http://\S+)$", re.MULTILINE)
STAMPED = re.compile(r"^\d{4}-\d\d-\d\d ")  # a log record begins; other lines go on with the one before
WAITING = re.compile(
    r"^(amoeba: (waiting for|going on after|opening the snapshot)|loading:) .*\n", re.MULTILINE
)
# A record at WARNING or above, a traceback, or a warning of Python's own.
LOUD = re.compile(r"^\S+ \S+ (WARNING|ERROR|CRITICAL) |^Traceback |^Exception |Warning: ", re.MULTILINE)
COMMAND = (str(ROOT / "run.py"),)
STOP_LIMIT = 10.0  # seconds from SIGTERM to the end, mongod included


class Program:
    """`run.py` with the given words, started at once, ended at the latest by `stop`."""

    forks = False  # in tests (tests/prefork.py), where what is measured is not a start from nothing

    def __init__(
        self,
        *words: str,
        output: Path,
        env: Mapping[str, str] | None = None,
        command: Sequence[str] = COMMAND,
    ) -> None:
        """Start Python with `command`; `output` is a folder for the two output files, made if absent."""
        output.mkdir(parents=True, exist_ok=True)
        self.words, self.env = words, dict(env or {})
        self.stdout_path, self.stderr_path = output / "stdout", output / "stderr"
        with (
            open(os.devnull, "rb") as nothing,
            self.stdout_path.open("wb") as out,
            self.stderr_path.open("wb") as err,
        ):
            environment = clean_environment() | {"AMOEBA_LOG_FORMAT": "text"} | self.env
            self.process: subprocess.Popen[bytes] | Forked
            if self.forks and command is COMMAND:
                files = (nothing.fileno(), out.fileno(), err.fileno())
                self.process = Forked(words, environment, ROOT, files)
            else:
                self.process = subprocess.Popen(
                    [sys.executable, *command, *words],
                    cwd=ROOT,
                    env=environment,
                    stdin=nothing,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,
                )
        self._url: str | None = None

    @property
    def stdout(self) -> str:
        return self.stdout_path.read_text(errors="replace")

    @property
    def stderr(self) -> str:
        return self.stderr_path.read_text(errors="replace")

    @property
    def complaints(self) -> str:
        """Standard error without what was said of waiting and progress: a busy machine slows everybody."""
        return WAITING.sub("", self.stderr)

    @property
    def url(self) -> str:
        """`http://HOST:PORT`, waiting for the server to say it."""
        if self._url is None:
            self._url = self.wait_listening()
        return self._url

    def wait_listening(self, timeout: float = 60.0) -> str:
        """Return the printed address; AssertionError with all output when it does not come."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if found := LISTENING.search(self.stdout):
                return found.group(1)
            if self.process.poll() is not None:
                raise AssertionError(self._report(f"ended with {self.process.returncode} before listening"))
            time.sleep(0.02)
        raise AssertionError(self._report(f"was not listening after {timeout} s"))

    def wait(self, timeout: float = 60.0) -> int:
        """Wait for the program to end by itself and return its exit status."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(self._report(f"was still running after {timeout} s")) from None

    def stop(self, sign: int = signal.SIGTERM) -> int:
        """Ask the program to end and return its exit status; late is an AssertionError."""
        try:
            if self.process.poll() is None:
                self.process.send_signal(sign)
            return self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            raise AssertionError(self._report(f"had not ended {STOP_LIMIT} s after the signal")) from None
        finally:
            self.kill()

    def kill(self) -> None:
        """End the process and its children of the same group, whatever their state."""
        if self.process.poll() is None:
            with suppress(ProcessLookupError):  # it has ended meanwhile
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def loud_records(self, start: int = 0) -> list[str]:
        """Records on standard error, from the byte `start`, at WARNING and above, tracebacks included."""
        with self.stderr_path.open("rb") as file:
            file.seek(start)
            lines = file.read().decode(errors="replace").splitlines()
        records: list[str] = []
        for line in lines:
            if records and not STAMPED.match(line):
                records[-1] += "\n" + line
            else:
                records.append(line)
        return [record for record in records if LOUD.search(record)]

    def __enter__(self) -> "Program":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if fault is None:
            self.stop()
        else:
            self.process.terminate()
            try:
                self.process.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                self.kill()

    def _report(self, fault: str) -> str:
        words = " ".join(self.words)
        return f"run.py {words} {fault}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


def clean_environment() -> dict[str, str]:
    """The caller's environment without settings of the program."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AMOEBA_") and name != "MONGODB_URI"
    }
