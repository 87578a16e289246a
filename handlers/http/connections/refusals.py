"""Requests that are refused before they are read: for their line and headers, or because they do not end.

Tornado itself would answer "400 Bad Request" or nothing, and close the connection. A client
that is still sending would not see the answer then, so what it sends is read and
discarded for a moment (`hang_up`).
"""

import asyncio
import socket
from typing import Final

from handlers.http.base import SAFE_METHODS
from handlers.http.replies.errors import Refusal, read_only
from handlers.http.replies.reply import head_of, refusal_reply
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
    is_barred = received.method not in SAFE_METHODS and received.site.status.read_only
    return read_only(received.locale) if is_barred else error


def last_answer(error: Refusal, request: Received | UnreadableRequest) -> bytes:
    """The bytes of an answer after which the connection ends."""
    status, headers, body = refusal_reply(error).render(request)
    return head_of(status, {"Connection": "close", **headers}) + (b"" if request.method == "HEAD" else body)


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
