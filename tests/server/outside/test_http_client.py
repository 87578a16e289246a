"""Requests to services that are not ours: however one of them behaves, each wait has its end."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from typing import Any

import pytest

from server.outside.http_client import HttpClient, NoAnswer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
MANY = 40  # more than there are threads for everything else


@asynccontextmanager
async def dripping() -> AsyncIterator[str]:
    """The address of a server whose answer goes on for ever, a byte at a time."""
    answering: set[Any] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.add(asyncio.current_task())
        with suppress(ConnectionError, asyncio.CancelledError), closing(writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(HEAD)
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering)


@pytest.mark.timed
async def test_a_stream_has_an_end_whatever_comes() -> None:
    client = HttpClient(0.4, 1)
    started = time.monotonic()
    async with dripping() as url:
        with pytest.raises(NoAnswer):
            async with client.stream(url, {}, seconds=0.6) as answer:
                assert answer.status == 200
                with pytest.raises(NoAnswer):  # the only connection is taken
                    async with client.stream(url, {}):
                        pass
                async for _ in answer.parts:
                    pass
        assert time.monotonic() - started < 5
        await client.close()


@pytest.mark.timed
async def test_names_nobody_answers_for_keep_nobody_else_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    answered, look_up = threading.Event(), socket.getaddrinfo

    def wait(host: Any, *arguments: Any, **options: Any) -> Any:
        if str(host).endswith(".example.org"):
            answered.wait(10)
        return look_up("127.0.0.1", *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    client = HttpClient(0.5, MANY)
    asking = [asyncio.create_task(client.get(f"http://{number}.example.org/")) for number in range(MANY)]
    try:
        await asyncio.sleep(0.2)
        assert await asyncio.wait_for(asyncio.to_thread(int, "7"), 2) == 7
        started = time.monotonic()
        assert all(
            isinstance(result, NoAnswer) for result in await asyncio.gather(*asking, return_exceptions=True)
        )
        assert time.monotonic() - started < 5
    finally:
        answered.set()
        await client.close()


async def test_nothing_is_sent_to_an_address_inside() -> None:
    """Every kind of request looks at the address first, also the first of all."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        requests: list[Callable[[HttpClient], Awaitable[Any]]] = [
            lambda client: client.get(url),
            lambda client: client.post(url, {}, {}),
            lambda client: client.post_form(url, {}, {}),
            lambda client: client.post_bytes(url, b"{}", {}),
            lambda client: client.stream(url, {}).__aenter__(),
        ]
        for send in requests:
            client = HttpClient(1.0, 1, private=False)
            for _ in range(2):
                with pytest.raises(NoAnswer):
                    await send(client)
            await client.close()
        with pytest.raises(BlockingIOError):
            server.accept()
