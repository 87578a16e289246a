"""A replica set of three: its primary killed under writes, and two servers working on it."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

from tests.client import Client
from tests.drills import checks
from tests.drills.kill_mongod import add_reads, add_writes
from tests.drills.load import Readers, Writers, write
from tests.drills.mongods import ReplicaSet
from tests.drills.report import Outcome, spread
from tests.drills.service import Crew, Service, Subject, shown, wait_until

RESUME_LIMIT: Final = 15.0  # seconds
FOLLOW_LIMIT: Final = 1.0
_LOOK: Final = 0.005


def run_primary(service: Service, crew: Crew, members: ReplicaSet, times: int) -> Outcome:
    outcome = Outcome("primary of a replica set of three killed (`kill -9`)", f"{times} times")
    gaps: list[float] = []
    with Writers(service.url, crew) as writers, Readers(service.url) as readers:
        for number in range(times):
            if number:
                members.restart_dead()
            writers.first_success(time.monotonic(), 30)
            time.sleep(1.0)
            primary = members.primary()
            assert primary, "the replica set has no primary"
            killed = time.monotonic()
            primary.kill()
            gaps.append(_resumed(writers, primary_gone=killed))
    add_reads(outcome, readers)
    add_writes(outcome, writers)
    figures = "; ".join(f"{gap:.1f} s" for gap in gaps)
    outcome.add(f"writes go on within {RESUME_LIMIT:.0f} s", max(gaps) <= RESUME_LIMIT, figures)
    checks.add_stored(outcome, service, crew, len(writers.acknowledged))
    checks.add_shown(outcome, service, crew)
    checks.add_delivered(outcome, service, crew)
    return outcome


def _resumed(writers: Writers, primary_gone: float) -> float:
    """Seconds without a successful write; those whose answer was on its way do not count."""
    begun = primary_gone + 0.2
    return writers.first_success(begun, 60) - primary_gone


def run_two(first: Service, second: Service, crew: Crew, writes: int, switches: int) -> Outcome:
    """`second` works on the MongoDB of `first`; each has its own key for Basket.

    `switches`: how often read-only goes on and off, and in how many rounds every
    object is changed once.
    """
    outcome = Outcome("two servers on one replica set", f"{writes} writes to either by turns")
    _add_followed(outcome, first, second, crew, writes)
    _add_switched(outcome, first, second, crew, switches)
    _add_told_once(outcome, first, second, crew, switches)
    return outcome


def _add_followed(outcome: Outcome, first: Service, second: Service, crew: Crew, writes: int) -> None:
    own: list[float] = []
    other: list[float] = []
    with _clients(first, second) as clients:
        for number in range(writes):
            subject = crew.subjects[number % len(crew.subjects)]
            here, there = clients if number % 2 else reversed(clients)
            begun = time.monotonic()
            status, fault = write(here, crew, subject)
            assert status == 200, f"{status} {fault}"
            own.append(_until_shown(here, subject, begun))
            other.append(_until_shown(there, subject, begun))
    for name, delays in (("the server that took it", own), ("the other server", other)):
        held = max(delays) <= FOLLOW_LIMIT
        asked = f"a write is shown by {name} within {FOLLOW_LIMIT:.0f} s of being sent"
        outcome.add(asked, held, spread(delays))


@contextmanager
def _clients(first: Service, second: Service) -> Iterator[list[Client]]:
    with closing(Client(first.url)) as one, closing(Client(second.url)) as two:
        yield [one, two]


def _until_shown(client: Client, subject: Subject, begun: float) -> float:
    wait_until(lambda: shown(client, subject) == subject.sent, 10, "a write is shown", _LOOK)
    return time.monotonic() - begun


def _add_switched(outcome: Outcome, first: Service, second: Service, crew: Crew, switches: int) -> None:
    delays: list[float] = []
    with _clients(first, second) as clients:
        for number in range(switches * 2):
            on = number % 2 == 0
            begun = time.monotonic()
            here = clients[number // 2 % 2]
            answer = here.patch("/api/v5/site/", json_body={"read_only": on}, headers=crew.headers)
            assert answer.status == 200, f"{answer.status} {answer.body!r}"
            for client in clients:
                _wait_barred(client, crew, on)
                delays.append(time.monotonic() - begun)
    asked = f"read-only on and off reach both within {FOLLOW_LIMIT:.0f} s"
    outcome.add(asked, max(delays) <= FOLLOW_LIMIT, f"{switches * 2} switches: {spread(delays)}")


def _wait_barred(client: Client, crew: Crew, on: bool) -> None:
    """Until writes are refused for maintenance, or not: this one, with no field, changes nothing."""
    path = f"/api/v5/addons/addon/{crew.subjects[0].id}/"

    def is_switched() -> bool:
        return (client.patch(path, json_body={}, headers=crew.headers).status == 503) is on

    wait_until(is_switched, 10, "a switch reaches a server", _LOOK)


def _add_told_once(outcome: Outcome, first: Service, second: Service, crew: Crew, rounds: int) -> None:
    """One change of each object in a round: each record of the outbox is one state, so one request each."""
    checks.drain(first)
    before = len(first.basket.arrivals)
    wanted: list[str] = []
    with _clients(first, second) as clients:
        for _ in range(rounds):
            for number, subject in enumerate(crew.subjects):
                status, fault = write(clients[number % 2], crew, subject)
                assert status == 200, f"{status} {fault}"
                wanted.append(subject.values(subject.sent)["slug"])
            checks.drain(first)
    arrivals = first.basket.arrivals[before:]
    counts = Counter(arrival.body["slug"] for arrival in arrivals)
    wrong = [f"{slug}: {counts[slug]} times" for slug in wanted if counts[slug] != 1]
    senders = Counter(arrival.sender for arrival in arrivals)
    shares = ", ".join(f"{count} by {name}" for name, count in sorted(senders.items()))
    asked = "each record of the outbox is delivered by one of them, once"
    outcome.add(asked, not wrong, checks.said(wrong, shares))
