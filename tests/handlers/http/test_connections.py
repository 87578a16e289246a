"""Limits of connections: headers that never end, unread answers, idle connections."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import psutil
import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Client, send_raw
from tests.factories import make_addon
from tests.handlers.loaded_server import environment, load
from tests.program import Program

LOCALES = ("en-US", "de", "fr", "it", "ja", "ko", "nl", "pl", "ru", "uk", "sv-SE", "tr")
TEXT = "word " * 2900
COUNT = 50
ADDONS = [
    {
        "kind": "addon",
        **make_addon(
            _id=number,
            guid=f"{number}@x.example",
            slug=f"slug-{number}",
            description=dict.fromkeys(LOCALES, f"{number} {TEXT}"),
        ),
    }
    for number in range(1, COUNT + 1)
]
MAIL = "/api/v5/activity/mail"
TOO_LATE = (408, {"detail": "The request took too long to arrive."})
LARGE = f"/api/v5/addons/search/?page_size={COUNT}"  # 9 MB
HEADER_TIMEOUT, BODY_TIMEOUT, WRITE_TIMEOUT, UNREAD_MB, CONNECTIONS = 0.8, 1.0, 2.0, 30, 24
IDLE_TIMEOUT = 3.0
PATIENCE = 20.0  # seconds a busy machine may take longer


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, mongod: OwnMongod) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("connections")
    load(folder, ADDONS, mongod)
    settings = {
        "AMOEBA_HEADER_TIMEOUT": str(HEADER_TIMEOUT),
        "AMOEBA_IDLE_TIMEOUT": str(IDLE_TIMEOUT),
        "AMOEBA_BODY_TIMEOUT": str(BODY_TIMEOUT),
        "AMOEBA_WRITE_TIMEOUT": str(WRITE_TIMEOUT),
        "AMOEBA_UNREAD_MB": str(UNREAD_MB),
        "AMOEBA_MAX_CONNECTIONS": str(CONNECTIONS),
    }
    env = environment(folder, mongod) | settings
    with Program("serve", "--port", "0", output=folder / "output", env=env) as started:
        started.wait_listening()
        client = Client(started.url)
        assert len(client.get(LARGE).body) > 8_000_000
        client.close()
        yield started
        assert started.loud_records() == []


@pytest.fixture
def connections(program: Program) -> Iterator["Connections"]:
    with ExitStack() as stack:
        yield Connections(program, stack)


class Connections:
    def __init__(self, program: Program, stack: ExitStack) -> None:
        self.program = program
        self._stack = stack

    def open(self, sent: bytes = b"", receive_buffer: int = 0) -> socket.socket:
        parts = urlsplit(self.program.url)
        made = self._stack.enter_context(socket.socket())
        if receive_buffer:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        made.settimeout(PATIENCE)
        made.connect((parts.hostname, parts.port))
        made.sendall(sent)
        return made

    def ask_large(self) -> socket.socket:
        return self.open(f"GET {LARGE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(), receive_buffer=4096)


def read_all(connection: socket.socket) -> bytes:
    read = bytearray()
    with suppress(ConnectionResetError):
        while part := connection.recv(1 << 20):
            read += part
    return bytes(read)


def is_open(connection: socket.socket) -> bool:
    connection.settimeout(0.05)
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except TimeoutError:
        return True
    except ConnectionResetError:
        return False
    finally:
        connection.settimeout(PATIENCE)


def answer_in(read: bytes) -> tuple[int, object]:
    head, _, body = read.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize("sent", [b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\n"])
def test_half_a_header_is_ended(connections: Connections, sent: bytes) -> None:
    started = time.monotonic()
    assert answer_in(connections.open(sent).recv(1 << 16)) == TOO_LATE
    assert time.monotonic() - started >= HEADER_TIMEOUT


def test_half_a_header_that_came_with_the_request_before_is_ended(connections: Connections) -> None:
    """The time limit is that of a header, not of an idle connection."""
    whole = b"GET /__heartbeat__ HTTP/1.1\r\nHost: localhost\r\n\r\n"
    connection, started = connections.open(whole + whole[:20]), time.monotonic()
    answers = b""
    while piece := connection.recv(1 << 16):
        answers += piece
    assert answers.startswith(b"HTTP/1.1 200 ") and b"HTTP/1.1 408 " in answers
    assert time.monotonic() - started >= HEADER_TIMEOUT


@pytest.mark.parametrize("length", ["Content-Length: 100", "Transfer-Encoding: chunked"])
def test_half_a_body_is_answered_and_ended(connections: Connections, length: str) -> None:
    started = time.monotonic()
    head = f"POST {MAIL} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
    assert answer_in(connections.open(head.encode() + b"1\r\n{").recv(1 << 16)) == TOO_LATE
    assert time.monotonic() - started >= BODY_TIMEOUT


def test_a_header_that_drips_is_ended(connections: Connections) -> None:
    connection, started = connections.open(b"GET / HTTP/1.1\r\n"), time.monotonic()
    with suppress(ConnectionError):
        while time.monotonic() - started < PATIENCE and is_open(connection):
            connection.sendall(b"a")
            time.sleep(0.05)
    assert time.monotonic() - started < PATIENCE


def test_a_connection_at_rest_stays_for_a_while(connections: Connections) -> None:
    fresh = connections.open()
    used = connections.open(b"GET /__heartbeat__ HTTP/1.1\r\nHost: localhost\r\n\r\n")
    used.recv(4096)
    time.sleep(HEADER_TIMEOUT * 2)
    for connection in (fresh, used):
        connection.sendall(b"GET /__heartbeat__ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
    started = time.monotonic()
    assert fresh.recv(1) == used.recv(1) == b""
    assert time.monotonic() - started > IDLE_TIMEOUT - 1


def test_an_answer_nobody_reads_is_ended(connections: Connections) -> None:
    connection = connections.ask_large()
    time.sleep(WRITE_TIMEOUT * 2)
    assert len(read_all(connection)) < 8_000_000


def test_an_answer_that_is_read_slowly_arrives(connections: Connections) -> None:
    connection, started = connections.ask_large(), time.monotonic()
    response = http.client.HTTPResponse(connection)
    response.begin()
    while time.monotonic() - started < WRITE_TIMEOUT * 2:
        assert response.read(4000)
        time.sleep(0.03)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    response.read()  # raises IncompleteRead where the server hangs up


def test_unread_answers_have_one_limit_together(connections: Connections, program: Program) -> None:
    """Sixty such connections held 1.35 GB."""
    process = psutil.Process(program.process.pid)
    before = process.memory_info().rss
    most = 0
    unread = []
    for _ in range(CONNECTIONS - 2):
        unread.append(connections.ask_large())
        time.sleep(0.03)
        most = max(most, process.memory_info().rss)
    client = Client(program.url)
    assert client.get(LARGE).status == 200
    most = max(most, process.memory_info().rss)
    client.close()
    # One more of 9 MB comes in before another goes, and both exist twice while they are written.
    assert most - before < (UNREAD_MB + 4 * 9 + 20) * 1e6
    assert not is_open_after_reading(unread[0])


def is_open_after_reading(connection: socket.socket) -> bool:
    return len(read_all(connection)) >= 8_000_000


def test_the_longest_idle_connection_makes_room(connections: Connections) -> None:
    idle = [connections.open() for _ in range(CONNECTIONS * 2)]
    for _ in range(3):
        answer = send_raw(connections.program.url, b"GET /__heartbeat__ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answer.status == 200
    assert not is_open(idle[0])
    assert is_open(idle[-1])


class TestRefusals:
    """Requests that Tornado would answer with an empty 400, or not at all, get a JSON answer."""

    @pytest.mark.parametrize("size", [40_000, 98_304, 1_000_000])
    def test_a_long_url(self, program: Program, size: int) -> None:
        data = b"GET /api/v5/addons/search/?tag=%b HTTP/1.1\r\nHost: localhost\r\n\r\n" % (b"," * size)
        answer = send_raw(program.url, data)
        assert (answer.status, answer.json) == (414, {"detail": "Request URL exceeds 16384 bytes."})

    @pytest.mark.parametrize("header", [b"X: " + b"x" * 40_000, b"a: b\r\n" * 9000, b"X:" + b" " * 600_000])
    def test_long_headers(self, program: Program, header: bytes) -> None:
        data = b"GET /api/v5/site/ HTTP/1.1\r\nHost: localhost\r\n%b\r\n\r\n" % header
        answer = send_raw(program.url, data)
        assert (answer.status, answer.json) == (431, {"detail": "Request headers exceed 32768 bytes."})

    @pytest.mark.parametrize(
        "data",
        [
            b"\r\nnonsense\r\n\r\n",
            b"GET\r\n\r\n",
            b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: odd\r\n\r\n",
        ],
    )
    def test_no_http(self, program: Program, data: bytes) -> None:
        answer = send_raw(program.url, data)
        assert (answer.status, answer.json) == (400, {"detail": "Bad request."})

    @pytest.mark.parametrize("method", ["POST", "GET"])
    @pytest.mark.parametrize(
        ("kind", "limit"),
        [("application/json", 2_097_152), ("text/x", 2_097_152), ("multipart/form-data", 6_291_456)],
    )
    @pytest.mark.parametrize("chunk", [4096, 1_000_000, 7_000_000])
    def test_chunks_without_end(
        self, program: Program, method: str, kind: str, limit: int, chunk: int
    ) -> None:
        head = f"{method} /api/v5/addons/addon/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
        chunks = (b"%x\r\n%b\r\n" % (chunk, b"x" * chunk)) * (limit // chunk + 2)
        data = head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunks
        answer = send_raw(program.url, data)
        assert (answer.status, answer.json) == (413, {"detail": f"Request content length exceeds {limit}."})
        assert answer.headers["Connection"] == "close"
