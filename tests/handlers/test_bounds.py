"""The worst allowed of all a stranger may send: how long it holds the event loop, what stays in memory.

Time is the loop's own on the processor, for one callback (tests/blocks.py); what a slow machine adds, two
more tries take away.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.client import Answer, Client, send_raw
from tests.program import Program

LONGEST = 50.0  # milliseconds
SEARCH = "/api/v5/addons/search/?"
LONG = 15_900  # characters that leave room for the rest of a URL


def values(count: int) -> str:
    return ",".join(f"v{number}" for number in range(count))


QUERIES = {
    "tags": "q=tab&tag=" + values(100),
    "authors": "q=tab&author=" + values(100),
    "excluded": "q=tab&exclude_addons=" + values(100),
    "guids": "q=tab&guid=" + values(500),
    "all lists": f"q=tab&guid={values(500)}&tag={values(100)}&author={values(100)}",
    "words": "q=" + "+".join("abcdefghijklmnopqrstuvwxyzabcdefg"),
    "no words": "q=" + "%E6%97%A5" * 100,
    "compounds": "q=" + "downloadhelper" * 7,
    "commas": "tag=" + "," * LONG,
    "parameters": "&".join(f"p{number}=1" for number in range(1000)),
    "escapes": "x=" + "%41" * (LONG // 3),
    "broken escapes": "x=" + "%ff" * (LONG // 3),
    "page": "page=" + "9" * LONG,
    "page_size": "page_size=" + "9" * LONG,
    "appversion": "app=firefox&appversion=" + "1." * (LONG // 2),
    "color": "color=" + "f" * LONG,
    "users": "users=" + "9" * LONG,
    "created": "created=" + "9" * LONG,
    "ratings": "ratings=" + "9" * LONG,
    "sort": "sort=" + "users," * 2600 + "users",
    "type": "type=" + "extension," * 1500 + "extension",
    "lang": "lang=" + "x" * LONG,
    "rows": "page_size=50&lang=xx",
}
HEADERS = {
    "Accept-Language": "a-b;q=0.5," * 1600,
    "Accept": "a/b," * 4000,
    "X-Country-Code": "x" * LONG,
    "User-Agent": "Firefox " * 2000,
    "If-None-Match": 'W/"a",' * 2500,
    "Cookie": "a=b;" * 4000,
    "Range": "bytes=0-1," * 1600,
    "Authorization": "Bearer " + "x" * LONG,
    "X-Forwarded-For": "1.1.1.1," * 2000,
    "Accept-Encoding": "gzip;q=0," * 1700,
    "Origin": "x" * LONG,
}
MAIL, ADDON = "/api/v5/activity/mail", "/api/v5/addons/addon/"
JSON, FORM, PARTS = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
)
PART = b"--x\r\nContent-Disposition: form-data; name=a%b\r\n\r\n%b\r\n"
DASHES = "-" * 70
MEGABYTES = 6_200_000
BODIES = {
    "mail of lists": (MAIL, JSON, b'{"Message":[' + b"[]," * 860_000 + b"1]}"),
    "mail of strings": (MAIL, JSON, b'{"Message":[' + b'"a",' * 190_000 + b"1]}"),
    "mail of keys": (MAIL, JSON, b"{%b}" % b",".join(b'"k%d":1' % number for number in range(190_000))),
    "mail of depth": (MAIL, JSON, b'{"a":' + b"[" * 100_000),
    "mail of text": (MAIL, JSON, b'{"a":"%b"}' % (b"x" * 2_500_000)),
    "form of escapes": (ADDON, FORM, b"a=" + b"%41" * 690_000),
    "form of fields": (ADDON, FORM, b"&".join(b"a%d=1" % number for number in range(100_000))),
    "form of parts": (ADDON, PARTS, PART % (b"", b"v") * 10_000 + b"--x--\r\n"),
    "form of dashes": (ADDON, PARTS, b"-" * MEGABYTES + b"--x--\r\n"),
    "form without an end": (ADDON, PARTS, b"-" * MEGABYTES),
    "form of beginnings": (ADDON, PARTS[:-1] + DASHES, (b"-" * 73 + b"x") * (MEGABYTES // 74)),
    "form of a long boundary": (ADDON, PARTS[:-1] + "-" * 4000, (b"-" * 4003 + b"x") * (MEGABYTES // 4004)),
    "form of a file": (ADDON, PARTS, PART % (b"; filename=f", b"z" * MEGABYTES) + b"--x--\r\n"),
}


class Watched:
    """A server whose event loop is watched."""

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
        return float(self._file.read_text() or 0)

    def memory(self) -> float:
        return float(self._process.memory_info().rss) / 1e6

    def post(self, path: str, kind: str, body: bytes) -> Answer:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        return send_raw(self.program.url, head.encode() + body, "POST")


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "block"
        words = ("serve", "--port", "0", "--data-dir", str(folder / "data"), "--demo", "1000")
        with Program(str(file), *words, output=folder / "output", command=("-m", "tests.blocks")) as program:
            program.wait_listening()
            started = Watched(program, file)
            yield started
            started.client.close()


pytestmark = pytest.mark.alone


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query(watched: Watched, query: str) -> None:
    assert watched.block(lambda: watched.client.get(SEARCH + query)) < LONGEST


@pytest.mark.parametrize("name", HEADERS)
def test_a_header(watched: Watched, name: str) -> None:
    sent = {name: HEADERS[name]}
    assert watched.block(lambda: watched.client.get(SEARCH, headers=sent)) < LONGEST


def test_many_headers(watched: Watched) -> None:
    lines = b"GET /api/v5/site/ HTTP/1.1\r\nHost: localhost\r\n" + b"a:b\r\n" * 6400
    assert watched.block(lambda: send_raw(watched.program.url, lines + b"\r\n")) < LONGEST


@pytest.mark.parametrize("sent", BODIES.values(), ids=BODIES)
def test_a_body(watched: Watched, sent: tuple[str, str, bytes]) -> None:
    assert watched.block(lambda: watched.post(*sent)) < LONGEST


def test_what_is_asked_once_leaves_nothing(watched: Watched) -> None:
    """8,192 URLs of 98 kB held 750 MB."""
    before = watched.memory()
    for number in range(1000):
        for query in (f"q=tab&tag={number}", f"q=tab&sort=users&page=2&author={number}", f"x={number}"):
            for _ in range(2):
                watched.client.get(f"{SEARCH}{query}{'x' * (LONG - 100)}")
    assert watched.memory() - before < 80  # 32 of them the ready answers, which say the URL in `next`
