"""Streams of writes and reads in threads: what was sent, when, and what came of it.

    with Writers(service.url, crew) as writers, Readers(service.url) as readers:
        ...                                  # the fault
    writers.attempts, readers.attempts       # all of them, none left out

A thread sends its next request when the last was answered, at most `rate` a
second; what is not answered at all counts with status 0.
"""

import http.client
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from tests.client import Answer, Client
from tests.drills.service import Crew, Subject

READS = (
    "/api/v5/addons/search/?q=drill&lang=en-US",
    "/api/v5/addons/search/?app=firefox&sort=users",
    "/api/v5/addons/autocomplete/?q=dri",
    "/api/v4/addons/search/?q=tree&page_size=5",
    "/api/v4/addons/search/?sort=updated&page=2&page_size=1",
    "/api/v5/site/",
)
_PAUSE_WITHOUT_SERVER = 0.02


@dataclass(frozen=True, slots=True)
class Attempt:
    """Times are monotonic seconds; `fault` is what is wrong with the answer, if anything is."""

    begun: float
    ended: float
    status: int
    fault: str = ""

    @property
    def took(self) -> float:
        return self.ended - self.begun

    @property
    def well(self) -> bool:
        return 200 <= self.status < 300


@dataclass
class Stream:
    """Threads that each send from an endless supply until the end of the `with` block."""

    url: str
    threads: int = 2
    rate: float = 50.0  # requests a second, all threads together
    timeout: float = 15.0
    attempts: list[Attempt] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        for number in range(self.threads):
            thread = threading.Thread(target=self._run, args=(number,), daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(self.timeout * 2)

    def since(self, moment: float) -> list[Attempt]:
        """Those that began later."""
        return [attempt for attempt in list(self.attempts) if attempt.begun >= moment]

    def between(self, begin: float, end: float) -> list[Attempt]:
        return [attempt for attempt in self.since(begin) if attempt.begun < end]

    def _run(self, number: int) -> None:
        client = Client(self.url, timeout=self.timeout)
        due = time.monotonic()
        for send in self.supply(number, client):
            if self._stopping.wait(max(0.0, due - time.monotonic())):
                break
            due = max(due + self.threads / self.rate, time.monotonic())
            attempt = _attempt(send)
            self.attempts.append(attempt)
            if not attempt.status:
                self._stopping.wait(_PAUSE_WITHOUT_SERVER)
        client.close()

    def supply(self, number: int, client: Client) -> Iterator[Callable[[], tuple[int, str]]]:
        raise NotImplementedError


def _attempt(send: Callable[[], tuple[int, str]]) -> Attempt:
    begun = time.monotonic()
    try:
        status, fault = send()
    except (OSError, http.client.HTTPException) as error:
        status, fault = 0, f"{type(error).__name__} {error}"
    return Attempt(begun, time.monotonic(), status, fault)


class Readers(Stream):
    """Public reads; whatever is not 200 with JSON is a failure."""

    def supply(self, number: int, client: Client) -> Iterator[Callable[[], tuple[int, str]]]:
        for path in itertools.cycle(READS[number % len(READS) :] + READS[: number % len(READS)]):
            yield lambda path=path: _judge_read(client.get(path))  # type: ignore[misc]

    @property
    def failed(self) -> list[Attempt]:
        return [attempt for attempt in list(self.attempts) if attempt.status != 200 or attempt.fault]


def _judge_read(answer: Answer) -> tuple[int, str]:
    return answer.status, "" if isinstance(answer.json, dict) else "not an object"


class Writers(Stream):
    """Each thread writes to subjects of its own, one write at a time, numbers rising."""

    def __init__(self, url: str, crew: Crew, threads: int = 4, rate: float = 40.0) -> None:
        super().__init__(url, threads, rate)
        self.crew = crew

    def supply(self, number: int, client: Client) -> Iterator[Callable[[], tuple[int, str]]]:
        own = self.crew.subjects[number :: self.threads]
        for subject in itertools.cycle(own):
            yield lambda subject=subject: write(client, self.crew, subject)  # type: ignore[misc]

    @property
    def acknowledged(self) -> list[Attempt]:
        return [attempt for attempt in list(self.attempts) if attempt.well]

    @property
    def odd(self) -> list[Attempt]:
        """Answers that are neither success nor a proper 503."""
        answered = [attempt for attempt in list(self.attempts) if attempt.status]
        return [one for one in answered if one.fault or not (one.well or one.status == 503)]

    def first_success(self, moment: float, limit: float) -> float:
        """When the first write that began after `moment` had succeeded; AssertionError after `limit` s."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if well := [one for one in self.since(moment) if one.well]:
                return min(one.ended for one in well)
            time.sleep(0.01)
        raise AssertionError(f"no write succeeded within {limit:.0f} s: {self.attempts[-3:]}")


def write(client: Client, crew: Crew, subject: Subject) -> tuple[int, str]:
    """The subject's next state, by PATCH: the status, and what is wrong with the answer."""
    subject.sent += 1
    number = subject.sent
    path = f"/api/v5/addons/addon/{subject.id}/"
    answer = client.patch(path, json_body=subject.values(number), headers=crew.headers)
    if 200 <= answer.status < 300:
        subject.acknowledged = number
    return answer.status, _judge_write(answer, number)


def _judge_write(answer: Answer, number: int) -> str:
    body: Any = answer.json
    if answer.status == 503:
        return "" if "detail" in body and answer.headers["Retry-After"] else "a 503 without its words"
    if answer.status == 200:
        return "" if body["slug"].endswith(f"-{number}") else f"answered with {body['slug']}"
    return str(body)[:200]
