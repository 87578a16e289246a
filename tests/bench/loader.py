"""A closed-loop HTTP loader: a few kept connections, the next request when the answer is in.

    round = drive(port, [request("/api/v5/addons/categories/")] * 1000)
    round.rate, round.busy, round.statuses

It reads answers without keeping them, by epoll in one thread, so that it stays
far from its own limit where the server is at its; `busy` says how far. Every
request of the list is sent once, in order: nothing is repeated unless the list
repeats it. Linux only (epoll). One thread.
"""

import select
import socket
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

CONNECTIONS = 16
READ = 1 << 18
STALL = 30.0  # seconds without any answer


@dataclass
class Round:
    """What one pass over a list of requests came to."""

    requests: int = 0
    seconds: float = 0.0
    cpu: float = 0.0  # processor seconds of the loader itself
    bytes: int = 0
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        return self.requests / self.seconds if self.seconds else 0.0

    @property
    def busy(self) -> float:
        """Share of the time the loader's processor was in use; near 1 the loader is the limit."""
        return self.cpu / self.seconds if self.seconds else 0.0


def request(target: str, headers: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a GET for `target`, a percent-encoded path with its query."""
    lines = [f"GET {target} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


class Connection:
    """One kept connection: sends a request, counts its answer down to the last byte."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=STALL)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = b""
        self._missing = -1  # bytes of the body still to come; -1: the head is not complete
        self.status = 0

    def send(self, data: bytes) -> None:
        self._head, self._missing = b"", -1
        self.socket.sendall(data)

    def take(self, buffer: bytearray) -> tuple[int, bool]:
        """Read what is there; return its length and whether the answer is complete."""
        size = self.socket.recv_into(buffer)
        if size == 0:
            raise ConnectionError("the server closed a kept connection")
        if self._missing >= 0:
            self._missing -= size
        else:
            self._head += bytes(memoryview(buffer)[:size])
            end = self._head.find(b"\r\n\r\n")
            if end >= 0:
                self.status = int(self._head[9:12])
                self._missing = _body_length(self._head[: end + 2]) - (len(self._head) - end - 4)
        return size, self._missing == 0


def _body_length(head: bytes) -> int:
    lower = head.lower()
    start = lower.find(b"\r\ncontent-length:")
    if start >= 0:
        return int(lower[start + 17 : lower.find(b"\r\n", start + 2)])
    if b"\r\ntransfer-encoding:" in lower:
        raise ValueError("chunked answers are not counted by this loader")
    return 0


def drive(port: int, requests: Sequence[bytes], connections: int = CONNECTIONS) -> Round:
    """Send every request once over `connections` kept ones and wait for all answers."""
    done = Round()
    queue = iter(requests)
    opened = [Connection(port) for _ in range(min(connections, len(requests)))]
    poll = select.epoll()
    try:
        by_fd = {one.socket.fileno(): one for one in opened}
        for fd in by_fd:
            poll.register(fd, select.EPOLLIN)
        started, cpu = time.perf_counter(), time.process_time()
        for one in opened:
            one.send(next(queue))
        _exchange(poll, by_fd, queue, done)
        done.seconds, done.cpu = time.perf_counter() - started, time.process_time() - cpu
    finally:
        poll.close()
        for one in opened:
            one.socket.close()
    return done


def _exchange(poll: select.epoll, by_fd: dict[int, Connection], queue: Iterator[bytes], done: Round) -> None:
    """Answer by answer until the queue is empty and every connection idle."""
    buffer = bytearray(READ)
    waiting = len(by_fd)
    while waiting:
        events = poll.poll(STALL)
        if not events:
            raise TimeoutError(f"no answer for {STALL} s")
        for fd, _ in events:
            connection = by_fd[fd]
            size, complete = connection.take(buffer)
            done.bytes += size
            if not complete:
                continue
            done.requests += 1
            done.statuses[connection.status] += 1
            following = next(queue, None)
            if following is None:
                waiting -= 1
            else:
                connection.send(following)
