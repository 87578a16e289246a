"""Clients' connections: accepted, served, and closed if they exceed a limit.

    connections = Connections(fast_reads, exchanges, settings, telemetry)
    connections.listen(sockets)
    ...
    connections.stop()              # no new ones
    await connections.close()

A client can send a header that never ends, leave its answer unread, or leave its connection idle. Each of
these has a time limit. The unread answers of all clients also have a limit in bytes, and connections have one
in number; when either is exceeded, the connection that has waited longest is closed.
"""

import asyncio
import fcntl
import logging
import resource
import socket
import sys
import termios
import time
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from typing import Any, Final

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerConnectionDelegate
from tornado.ioloop import PeriodicCallback
from tornado.iostream import IOStream, StreamClosedError, UnsatisfiableReadError
from tornado.netutil import add_accept_handler

from conf.limits import MIN_READING_RATE, MIN_SENDING_RATE
from conf.locales import DEFAULT_LOCALE
from conf.settings.settings import Settings
from handlers.http.connections.fast_reads import FastAnswer, FastReads
from handlers.http.connections.refusals import hang_up, last_answer
from handlers.http.replies.errors import Refusal, detail
from handlers.http.requests import client
from handlers.http.requests.received import Received, UnreadableRequest
from server.telemetry.requests import REFUSED
from server.telemetry.telemetry import Telemetry

log = logging.getLogger(__name__)

_MEGABYTE: Final = 1024 * 1024
_SWEEP: Final = 0.25  # seconds
_OTHER_FILES: Final = 256  # that the process has open besides connections
_READ: Final = 16 * 1024  # bytes at a time, because the buffer for them is allocated each time
_LARGE: Final = 128 * 1024  # bytes; smaller bodies are copied behind the headers, to be sent with them
_WITH_ADDRESS: Final = (socket.AF_INET, socket.AF_INET6)
_UNREADABLE: Final = b"HTTP/1.1 400 Bad Request\r\n\r\n"  # Tornado's answer to anything but HTTP


class Connections:
    """All connections of a server, and their limits."""

    def __init__(
        self,
        fast_reads: FastReads,
        delegate: HTTPServerConnectionDelegate,
        settings: Settings,
        telemetry: Telemetry,
    ) -> None:
        self.answer = fast_reads.answer
        self.settings = settings
        self._requests = telemetry.requests
        self._refused = telemetry.requests.endpoint(REFUSED)
        telemetry.add("gauge", "connections", "Open connections.", lambda: len(self.all))
        telemetry.add(
            "gauge",
            "unread_bytes",
            "Bytes of responses that clients have not read yet.",
            lambda: self.unread_bytes,
        )
        self._server = HTTPServer(
            delegate,
            max_header_size=settings.max_header_bytes,
            max_body_size=sys.maxsize,  # `Received.body_limit` is the limit
        )
        # `_sweep` checks all connections, because Tornado's timer for each request takes a tenth of its time.
        self._server.conn_params.header_timeout = None
        self._sockets: list[socket.socket] = []
        self._accepting: list[Any] = []  # for each socket, Tornado's function that stops accepting
        self._limit = connection_limit(settings.max_connections)
        self._hanging_up: set[asyncio.Task[None]] = set()
        self._sweeper = PeriodicCallback(self._sweep, _SWEEP * 1000)
        # All connections; those that are idle, in a header or in a body, each with the time when that began;
        # and those with unread answers, the longest waiting first.
        self.all: set[Stream] = set()
        self.idle: dict[Stream, float] = {}
        self.in_header: dict[Stream, float] = {}
        self.in_body: dict[Stream, float] = {}
        self.unread: dict[Stream, None] = {}
        self.unread_bytes = 0

    def listen(self, sockets: Sequence[socket.socket]) -> None:
        self._sockets = list(sockets)
        self._accepting = [add_accept_handler(listener, self._accept) for listener in sockets]
        self._sweeper.start()

    def stop(self) -> None:
        for stop_accepting in self._accepting:
            stop_accepting()
        for listener in self._sockets:
            listener.close()

    async def close(self) -> None:
        """Wait for the requests under way."""
        await self._server.close_all_connections()
        self._sweeper.stop()
        for task in self._hanging_up:
            task.cancel()

    def hang_up(self, connection: socket.socket, answer: bytes) -> None:
        """Send a last answer on a connection that nothing else uses any more, and close it."""
        task = asyncio.create_task(hang_up(connection, answer))
        self._hanging_up.add(task)
        task.add_done_callback(self._hanging_up.discard)

    def record(self, status: int, received: Received | None, request_id: str) -> None:
        """Record an answer that ends a connection."""
        self._requests.record(self._refused, received, status, time.perf_counter(), request_id)

    def make_room(self) -> None:
        """Close the longest waiting connections until the unread answers fit."""
        while self.unread_bytes > self.settings.unread_mb * _MEGABYTE and len(self.unread) > 1:
            next(iter(self.unread)).close()

    def _accept(self, connection: socket.socket, address: Any) -> None:
        if len(self.all) >= self._limit:
            oldest = next(iter(self.idle or self.in_header), None)
            if oldest is None:
                connection.close()
                return
            oldest.close()
        peer = address[0] if connection.family in _WITH_ADDRESS else client.UNIX
        self._server.handle_stream(Stream(connection, self, peer), address)

    def _sweep(self) -> None:
        now, settings = time.monotonic(), self.settings
        overdue = [
            stream for stream, since in self.in_header.items() if now - since > settings.header_timeout
        ]
        overdue += [
            stream
            for stream, since in self.in_body.items()
            if now - since > settings.body_timeout + stream.allowance
        ]
        for stream in overdue:
            stream.refuse(detail(408, "request_timeout", DEFAULT_LOCALE))
        idle_too_long = [stream for stream, since in self.idle.items() if now - since > settings.idle_timeout]
        for stream in idle_too_long:
            stream.close()
        for stream in list(self.unread):
            if stream.is_overdue(now, settings.write_timeout):
                stream.close()


class Stream(IOStream):
    """One connection, and its use of the limits."""

    def __init__(self, connection: socket.socket, connections: Connections, peer: str) -> None:
        super().__init__(connection, read_chunk_size=_READ)
        super().set_nodelay(True)
        self._connections = connections
        self._peer = peer
        self.received: Received | None = None  # the request that Tornado reads, if it is already parsed
        connections.all.add(self)
        connections.idle[self] = time.monotonic()
        self._awaits_header = False
        self._line = 0  # bytes of the request line so far
        self._line_ended = False
        self._arrived, self._by_rate = 0, False  # bytes of the body so far
        self._unread = 0  # bytes of the answer
        self._size = 0  # bytes of the whole answer
        self._began = self._moved = 0.0  # when the answer was written, when the client last read some of it
        self._queued = 0  # bytes of the answer in the kernel's buffer at the last check

    def set_nodelay(self, value: bool) -> None:
        """Does nothing: the constructor has set it, and Tornado would set it again for each answer."""

    def read_until_regex(self, regex: bytes, max_bytes: int | None = None) -> Awaitable[bytes]:
        """Tornado reads only headers this way. Returns the first that it has to answer."""
        return self._read_header(regex, max_bytes)

    async def _read_header(self, regex: bytes, max_bytes: int | None) -> bytes:
        while True:
            self._await_header()
            reading: Any = super().read_until_regex(regex, max_bytes)
            was_ready = reading.done()
            header: bytes = await reading
            answer = self._connections.answer(header, self._peer)
            if not isinstance(answer, FastAnswer):
                self.received = answer
                return header
            self.end_header()
            await self._write_answer(answer)
            if was_ready:
                await asyncio.sleep(0)  # because other clients must get their turn

    async def _write_answer(self, answer: FastAnswer) -> None:
        """Raises StreamClosedError."""
        if len(answer.body) > _LARGE:
            self.write(answer.head)
            written = self.write(answer.body)
        else:
            written = self.write(answer.head + answer.body)
        if self._unread or answer.is_last:
            await written
        if answer.is_last:
            self.close()
            raise StreamClosedError

    def _await_header(self) -> None:
        if self.closed():
            return
        self._awaits_header, self._line, self._line_ended = True, 0, False
        self._connections.idle[self] = time.monotonic()
        if self._read_buffer_size:  # part of it came with the previous request
            self._track_header(self._read_buffer)

    def end_header(self) -> None:
        self._awaits_header = False
        self._connections.idle.pop(self, None)
        self._connections.in_header.pop(self, None)

    def await_body(self, *, by_rate: bool = False) -> None:
        """`by_rate`: there is no time limit while the client sends fast enough."""
        self._arrived, self._by_rate = 0, by_rate
        self._connections.in_body[self] = time.monotonic()

    def end_body(self) -> None:
        self._connections.in_body.pop(self, None)

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        count = super().read_from_fd(buf)
        if count and self._awaits_header:
            self._track_header(bytes(buf[:count]))
        self._arrived += count or 0
        return count

    @property
    def allowance(self) -> float:
        """Seconds by which the bytes that have arrived extend the time limit of a body."""
        return self._arrived / MIN_SENDING_RATE if self._by_rate else 0.0

    def _track_header(self, part: bytes | bytearray) -> None:
        if self in self._connections.idle:
            del self._connections.idle[self]
            self._connections.in_header[self] = time.monotonic()
        if not self._line_ended:
            end = part.find(b"\n")
            self._line_ended = end >= 0
            self._line += end if self._line_ended else len(part)

    def write(self, data: bytes | memoryview) -> "asyncio.Future[None]":
        if data == _UNREADABLE:
            self.refuse(detail(400, "bad_request", DEFAULT_LOCALE))
            raise StreamClosedError
        if not self._unread:
            self._size, self._began = 0, time.monotonic()
            self._moved = self._began
        self._size += len(data)
        self._count(len(data))
        written = super().write(data)
        if self._unread:
            self._connections.unread.setdefault(self)
            self._connections.make_room()
        return written

    def write_to_fd(self, data: memoryview) -> int:
        count = super().write_to_fd(data)
        self._count(-count)
        if self._unread:
            self._moved = time.monotonic()
        else:
            self._connections.unread.pop(self, None)
        return count

    def _count(self, size: int) -> None:
        self._unread += size
        self._connections.unread_bytes += size

    def is_overdue(self, now: float, patience: float) -> bool:
        """Whether the client has stopped reading its answer, or reads too slowly to ever finish."""
        queued = _queued(self.socket)  # because Tornado's buffer changes long after the kernel's does
        if queued != self._queued:
            self._queued, self._moved = queued, now
        return now - self._moved > patience or now - self._began > patience + self._size / MIN_READING_RATE

    def refuse(self, error: Refusal, received: Received | None = None) -> None:
        """Answer in place of whatever serves the connection, and close it."""
        request = received or UnreadableRequest()
        with suppress(OSError):  # if no file descriptor is left, it is closed without an answer
            self._connections.hang_up(self.socket.dup(), last_answer(error, request))
        self._connections.record(error.status, received, request.request_id)
        self.close()

    def close(self, exc_info: Any = False) -> None:
        if isinstance(exc_info, UnsatisfiableReadError) and self._awaits_header:
            self._awaits_header = False
            self.refuse(self._too_long())
        self.end_header()
        self.end_body()
        self._connections.all.discard(self)
        self._connections.unread.pop(self, None)
        self._count(-self._unread)
        super().close(exc_info)

    def _too_long(self) -> Refusal:
        settings = self._connections.settings
        if self._line > settings.max_url_bytes:
            return detail(414, "url_too_long", DEFAULT_LOCALE, limit=settings.max_url_bytes)
        return detail(431, "headers_too_large", DEFAULT_LOCALE, limit=settings.max_header_bytes)


def _queued(connection: socket.socket) -> int:
    """Bytes in the kernel's send buffer; 0 if unknown."""
    try:
        return int.from_bytes(fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
    except OSError:
        return 0


def connection_limit(count: int) -> int:
    """`count`, or as many as the process may open files for, after its soft limit was raised."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    needed = count + _OTHER_FILES
    if soft != unlimited and soft < needed:
        soft = needed if hard == unlimited else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    files = needed if soft == unlimited else soft
    # Where there are few, half of them: with none left for connections, every client would be hung up on.
    limit = min(count, max(files - _OTHER_FILES, files // 2))
    if limit < count:
        log.warning("there may be %d connections at a time: the process may open %d files", limit, files)
    return limit
