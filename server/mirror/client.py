"""Reads politely from a server that others depend on: slowly, patiently, and with bounded answers.

    client = PoliteClient("https://addons.example.org", Politeness(rate=2.0), "Amoeba/0.1.0")
    answer = await client.get("/api/v5/addons/search/?page=2", tag)   # raises BadAnswer, SourceUnavailable
    answer.status, answer.value, answer.tag                           # 200, 304, or a final 4xx

A request that gets no answer, a 429, a 5xx or invalid JSON is repeated after a growing pause, or the one that
`Retry-After` demands, which all other requests wait for as well. Redirects are not followed.

Thread rule: event loop only.
"""

import asyncio
import logging
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from conf.limits import MAX_MIRRORED_ANSWER
from server.errors import AmoebaError
from server.outside.http_client import HttpClient, NoAnswer, StreamedAnswer, read_retry_after
from server.retry import Backoff

log = logging.getLogger(__name__)

CONNECTIONS: Final = 4
_MAX_FAILURES: Final = 6  # requests, after which the server counts as away
_LONGEST_WAIT: Final = 24 * 3600.0  # seconds that a server may demand
_LOGGED_WAIT: Final = 30.0  # seconds, from which on a pause is logged
_PAUSES: Final = Backoff(1.0, 60.0)
_GZIP: Final = 31  # zlib's window of gzip


class BadAnswer(AmoebaError):
    """The request got no usable answer, however often it was repeated."""


class SourceUnavailable(AmoebaError):
    """The server has stopped answering, or demands a very long pause."""


@dataclass(frozen=True, slots=True)
class Politeness:
    """Rate limit, timeout and retries; `timeout` in seconds, for a whole request."""

    rate: float = 2.0  # requests a second
    timeout: float = 60.0
    tries: int = 6
    pauses: Backoff = _PAUSES


class Answer(NamedTuple):
    """A final answer; `value` is None without JSON; `tag` makes a later request conditional."""

    status: int
    value: Any
    tag: str | None = None


class PoliteClient:
    """`base`: scheme and host of the server; `agent`: the User-Agent header."""

    def __init__(self, base: str, politeness: Politeness, agent: str) -> None:
        self.base = base
        self.requests = 0
        self.timeout = politeness.timeout
        self._politeness = politeness
        self._next_at = 0.0  # the loop's time from which the next request may be made
        self._throttle_lock = asyncio.Lock()
        self._failures = 0  # requests in a row
        headers = {"User-Agent": agent, "Accept-Encoding": "gzip"}
        self._http = HttpClient(politeness.timeout, CONNECTIONS, MAX_MIRRORED_ANSWER, headers=headers)

    async def close(self) -> None:
        await self._http.close()

    async def get(self, path: str, tag: str | None = None) -> Answer:
        """Raises BadAnswer, SourceUnavailable."""
        for attempt in range(1, self._politeness.tries + 1):
            await self._throttle()
            try:
                answer = await self._http.get(self.base + path, conditional_headers(tag))
                _check(path, answer.status, answer.headers)
                value = _read(answer.status, answer.headers, answer.body)
            except (NoAnswer, _TemporaryFault, ValueError) as fault:
                await self._pause(path, attempt, fault)
                continue
            self._failures = 0
            return Answer(answer.status, value, _read_tag(answer.headers))
        raise AssertionError("the last pause raises")

    @asynccontextmanager
    async def stream(self, path: str, headers: Mapping[str, str]) -> AsyncIterator[StreamedAnswer]:
        """A streamed answer of any length, which its reader has to bound.

        Raises SourceUnavailable, BadAnswer before it begins, NoAnswer while it is read.
        """
        for attempt in range(1, self._politeness.tries + 1):
            await self._throttle()
            began = False
            try:
                async with self._http.stream(self.base + path, headers) as answer:
                    _check(path, answer.status, answer.headers)
                    self._failures, began = 0, True
                    yield answer
                    return
            except (NoAnswer, _TemporaryFault) as fault:
                if began:
                    raise
                await self._pause(path, attempt, fault)

    async def _throttle(self) -> None:
        """Wait until the rate limit and `Retry-After` allow one more request."""
        loop = asyncio.get_running_loop()
        async with self._throttle_lock:
            while (wait := self._next_at - loop.time()) > 0:
                await asyncio.sleep(wait)
            self._next_at = loop.time() + 1 / self._politeness.rate
        self.requests += 1

    async def _pause(self, path: str, attempt: int, fault: Exception) -> None:
        """Wait for the next attempt.

        Raises BadAnswer after the last, SourceUnavailable if more are pointless.
        """
        reason = f"{path}: {fault}"
        retry_after = fault.retry_after if isinstance(fault, _TemporaryFault) else None
        if retry_after is not None and retry_after > _LONGEST_WAIT:
            raise SourceUnavailable(f"{reason}, and asks to be left alone for {retry_after / 3600:.0f} hours")
        if attempt == self._politeness.tries:
            self._failures += 1
            if self._failures >= _MAX_FAILURES:
                raise SourceUnavailable(f"{self._failures} requests in a row failed; the last: {reason}")
            raise BadAnswer(reason)
        pause = self._politeness.pauses.pause(attempt) if retry_after is None else retry_after
        if pause >= _LOGGED_WAIT:
            log.warning("waiting %.0f s for the server: %s", pause, reason)
        if retry_after is not None:
            self._next_at = max(self._next_at, asyncio.get_running_loop().time() + retry_after)
        else:
            await asyncio.sleep(pause)


class _TemporaryFault(Exception):
    def __init__(self, text: str, retry_after: float | None) -> None:
        super().__init__(text)
        self.retry_after = retry_after  # seconds, by Retry-After


def _check(path: str, status: int, headers: Mapping[str, str]) -> None:
    """Raises _TemporaryFault for a status that may be temporary, BadAnswer for a redirect."""
    if status == 429 or status >= 500:
        raise _TemporaryFault(f"status {status}", read_retry_after(headers))
    if 300 <= status < 400 and status != 304:
        location = headers.get("Location", "nowhere")
        raise BadAnswer(f"{path} redirects to {location!r:.200}, which is not followed")


def conditional_headers(tag: str | None) -> dict[str, str]:
    """The header that makes a request conditional on the tag of an earlier answer."""
    if tag is None:
        return {}
    is_etag = tag.startswith(('"', "W/"))
    return {"If-None-Match" if is_etag else "If-Modified-Since": tag}


def _read_tag(headers: Mapping[str, str]) -> str | None:
    return headers.get("ETag") or headers.get("Last-Modified")


def _read(status: int, headers: Mapping[str, str], body: bytes) -> Any:
    """Raises ValueError for a success without valid JSON."""
    if status == 200:
        text = _decompress(headers, body)
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as fault:
            raise ValueError(f"an answer that is no JSON: {fault}") from None
    with suppress(ValueError):
        return orjson.loads(_decompress(headers, body))
    return None


def _decompress(headers: Mapping[str, str], body: bytes) -> bytes:
    """Raises ValueError for a body that is too large or broken."""
    encoding = headers.get("Content-Encoding", "identity")
    if encoding == "identity":
        return body
    if encoding != "gzip":
        raise ValueError(f"an answer in {encoding!r:.40}")
    decompressor = zlib.decompressobj(_GZIP)
    try:
        text = decompressor.decompress(body, MAX_MIRRORED_ANSWER)
    except zlib.error as fault:
        raise ValueError(f"broken gzip: {fault}") from None
    if not decompressor.eof:
        raise ValueError(f"an answer that breaks off, or of more than {MAX_MIRRORED_ANSWER} bytes")
    return text
