"""A server whose event loop is watched (tests/blocks.py): the demonstration and documents of a test's own."""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.client import Answer, Client, send_raw
from tests.handlers.loaded_server import load
from tests.handlers.signed_client import SECRET
from tests.program import Program

SETTINGS = {
    "AMOEBA_SECRET_KEY": SECRET,
    "AMOEBA_THROTTLING": "false",
    "AMOEBA_RESPONSE_CACHE_MB": "1",
}


class Watched:
    def __init__(self, program: Program, file: Path) -> None:
        self.program = program
        self.client = Client(program.url, timeout=60)
        self._file = file
        self._process = psutil.Process(program.process.pid)

    def block(self, ask: Callable[[], object]) -> float:
        """The longest block while this is asked, in milliseconds; 0 for what is too short to count."""
        self._file.write_text("")
        ask()
        time.sleep(0.05)
        return self.longest()

    def longest(self) -> float:
        return float(self._file.read_text() or 0)

    def memory(self) -> float:
        return float(self._process.memory_info().rss) / 1e6

    def post(self, path: str, kind: str, body: bytes) -> Answer:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        return send_raw(self.program.url, head.encode() + body, "POST")


@contextmanager
def watching(documents: Iterable[Mapping[str, Any]]) -> Iterator[Watched]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "block"
        words = ("serve", "--port", "0", "--data-dir", str(folder / "data"), "--demo", "400")
        command = ("-m", "tests.blocks", str(file))
        with Program(*words, output=folder / "output", env=SETTINGS, command=command) as program:
            program.wait_listening()
            load(folder, documents)
            watched = Watched(program, file)
            yield watched
            watched.client.close()
