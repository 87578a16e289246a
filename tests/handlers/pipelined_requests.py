"""Many requests on one connection without waiting between them: a matrix of thousands in seconds.

answers = Pipeline("http://127.0.0.1:8000").ask("GET", ["/a/", "/b/"], {"Accept": "*/*"})
"""

import socket
from collections.abc import Mapping, Sequence
from email.message import Message
from typing import BinaryIO
from urllib.parse import urlsplit

from tests.client import Answer

# Sent before anything is read; small enough for the buffers between the two.
_AHEAD = 40


class Pipeline:
    def __init__(self, base: str) -> None:
        self._host = urlsplit(base).netloc
        host, _, port = self._host.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=20)
        self._file: BinaryIO = self._socket.makefile("rb")

    def ask(self, method: str, paths: Sequence[str], headers: Mapping[str, str]) -> list[Answer]:
        """The answers in the order of the paths."""
        rest = "".join(f"{name}: {value}\r\n" for name, value in {"Host": self._host, **headers}.items())
        answers: list[Answer] = []
        for start in range(0, len(paths), _AHEAD):
            part = paths[start : start + _AHEAD]
            self._socket.sendall("".join(f"{method} {path} HTTP/1.1\r\n{rest}\r\n" for path in part).encode())
            answers += [self._read(method) for _ in part]
        return answers

    def _read(self, method: str) -> Answer:
        _, status, reason = self._file.readline().decode().split(" ", 2)
        headers = Message()
        while line := self._file.readline().rstrip():
            name, _, value = line.decode("latin-1").partition(": ")
            headers[name] = value
        has_body = method != "HEAD" and status not in ("204", "304")
        body = self._file.read(int(headers["Content-Length"])) if has_body else b""
        return Answer(int(status), reason.strip(), headers, body)

    def close(self) -> None:
        self._file.close()
        self._socket.close()
