"""Requests to services that are not ours: bounded in time and size, and to their own address alone.

    client = HttpClient(timeout=5.0, connections=4)
    answer = await client.post(url, payload, {"x-api-key": "..."})      # raises NoAnswer
    await client.close()

A redirect is an answer like any other. Followed, it would carry a key to another
origin and turn a POST into a GET, whose 200 says nothing of what was posted.
Nor are there cookies, proxies of the environment or decompression: an answer is
what it is, and no larger than it came.

Thread rule: event loop only.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import aiohttp
from yarl import URL

from conf.limits import MAX_SERVICE_ANSWER

_HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Amoeba"}


class NoAnswer(Exception):
    """Nobody there, too late, too much, or no HTTP; says which."""


class ServiceAnswer(NamedTuple):
    """Of any status, its body whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class HttpClient:
    """`timeout` in seconds, for a whole request; at most `connections` are open at a time."""

    def __init__(self, timeout: float, connections: int, max_bytes: int = MAX_SERVICE_ANSWER) -> None:
        """An answer has at most `max_bytes`."""
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._connections = connections
        self._max_bytes = max_bytes
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> ServiceAnswer:
        """`url` is sent as it is written, percent signs included. Raises NoAnswer."""
        return await self._request("GET", URL(url, encoded=True), headers=headers)

    async def post(self, url: str, payload: Any, headers: Mapping[str, str]) -> ServiceAnswer:
        """`payload` goes as JSON. Raises NoAnswer."""
        return await self._request("POST", url, json=payload, headers=headers)

    async def post_form(
        self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]
    ) -> ServiceAnswer:
        """`fields` go as a form. Raises NoAnswer."""
        return await self._request("POST", url, data=fields, headers=headers)

    async def _request(self, method: str, url: URL | str, **options: Any) -> ServiceAnswer:
        try:
            async with self._open().request(method, url, allow_redirects=False, **options) as response:
                return ServiceAnswer(response.status, response.headers, await self._body(response))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as fault:
            raise NoAnswer(f"{type(fault).__name__} {fault}".strip()) from fault

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout,
                connector=aiohttp.TCPConnector(limit=self._connections),
                headers=_HEADERS,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        parts = []
        size = 0
        async for part in response.content.iter_chunked(MAX_SERVICE_ANSWER):
            size += len(part)
            if size > self._max_bytes:
                raise NoAnswer(f"an answer of more than {self._max_bytes} bytes")
            parts.append(part)
        return b"".join(parts)
