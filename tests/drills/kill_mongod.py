"""`kill -9` of mongod: the server's own, started again by it, and an external one, by an operator."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from server.embedded import sockets
from server.embedded.folder import Folder
from tests.drills import checks
from tests.drills.load import Attempt, Readers, Writers
from tests.drills.mongods import ReplicaSet, kill_process
from tests.drills.report import Outcome, spread
from tests.drills.service import Crew, Service, wait_until
from tests.ports import is_listening

AWAY = 3.0  # seconds until the operator of an external mongod starts it again
RETURN_LIMIT = 5.0  # seconds from mongod's return to the first write
REFUSAL_LIMIT = 1.0  # seconds in which a write is refused while MongoDB is known to be away
KNOWN_AFTER = 1.5  # seconds without MongoDB until it is known to be away
SETTLE = 1.0


@dataclass
class Round:
    """Seconds of the drill's clock."""

    killed: float
    returned: float
    written: float = 0.0


@dataclass
class Deaths:
    """What happened over all rounds."""

    rounds: list[Round] = field(default_factory=list)

    def returns(self) -> list[float]:
        return [max(0.0, one.written - one.returned) for one in self.rounds]

    def outages(self) -> list[float]:
        return [one.written - one.killed for one in self.rounds]


def run_embedded(service: Service, crew: Crew, times: int) -> Outcome:
    outcome = Outcome("`kill -9` of the server's own mongod", f"{times} times")
    folder = Folder(service.data)
    place = sockets.find_socket(folder)
    assert place

    def once() -> Round:
        pid = folder.pid()
        assert pid
        killed = kill_process(pid)
        wait_until(lambda: folder.pid() != pid, 30, "the supervisor starts mongod again")
        return Round(killed, _wait_listening(lambda: sockets.is_listening(place)))

    return _run(outcome, service, crew, times, once)


def run_external(
    service: Service, crew: Crew, members: ReplicaSet, times: int, away: float = AWAY
) -> Outcome:
    outcome = Outcome(f"`kill -9` of an external mongod, started again after {away:.0f} s", f"{times} times")
    [member] = members.members

    def once() -> Round:
        assert member.process
        killed = kill_process(member.process.pid)
        member.process.wait(10)
        time.sleep(away)
        member.start()
        return Round(killed, _wait_listening(lambda: is_listening(member.port)))

    return _run(outcome, service, crew, times, once)


def _wait_listening(is_listening: Callable[[], bool]) -> float:
    wait_until(is_listening, 60, "mongod listens again", 0.01)
    return time.monotonic()


def _run(outcome: Outcome, service: Service, crew: Crew, times: int, once: Callable[[], Round]) -> Outcome:
    deaths = Deaths()
    with Writers(service.url, crew) as writers, Readers(service.url) as readers:
        for _ in range(times):
            writers.first_success(time.monotonic(), 10)
            time.sleep(SETTLE)
            death = once()
            with suppress(AssertionError):  # a late one is a figure, and late
                death.written = death.returned + 60
                death.written = writers.first_success(death.killed, 60)
            deaths.rounds.append(death)
    add_reads(outcome, readers)
    add_writes(outcome, writers)
    _add_refusals(outcome, writers, deaths)
    returns = deaths.returns()
    figures = f"{spread(returns)}; without writes for {spread(deaths.outages())}"
    asked = f"writes go on within {RETURN_LIMIT:.0f} s of its return"
    outcome.add(asked, max(returns) <= RETURN_LIMIT, figures)
    checks.add_stored(outcome, service, crew, len(writers.acknowledged))
    checks.add_shown(outcome, service, crew)
    checks.add_delivered(outcome, service, crew)
    return outcome


def add_reads(outcome: Outcome, readers: Readers) -> None:
    failed = [str(one) for one in readers.failed]
    figures = f"0 of {len(readers.attempts)} failed; {spread([one.took for one in readers.attempts])}"
    outcome.add("every read is answered", bool(readers.attempts) and not failed, checks.said(failed, figures))


def add_writes(outcome: Outcome, writers: Writers) -> None:
    """A write is done or refused with 503, JSON and Retry-After; each is answered."""
    wrong = [str(one) for one in writers.attempts if not one.status] + [str(one) for one in writers.odd]
    refused = sum(one.status == 503 for one in writers.attempts)
    figures = f"{len(writers.acknowledged)} done, {refused} refused"
    outcome.add("writes are done, or refused with 503, Retry-After", not wrong, checks.said(wrong, figures))


def _add_refusals(outcome: Outcome, writers: Writers, deaths: Deaths) -> None:
    """A caller is not kept waiting for what is known to be away."""
    known: list[Attempt] = []
    for death in deaths.rounds:
        known += writers.between(death.killed + KNOWN_AFTER, death.returned)
    late = [one.took for one in known if one.status == 503]
    held = not late or max(late) <= REFUSAL_LIMIT
    asked = f"503 comes at once when mongod is away for {KNOWN_AFTER} s"
    outcome.add(asked, held, f"{len(late)} of them: {spread(late)}" if late else "was back sooner")
