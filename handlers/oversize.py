"""413: a request whose body is announced to be larger than the settings allow.

Tornado itself would only say "400 Bad Request" and hang up. The answer is
written before any of the body is read; then what the client is still sending is
read and thrown away for a moment, because hanging up on a sender takes the
answer away from it.
"""

import asyncio
from collections.abc import Mapping
from http.client import responses
from typing import Final
from urllib.parse import parse_qs

from tornado.httputil import RequestStartLine
from tornado.iostream import IOStream, StreamClosedError

from conf.limits import MAX_PARAMETERS
from conf.locales import request_locale
from handlers.answer import refusal
from handlers.base import SAFE
from handlers.errors import Refusal, detail, read_only
from server.site import Site

LINGER: Final = 2.0  # seconds
_CHUNK: Final = 65536


def is_too_large(headers: Mapping[str, str], limit: int) -> bool:
    """By what the client announces; a chunked body is cut off by Tornado when it grows beyond."""
    length = headers.get("Content-Length", "")
    return length.isascii() and length.isdigit() and (len(length) > 18 or int(length) > limit)


def answer_for(site: Site, line: RequestStartLine, headers: Mapping[str, str]) -> Refusal:
    """503 in read-only mode, which comes before every other check."""
    locale = request_locale(_lang(line.path), headers.get("Accept-Language"))
    if line.method not in SAFE and site.status.read_only:
        return read_only(locale)
    return detail(413, "body_too_large", locale, limit=site.settings.max_body_bytes)


def _lang(path: str) -> str | None:
    try:
        sent = parse_qs(path.partition("?")[2], errors="replace", max_num_fields=MAX_PARAMETERS)
    except ValueError:
        return None
    return sent.get("lang", [None])[-1]


async def hang_up(stream: IOStream, error: Refusal, headers: Mapping[str, str]) -> None:
    """Answer on a detached connection and end it."""
    status, said, body = refusal(error).render(headers)
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
