"""How long a write takes until search shows it, at twenty writes a second.

Each write is timed from the moment it is sent until a search for a word that
only its new name has finds the add-on.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from tests.client import Client
from tests.drills import checks
from tests.drills.load import write
from tests.drills.report import Outcome, percentile, spread
from tests.drills.service import Crew, Service, Subject, wait_until

RATE: Final = 20.0
LIMIT: Final = 0.3  # seconds, p95
_LOOK: Final = 0.01
_THREADS: Final = 8


def run(service: Service, crew: Crew, writes: int, limit: float = LIMIT) -> Outcome:
    outcome = Outcome("writes until search shows them", f"{writes} writes at {RATE:.0f} a second")
    begun = time.monotonic()
    timed = _timed(service, crew, writes)
    rate = writes / (time.monotonic() - begun)
    faults = timed.faults
    outcome.add(
        "each is done and shown", not faults, checks.said(faults, f"{len(timed.shown)}, {rate:.0f}/s")
    )
    p95 = percentile(timed.shown, 0.95)
    figures = f"{spread(timed.shown)} from being sent; answered after {spread(timed.answered)}"
    outcome.add(f"p95 within {limit * 1000:.0f} ms", bool(timed.shown) and p95 <= limit, figures)
    return outcome


def delays(service: Service, crew: Crew, writes: int) -> tuple[list[float], list[float]]:
    """Seconds until each write that succeeded was found, and until it was answered."""
    timed = _timed(service, crew, writes)
    return timed.shown, timed.answered


def _timed(service: Service, crew: Crew, writes: int) -> "_Timed":
    assert len(crew.subjects) >= _THREADS
    timed = _Timed(service, crew)
    begun = time.monotonic()
    with ThreadPoolExecutor(_THREADS) as pool:
        for number in range(writes):
            time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
            pool.submit(timed.once, crew.subjects[number % len(crew.subjects)])
    timed.close()
    return timed


class _Timed:
    """Seconds from sending to the answer and to being found; one write at a time for each add-on."""

    def __init__(self, service: Service, crew: Crew) -> None:
        self.answered: list[float] = []
        self.shown: list[float] = []
        self.faults: list[str] = []
        self._service = service
        self._crew = crew
        self._own = threading.local()
        self._clients: list[Client] = []
        self._locks = {subject.id: threading.Lock() for subject in crew.subjects}

    def once(self, subject: Subject) -> None:
        if not hasattr(self._own, "client"):
            self._own.client = Client(self._service.url)
            self._clients.append(self._own.client)
        try:
            with self._locks[subject.id]:
                self._time(self._own.client, subject)
        except Exception as fault:  # a thread of the pool would keep it to itself
            self.faults.append(f"{subject.id}: {fault}")

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def _time(self, client: Client, subject: Subject) -> None:
        begun = time.monotonic()
        status, fault = write(client, self._crew, subject)
        answered = time.monotonic() - begun
        assert status == 200, f"{status} {fault}"
        word = subject.word(subject.sent)
        path = f"/api/v5/addons/search/?q={word}"
        wait_until(lambda: client.get(path).json["count"], 10, "a write is found", _LOOK)
        self.shown.append(time.monotonic() - begun)
        self.answered.append(answered)
