"""Requests to other services, bounded in time and size, and without redirects.

    client = HttpClient(timeout=5.0, connections=4)
    answer = await client.post(url, payload, {"x-api-key": "..."})      # raises NoAnswer
    async with client.stream(url, {}) as answer:                        # of any size; its reader has a bound
        async for part in answer.parts: ...
    await client.close()

Use `private=False` for URLs that others choose: every address of the host has to be public, and the
connection goes to one of these, so that no internal service can be reached.

Redirects are not followed, because a redirect would carry a key to another origin and
turn a POST into a GET, whose 200 says nothing about the posted body. Cookies and
proxies of the environment are not used. Answers are not decompressed, so that none grows
beyond the bytes that were received.

Thread rule: event loop only.
"""

import asyncio
import ipaddress
import socket
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from email.utils import parsedate_to_datetime
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from yarl import URL

from conf.limits import HOUR, MAX_SERVICE_ANSWER
from conf.numbers import read_number

if TYPE_CHECKING:
    import aiohttp
    from aiohttp.abc import AbstractResolver, ResolveResult

_HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Amoeba"}
_MAX_LOOKUPS: Final = 4  # names looked up at a time; others wait within their request's timeout
_NUMERIC: Final = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: its addresses end with an IPv4 address
_UNICAST: Final = ipaddress.IPv6Network("2000::/3")  # all public addresses are in it


class NoAnswer(Exception):
    """The connection failed, or the answer is late, too large or no HTTP; the text says which."""


class ServiceAnswer(NamedTuple):
    """An answer of any status, with its whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, at most an hour, by either form of the header; None if missing or invalid."""
        seconds = read_retry_after(self.headers)
        return None if seconds is None else min(seconds, HOUR)


class StreamedAnswer(NamedTuple):
    """An answer of any status; its `parts` raise NoAnswer."""

    status: int
    headers: Mapping[str, str]
    parts: AsyncIterator[bytes]


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from either form of `Retry-After`; None if it is missing or invalid."""
    header = headers.get("Retry-After")
    if not header:
        return None
    seconds: float | None = read_number(header.strip())
    if seconds is None:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except (TypeError, ValueError, OverflowError):
            return None
    return max(seconds, 0.0)


class HttpClient:
    """`timeout` in seconds limits a whole request; at most `connections` are open at a time."""

    def __init__(
        self,
        timeout: float,
        connections: int,
        max_bytes: int = MAX_SERVICE_ANSWER,
        *,
        private: bool = True,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """An answer has at most `max_bytes`; `private`: whether private addresses are allowed.

        `headers` go with every request.
        """
        self._timeout = timeout
        self._headers = {**_HEADERS, **headers}
        self._connections = connections
        self._max_bytes = max_bytes
        self._private = private
        self._session: aiohttp.ClientSession | None = None  # from the first request on
        self._resolver: _Resolver | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
        if self._resolver is not None:  # the session closes only one that it made itself
            await self._resolver.close()

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

    async def post_bytes(self, url: str, body: bytes, headers: Mapping[str, str]) -> ServiceAnswer:
        """`body` as it is; `url` as in `get`. Raises NoAnswer."""
        return await self._request("POST", URL(url, encoded=True), data=body, headers=headers)

    @asynccontextmanager
    async def stream(
        self, url: str, headers: Mapping[str, str], seconds: float = HOUR
    ) -> AsyncIterator[StreamedAnswer]:
        """As `get`, with the body in parts; `timeout` limits the wait for each part, `seconds` the whole
        request.

        Raises NoAnswer.
        """
        with _as_no_answer():
            session = await self._open(url)
            seconds_per_part = self._timeout
            limits = _timeout(total=seconds, connect=seconds_per_part, sock_read=seconds_per_part)
            response = await session.get(
                URL(url, encoded=True), headers=headers, timeout=limits, allow_redirects=False
            )
        try:
            yield StreamedAnswer(response.status, response.headers, _read_parts(response))
        finally:
            response.close()

    async def _request(self, method: str, url: URL | str, **options: Any) -> ServiceAnswer:
        with _as_no_answer():
            session = await self._open(url)
            async with session.request(method, url, allow_redirects=False, **options) as response:
                return ServiceAnswer(response.status, response.headers, await self._read_body(response))

    def _check(self, url: URL | str) -> None:
        """Raises NoAnswer for an address that is not allowed."""
        if not self._private:
            _check_literal(URL(url).raw_host or "")

    async def _open(self, url: URL | str) -> "aiohttp.ClientSession":
        """The session, made for the first request. Raises NoAnswer for an address that is not allowed."""
        if self._session is None:
            # Imported only now, because it takes 0.2 s, also in servers that never send a request.
            await asyncio.to_thread(import_module, "aiohttp")
            import aiohttp
        if self._session is None:
            self._resolver = _Resolver(private=self._private)
            self._session = aiohttp.ClientSession(
                timeout=_timeout(total=self._timeout),
                connector=aiohttp.TCPConnector(
                    limit=self._connections,
                    resolver=cast("AbstractResolver", self._resolver),
                ),
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        self._check(url)
        return self._session

    async def _read_body(self, response: "aiohttp.ClientResponse") -> bytes:
        parts = []
        size = 0
        async for part in response.content.iter_chunked(MAX_SERVICE_ANSWER):
            size += len(part)
            if size > self._max_bytes:
                raise NoAnswer(f"an answer of more than {self._max_bytes} bytes")
            parts.append(part)
        return b"".join(parts)


async def _read_parts(response: "aiohttp.ClientResponse") -> AsyncIterator[bytes]:
    with _as_no_answer():
        async for part in response.content.iter_chunked(MAX_SERVICE_ANSWER):
            yield part


@contextmanager
def _as_no_answer() -> Iterator[None]:
    try:
        yield
    except (_client_error(), TimeoutError, OSError, ValueError) as fault:
        raise NoAnswer(f"{type(fault).__name__} {fault}".strip()) from fault


def _client_error() -> type[Exception]:
    import aiohttp

    return aiohttp.ClientError


def _timeout(**seconds: Any) -> "aiohttp.ClientTimeout":
    import aiohttp

    return aiohttp.ClientTimeout(**seconds)


class _Resolver:
    """Looks names up in threads of its own, because a name server that does not answer blocks a thread, and
    everything else needs the shared threads.
    """

    def __init__(self, *, private: bool) -> None:
        """Without `private`, every address of a name has to be public."""
        self._threads = ThreadPoolExecutor(_MAX_LOOKUPS, "resolver")
        self._private = private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> "list[ResolveResult]":
        """The addresses of `host`. Raises NoAnswer if one is not allowed, OSError if there are none."""
        loop = asyncio.get_running_loop()
        addresses = await loop.run_in_executor(self._threads, _look_up, host, port, family)
        for address in () if self._private else addresses:
            _check_public(address["host"])
        return addresses

    async def close(self) -> None:
        """Does not wait for running lookups."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int, family: socket.AddressFamily) -> "list[ResolveResult]":
    rows = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [
        {
            "hostname": host,
            "host": _host(address),
            "port": port,
            "family": kind,
            "proto": proto,
            "flags": _NUMERIC,
        }
        for kind, _, proto, _, address in rows
    ]


def _host(address: tuple[Any, ...]) -> str:
    """The address as text, with the zone of a link-local one."""
    return socket.getnameinfo(address, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0]


def _check_literal(host: str) -> None:
    """Check a host that is an IP address, which the resolver is not asked for. Raises NoAnswer."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return  # a name; aiohttp refuses what only looks like an address
    _check_public(host)


def _check_public(address: str) -> None:
    """Raises NoAnswer for a private address, and for an address that a gateway may map to a private one."""
    if not _is_public(ipaddress.ip_address(address.partition("%")[0])):
        raise NoAnswer(f"{address} is no public address")


def _is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    if ip in _NAT64:
        return _is_public(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return ip in _UNICAST and ip.is_global and ip.sixtofour is None
