"""Requests that are refused before they are read: for their line and headers, or because they do not end.

Tornado itself would answer "400 Bad Request" or nothing, and close the connection. A client that is still
sending would not see that answer, so `hang_up` reads and discards what it sends for a moment.
"""

import asyncio
import socket
from typing import Final

from handlers.http.replies.errors import Refusal, read_only
from handlers.http.replies.reply import refusal_reply, response_head
from handlers.http.requests.received import Received, UnreadableRequest

_LINGER: Final = 2.0  # seconds
_CHUNK: Final = 65536


def refused_at_once(received: Received) -> Refusal | None:
    """Why the request is refused, if it is; in read-only mode that comes before every other reason."""
    try:
        received.check()
    except Refusal as error:
        return read_only_first(error, received)
    return None


def read_only_first(error: Refusal, received: Received) -> Refusal:
    """The refusal of read-only mode if that applies, else `error`."""
    is_blocked = not received.is_safe and received.site.status.read_only
    return read_only(received.locale) if is_blocked else error


def last_answer(error: Refusal, request: Received | UnreadableRequest) -> bytes:
    """The bytes of an answer after which the connection ends."""
    status, headers, body = refusal_reply(error).render(request)
    head = response_head(status, {"Connection": "close", **headers})
    return head if request.method == "HEAD" else head + body


async def hang_up(connection: socket.socket, answer: bytes) -> None:
    """Send the answer, let the client finish sending for a moment, and close."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_LINGER):
            await loop.sock_sendall(connection, answer)
            while await loop.sock_recv(connection, _CHUNK):
                pass
    except (TimeoutError, OSError):
        pass
    finally:
        connection.close()
