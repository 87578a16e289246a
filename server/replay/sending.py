"""Sends recorded requests to two servers at the same time, and reports their answers.

    async with Pair("http://a.example", "http://b.example", Pace(connections=4, rate=20, timeout=10)) as pair:
        await pair.fetch_all(targets, report)       # await report(target, answer_a, answer_b)

Each address is requested once, from both servers at the same time. After a 429 it is requested again, at most
twice, when the server allows it.

Thread rule: event loop only.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Final, NamedTuple, Self

from conf.limits import MAX_REPLAYED_ANSWER
from conf.numbers import read_number
from server.outside.http_client import HttpClient, NoAnswer
from server.replay.answers import Answer

_MAX_TRIES: Final = 3  # of a request that is answered 429
_DEFAULT_PAUSE: Final = 1  # second, if the server does not say how long
_MAX_PAUSE: Final = 30  # seconds, whatever the server says

Report = Callable[[str, Answer, Answer], Awaitable[None]]


class Pace(NamedTuple):
    """Addresses at a time and a second (0: no limit); `timeout` of an answer in seconds."""

    connections: int
    rate: float
    timeout: float


class _Server:
    """One of the two servers."""

    def __init__(self, base: str, pace: Pace) -> None:
        self._base = base.rstrip("/")
        self._client = HttpClient(pace.timeout, pace.connections, MAX_REPLAYED_ANSWER)

    async def fetch(self, target: str) -> Answer:
        for _ in range(_MAX_TRIES):
            try:
                answer = await self._client.get(self._base + target)
            except NoAnswer as fault:
                return fault
            if answer.status != 429:
                break
            seconds = read_number(answer.headers.get("Retry-After", ""))
            await asyncio.sleep(_DEFAULT_PAUSE if seconds is None else min(seconds, _MAX_PAUSE))
        return answer

    async def close(self) -> None:
        await self._client.close()


class Pair:
    """The two servers; a context."""

    def __init__(self, a: str, b: str, pace: Pace) -> None:
        self._servers = (_Server(a, pace), _Server(b, pace))
        self._pace = pace
        self._next = 0.0  # when the next request may be sent, by the loop's clock

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *fault: object) -> None:
        for server in self._servers:
            await server.close()

    async def fetch_all(self, targets: Iterable[str], report: Report) -> None:
        """Calls `report` with the two answers of each target."""
        remaining = iter(targets)
        async with asyncio.TaskGroup() as group:
            for _ in range(self._pace.connections):
                group.create_task(self._fetch_until_done(remaining, report))

    async def _fetch_until_done(self, remaining: Iterator[str], report: Report) -> None:
        for target in remaining:
            await self._wait_for_rate()
            await report(target, *await asyncio.gather(*(server.fetch(target) for server in self._servers)))

    async def _wait_for_rate(self) -> None:
        if not self._pace.rate:
            return
        now = asyncio.get_running_loop().time()
        self._next = max(self._next, now) + 1 / self._pace.rate
        await asyncio.sleep(self._next - 1 / self._pace.rate - now)
