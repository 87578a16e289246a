"""Requests that are refused by their line and headers alone: too long, too large a body, no host.

Tornado itself would only say "400 Bad Request" and hang up. The answer is
written before any of the body is read; then what the client is still sending is
read and thrown away for a moment, because hanging up on a sender takes the
answer away from it.
"""

import asyncio
from http.client import responses
from typing import Final

from tornado.iostream import IOStream, StreamClosedError

from handlers.answer import refusal
from handlers.base import SAFE
from handlers.errors import Refusal, read_only
from handlers.received import Received

LINGER: Final = 2.0  # seconds
_CHUNK: Final = 65536


def refused_at_once(received: Received) -> Refusal | None:
    """Why nobody is to look at it; in read-only mode that comes before every other reason."""
    try:
        received.check()
    except Refusal as error:
        is_barred = received.method not in SAFE and received.site.status.read_only
        return read_only(received.locale) if is_barred else error
    return None


async def hang_up(stream: IOStream, error: Refusal, received: Received) -> None:
    """Answer on a detached connection and end it."""
    status, said, body = refusal(error).render(received.headers)
    if received.method == "HEAD":
        body = b""
    lines = [f"HTTP/1.1 {status} {responses[status]}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in said.items()]
    try:
        async with asyncio.timeout(LINGER):
            await stream.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
            while True:
                await stream.read_bytes(_CHUNK, partial=True)
    except (TimeoutError, StreamClosedError):
        pass
    finally:
        stream.close()
