"""Requests nobody should send: every endpoint and parameter with values of every wrong kind.

    python -m tests.handlers.fuzzing                        20,000 requests, a seed of its own, printed
    python -m tests.handlers.fuzzing --requests N --seed S  the same requests again

Each answer must be a documented one: no 5xx, JSON where there is a body, no
trace of the program in it, and the server's memory bounded. Requests are written
to a socket byte by byte, since no HTTP library lets most of them through.
"""

import argparse
import http.client
import json
import random
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from handlers.api_description.parameters import EVERY_READ, FIELDS
from handlers.api_description.rows import GROUP_NAME, find_row
from handlers.urls import ROUTES
from tests.program import Program

REQUESTS = 20_000
GROWTH_LIMIT = 200  # MB the server may grow by: its caches fill
ALLOWED = frozenset({200, 301, 304, 400, 401, 403, 404, 405, 406, 413, 414, 415, 429, 431, 451})

# Those that wait for something, and those whose answers are no JSON.
LEFT_OUT = {"changes/", "export/", "docs/"}
ROWS = [find_row(route) for route in ROUTES]
# Path -> names of parameters, as the API describes itself.
PARAMETERS: dict[str, tuple[str, ...]] = {
    GROUP_NAME.sub("{}", row.path): (
        *(parameter.name for operation in row.operations.values() for parameter in operation.query),
        *(parameter.name for parameter in (*EVERY_READ, FIELDS)),
    )
    for row in ROWS
    if row.path not in LEFT_OUT
}
TEMPLATES = tuple(PARAMETERS)
VALID = {
    "app": ("firefox", "android", "1", "61"),
    "type": ("extension", "statictheme,extension", "language", "any"),
    "sort": ("users", "random", "relevance,users", "name", "rating,created"),
    "appversion": ("57.0", "115.*", "10.0a1"),
    "lang": ("fr", "en-us", "xx", "zh-TW"),
    "page": ("1", "2", "last"),
    "q": ("tab", "ta b", "a" * 100),
}
WRONG = (
    *(b"", b"0", b"-1", b"1e400", b"9" * 400, b"nan", b"inf", b"1.5", b"null", b"[]", b"{}", b"true"),
    *(b"%00", b"a%00b", b"%ff%fe", b"%zz", b"%", b"%e2%82", b"%f0%9f%a6%8a", b"%ED%A0%80", b"+", b"%20"),
    *(b"%E6%97%A5%E6%9C%AC", b"%D9%85%D8%B1", b"%E2%80%AE%E2%80%8B", b"AND", b"OR+NOT", b"%22", b"%28%28"),
    *(b"*", b"?", b"a*b?", b"~2", b"%5E9", b"name%3A*", b"%5B1+TO+9%5D", b"%2F%2E%2E", b"..%2F..", b",,,,"),
    *(b"rta:", b"rta:%ff", b"rta:Zm9vQGJhci5vcmc", b"@", b"%7B%7D", b"foo@bar", b"a" * 300, b"%F0%9F" * 40),
    *(b"<script>", b"%27;drop", b"$where", b"%7B%22$gt%22:%22%22%7D", b"__proto__", b"\xc3\xa9", b"\xff\xfe"),
)
HEADERS = (
    *(
        b"Accept: text/html",
        b"Accept: */*;q=x",
        b"Accept: ,;,",
        b"Accept-Language: *",
        b"Accept-Language: ;q=1",
    ),
    *(b"Accept-Language: fr-FR,xx;q=9", b"Accept-Language: " + b"a," * 2000, b"X-Country-Code: \xff"),
    *(
        b"Authorization: Bearer",
        b"Authorization: Bearer a b",
        b"Authorization: Session x",
        b"Authorization: JWT a.b.c",
    ),
    *(
        b"Authorization: " + b"x" * 5000,
        b"If-None-Match: ",
        b'If-None-Match: W/"',
        b"Origin: null",
        b"Cookie: a=b",
    ),
    *(
        b"Accept-Encoding: gzip;q=0",
        b"Accept-Encoding: gzip",
        b"User-Agent: \x80\x81",
        b"X-Forwarded-For: ,,,",
    ),
    *(b"Content-Type: application/json", b"Expect: nothing", b"Range: bytes=0-1"),
)
BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'{"a":',
    b"\xff\xfe",
    b'{"SecretKey": 1}',
    b"[" * 5000,
    b'"' + b"x" * 9000 + b'"',
)


@dataclass(frozen=True)
class Asked:
    """A request as its bytes."""

    method: bytes
    target: bytes
    headers: tuple[bytes, ...]
    body: bytes

    def encode(self, host: str) -> bytes:
        lines = [b"%b %b HTTP/1.1" % (self.method, self.target), b"Host: " + host.encode(), *self.headers]
        if self.body or self.method in (b"POST", b"PUT", b"PATCH"):
            lines.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


class Generator:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def make(self) -> Asked:
        chance = self.random.random
        method = b"GET"
        if chance() < 0.12:
            method = self.random.choice((b"HEAD", b"OPTIONS", b"POST", b"PUT", b"PATCH", b"DELETE"))
        headers = tuple(self.random.sample(HEADERS, self.random.randint(1, 3))) if chance() < 0.25 else ()
        body = self.random.choice(BODIES) if method in (b"POST", b"PUT", b"PATCH") else b""
        return Asked(method, self._target(), headers, body)

    def _target(self) -> bytes:
        template = self.random.choice(TEMPLATES)
        version = self.random.choice((b"v3", b"v4", b"v5"))
        path = template.encode()
        while b"{}" in path:
            path = path.replace(b"{}", self._identifier(), 1)
        if self.random.random() < 0.03:
            path = self.random.choice((path[:-1], path + b"/", b"/" + path, path.upper()))
        query = self._query(PARAMETERS[template])
        return b"/api/%b/%b%b" % (version, path, b"?" + query if query else b"")

    def _identifier(self) -> bytes:
        if self.random.random() < 0.4:
            return self.random.choice((b"1", b"10000006", b"filliket-comet", b"%7Ba%7D", b"a@b", b"v1.0"))
        return self.random.choice(WRONG).replace(b"?", b"") or b"x"

    def _query(self, names: tuple[str, ...]) -> bytes:
        if self.random.random() < 0.01:
            return self._huge()
        count = self.random.choice((0, 1, 1, 1, 2, 2, 3, 5))
        return b"&".join(self._pair(names) for _ in range(count))

    def _huge(self) -> bytes:
        kind = self.random.randrange(4)
        if kind == 0:
            return b"q=" + b"x" * 65536
        if kind == 1:
            return b"guid=" + b",".join(b"g%d@x" % number for number in range(10_000))
        if kind == 2:
            return b"&".join(b"page=%d" % number for number in range(5000))
        return b"%" * 3000 + b"&&&===" * 500

    def _pair(self, names: tuple[str, ...]) -> bytes:
        if not names or self.random.random() < 0.1:
            return self.random.choice((b"unknown=1", b"=", b"a", b"lang[]=fr", b"q[$ne]=1", b"callback=x"))
        name = self.random.choice(names)
        if self.random.random() < 0.4:
            return f"{name}={self.random.choice(VALID.get(name, ('1',)))}".encode()
        return name.encode() + b"=" + self.random.choice(WRONG)


class Sender:
    """One kept connection; the server may close it after a request it cannot read."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._host = parts.netloc
        self._socket: socket.socket | None = None

    def send(self, asked: Asked) -> tuple[int, str, bytes] | None:
        """Status, Content-Type and body; None where the server closed without an answer.

        A kept connection may have been closed after the last answer: then once more, on a new one.
        """
        is_open = self._socket is not None
        answer = self._exchange(asked)
        return self._exchange(asked) if answer is None and is_open else answer

    def _exchange(self, asked: Asked) -> tuple[int, str, bytes] | None:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=20)
        try:
            self._socket.sendall(asked.encode(self._host))
            response = http.client.HTTPResponse(self._socket, method=asked.method.decode())
            response.begin()
            body = response.read()
        except http.client.LineTooLong:  # the redirect of a long URL is as long; http.client will not read it
            self.close()
            return 301, "", b""
        except (http.client.HTTPException, ConnectionError):
            self.close()
            return None
        if response.will_close:
            self.close()
        return response.status, response.headers.get("Content-Type", ""), body

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def fault_of(asked: Asked, answer: tuple[int, str, bytes] | None) -> str | None:
    """What is wrong with an answer; None for a documented one."""
    if answer is None:
        # Bytes that are no HTTP at all end the connection; anything else has an answer.
        readable = all(32 < byte < 127 for byte in asked.target) and asked.method.isalpha()
        return "no answer" if readable else None
    status, kind, body = answer
    if status not in ALLOWED:
        return f"status {status}"
    if b"Traceback" in body or b'File "' in body:
        return "a traceback"
    if not body:
        return None
    if kind != "application/json":
        return f"Content-Type {kind!r}"
    if body[:2] == b"\x1f\x8b":
        return None
    try:
        json.loads(body)
    except ValueError:
        return "not JSON"
    return None


def fuzz(url: str, requests: int, seed: int) -> list[str]:
    """The faults found, as the requests that caused them."""
    generator, sender = Generator(seed), Sender(url)
    faults = []
    for number in range(requests):
        request = generator.make()
        fault = fault_of(request, sender.send(request))
        if fault:
            target = request.target[:200]
            faults.append(
                f"#{number} {fault}: {request.method!r} {target!r} {request.headers!r} {request.body[:60]!r}"
            )
    sender.close()
    return faults


def memory_of(program: Program) -> float:
    """The server's memory in MB."""
    return float(psutil.Process(program.process.pid).memory_info().rss) / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    args = parser.parse_args()
    print(f"seed {args.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        words = ("serve", "--port", "0", "--data-dir", f"{folder}/data", "--demo", "400")
        with Program(*words, output=Path(folder) / "output") as program:
            before = memory_of(program) if program.wait_listening() else 0.0
            faults = fuzz(program.url, args.requests, args.seed)
            after = memory_of(program)
            loud = program.loud_records()
    print(*faults[:20], *loud[:5], sep="\n")
    counts = f"{args.requests} requests, {len(faults)} faults, {len(loud)} log records"
    print(f"{counts}, memory {before:.0f} -> {after:.0f} MB")
    return 1 if faults or loud or after - before > GROWTH_LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
