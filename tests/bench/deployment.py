"""The server under measurement: its generated catalogue, its place on a processor, its memory.

The catalogue is generated and loaded once for each size and kept in a folder
under the system's temporary one, together with a mark that names the sources it
was made by; other sources, and it is made again.
"""

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from index.snapshot.records import COMPILED, Records
from tests.program import LISTENING, ROOT, Program

CORES = frozenset(os.sched_getaffinity(0))
SERVER_CORE, LOADER_CORE = min(CORES), max(CORES)
# A catalogue made by other versions of these is not the same catalogue.
MAKERS = [
    "conf/model/addons.py",
    "server/demo",
    "server/operating/dump.py",
    "server/intake",
    "server/storage/store.py",
]
START_LIMIT = 300.0
KEPT = Path(tempfile.gettempdir()) / "amoeba-bench"  # the folder of the catalogues


class Catalogue:
    """N generated add-ons in a data folder, loaded once and kept."""

    def __init__(self, addons: int, folder: Path) -> None:
        self.addons = addons
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()  # the same for all starts: compiled objects hold the site's address
        self.generated = folder / "demo.jsonl"
        self._mark = folder / "made-by"

    def prepare(self) -> float | None:
        """Generate and load if it is not there; return the seconds `load` took, None if kept."""
        if self._mark.exists() and self._mark.read_text() == _fingerprint():
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["rm", "-rf", str(self.data), str(self._mark)], check=True)
        with self.generated.open("wb") as file:
            _run("demo", str(self.addons), stdout=file)
        started = time.monotonic()
        with pinned(CORES):
            _run("load", str(self.generated), "--data-dir", str(self.data))
        took = time.monotonic() - started
        self._mark.write_text(_fingerprint())
        return took

    def forget(self) -> None:
        """Have the next start prepare every add-on, as after an update of the program."""
        shutil.rmtree(self.data / "snapshot", ignore_errors=True)

    def forget_rows(self) -> None:
        """Have the next start find no compiled object."""
        for snapshot in (self.data / "snapshot").glob("0*"):
            records = Records(snapshot)
            for key in [key for key, _ in records.scan(COMPILED)]:
                records.drop(key)
            records.seal()
            records.write()
            records.close()

    @contextlib.contextmanager
    def serve(self, port: int, cores: frozenset[int]) -> Iterator[Program]:
        """The server on this catalogue, it and what it starts on these cores."""
        words = ("serve", "--port", str(port), "--data-dir", str(self.data))
        with pinned(cores):
            # As installed: byte code is kept from one start to the next.
            env = {"PYTHONDONTWRITEBYTECODE": ""}
            program = Program(*words, output=self.folder / "output", env=env)
        with program:
            yield program


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for maker in MAKERS:
        path = ROOT / maker
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes() if file.exists() else b"")
    return digest.hexdigest()


def _run(*words: str, stdout: object = None) -> None:
    subprocess.run([sys.executable, str(ROOT / "run.py"), *words], cwd=ROOT, stdout=stdout, check=True)  # type: ignore[call-overload]


@contextlib.contextmanager
def pinned(cores: frozenset[int]) -> Iterator[None]:
    """Processes started inside stay on `cores`; the caller comes back to its own."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def bare_process(*words: str) -> Iterator[int]:
    """`tests.bench.bare` with these words, on the server's core; gives its port."""
    command = [sys.executable, "-m", "tests.bench.bare", *words]
    with pinned(frozenset({SERVER_CORE})):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stdout
            found = LISTENING.search(process.stdout.readline())
            assert found, "the bare server did not start"
            yield int(found.group(1).rsplit(":", 1)[1])
        finally:
            process.terminate()


def move_mongod(server: int) -> None:
    """Put the mongod below the process `server` on the loader's core.

    A child inherits its parent's core; a pinned server is to have its own alone.
    """
    for pid in _descendants(server):
        if _stat(pid)[0] == "mongod":
            for task in Path(f"/proc/{pid}/task").iterdir():
                with contextlib.suppress(ProcessLookupError):
                    os.sched_setaffinity(int(task.name), {LOADER_CORE})


def _descendants(pid: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _stat(int(entry.name))[1] == pid:
            yield int(entry.name)
            yield from _descendants(int(entry.name))


def _stat(pid: int) -> tuple[str, int]:
    """Name and parent of a process; ("", 0) when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "", 0
    name = text[text.index("(") + 1 : text.rindex(")")]
    return name, int(text[text.rindex(")") + 2 :].split()[1])


def memory_mb(pid: int) -> dict[str, float]:
    """Resident memory of one process in MB: now, the same without the page cache, and at its highest."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines if line.startswith(("VmRSS", "RssAnon", "VmHWM")))
    return {name: int(value.split()[0]) / 1000 * 1.024 for name, value in fields.items()}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
