"""Requests at a fixed pace, whatever the server does: latency as a user has it.

Each request has its moment; its latency counts from that moment, not from when a
free connection was found, so a stall of the server shows in all that waited
(no coordinated omission). `probe` is the same with one trivial request every few
milliseconds: its longest latency bounds the longest block of the server's event
loop from above, start-up included.
"""

import asyncio
import contextlib
import gc
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from tests.bench.loader import request

PROBE_PAUSE = 0.005  # seconds between two probes
PROBE_TARGET = "/__heartbeat__"
ANSWER_LIMIT = 30.0
MAX_CONNECTIONS = 512


@dataclass
class Latencies:
    """Seconds from the planned moment to the last byte, statuses, and what failed."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Milliseconds that `share` (0..1) of the requests did not exceed."""
        if not self.seconds:
            return float("nan")
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    @property
    def errors(self) -> int:
        return len(self.faults) + sum(count for status, count in self.statuses.items() if status >= 400)


class Wire:
    """Kept connections to one server, opened as needed, used one request at a time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._all: list[asyncio.StreamWriter] = []

    async def get(self, data: bytes) -> int:
        """Send one request; return its status when the whole answer is in."""
        reader, writer = self._idle.pop() if self._idle else await self._open()
        writer.write(data)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        found = head.find(b"\r\ncontent-length:")
        if found >= 0:
            await reader.readexactly(int(head[found + 17 : head.find(b"\r\n", found + 2)]))
        self._idle.append((reader, writer))
        return int(head[9:12])

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if len(self._all) >= MAX_CONNECTIONS:
            raise ConnectionError(f"more than {MAX_CONNECTIONS} requests wait at once")
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        self._all.append(writer)
        return reader, writer

    def close(self) -> None:
        for writer in self._all:
            writer.close()


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """The loader's own garbage collection would show as latency."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextlib.contextmanager
def _first_in_line() -> Iterator[None]:
    """Before others on this core, where the system permits: waiting for it would show as latency."""
    usual = os.SCHED_OTHER, os.sched_param(0)
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    try:
        yield
    finally:
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, *usual)


async def pace(port: int, targets: Iterator[str], rate: float, seconds: float, seed: int = 1) -> Latencies:
    """Send `rate` requests a second on average, at random moments (Poisson), for `seconds`."""
    moments = random.Random(seed)
    plan: list[tuple[float, bytes]] = []
    at = 0.0
    while (at := at + moments.expovariate(rate)) < seconds:
        plan.append((at, request(next(targets), {"Accept": "application/json"})))
    found, wire = Latencies(), Wire(port)
    with _no_collection():
        started = time.perf_counter()
        async with asyncio.timeout(seconds + ANSWER_LIMIT), asyncio.TaskGroup() as group:
            for at, data in plan:
                await asyncio.sleep(started + at - time.perf_counter())
                group.create_task(_timed(wire, data, started + at, found))
    wire.close()
    return found


async def _timed(wire: Wire, data: bytes, planned: float, found: Latencies) -> None:
    try:
        status = await wire.get(data)
    except (OSError, asyncio.IncompleteReadError, ValueError) as fault:
        found.faults.append(f"{type(fault).__name__}: {fault}")
        return
    found.statuses[status] += 1
    found.seconds.append(time.perf_counter() - planned)


@dataclass
class Probe:
    """A probe's samples: (planned moment, latency in seconds, status), on perf_counter's clock."""

    samples: list[tuple[float, float, int]] = field(default_factory=list)

    def longest(self) -> float:
        """Longest latency in milliseconds."""
        return max((latency for _, latency, _ in self.samples), default=float("nan")) * 1000

    def percentile(self, share: float) -> float:
        return Latencies([latency for _, latency, _ in self.samples]).percentile(share)

    def first(self, status: int) -> float | None:
        """The moment the first answer with this status was complete."""
        return next((at + latency for at, latency, found in self.samples if found == status), None)

    def answering(self) -> "Probe":
        """What was asked after the first answer: before that a start imports, and no loop runs yet."""
        planned, latency, _ = self.samples[0]
        return Probe([sample for sample in self.samples if sample[0] >= planned + latency])

    def down(self) -> bool:
        """True when the server, once up, was ever not ready again."""
        return any(one == 200 and two != 200 for (*_, one), (*_, two) in pairwise(self.samples))


async def probe(port: int, until: Callable[[Probe], bool], pause: float = PROBE_PAUSE) -> Probe:
    """Probe from the moment the port accepts, every `pause` seconds, until `until` says so."""
    found, data = Probe(), request(PROBE_TARGET)
    with _no_collection(), _first_in_line():
        async with _connected(port, found, until) as wire:
            planned = time.perf_counter()
            while wire and not until(found):
                await asyncio.sleep(planned - time.perf_counter())
                status = await asyncio.wait_for(wire.get(data), ANSWER_LIMIT)
                found.samples.append((planned, time.perf_counter() - planned, status))
                planned += pause
    return found


@contextlib.asynccontextmanager
async def _connected(port: int, found: Probe, until: Callable[[Probe], bool]) -> AsyncIterator[Wire | None]:
    """A wire once the server accepts connections; None when `until` gave up before."""
    wire: Wire | None = None
    while wire is None and not until(found):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            wire = Wire(port)
        except OSError:
            await asyncio.sleep(0.005)
    try:
        yield wire
    finally:
        if wire:
            wire.close()
