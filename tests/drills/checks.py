"""What must be true of every acknowledged write once a drill is over, whatever was done in between."""

import asyncio
import time
from contextlib import closing

from server.cli.opening import CommandContext
from tests.client import Client
from tests.drills.report import Outcome
from tests.drills.service import Crew, Service, Subject, number_of, shown, stored, waiting

SHOWN_LIMIT = 10.0  # seconds; the drills that measure the delay are others
DRAIN_LIMIT = 60.0


def lost(service: Service, crew: Crew) -> list[str]:
    """Acknowledged writes that MongoDB has not, in words; writers may go on meanwhile."""
    promised = {one.id: one.acknowledged for one in crew.subjects}
    kept = service.look(lambda here: stored(here.store, crew.subjects))
    return [
        f"{one.id}: {kept.get(one.id)} stored, {promised[one.id]} acknowledged, {one.sent} sent"
        for one in crew.subjects
        if not promised[one.id] <= kept.get(one.id, -1) <= one.sent
    ]


def behind(service: Service, crew: Crew, promised: dict[int, int]) -> list[str]:
    """Subjects that search shows in an older state than promised, or not at all."""
    with closing(Client(service.url)) as client:
        seen = {one.id: shown(client, one) for one in crew.subjects}
    return [
        f"{id_}: {seen[id_]} shown, {number} acknowledged"
        for id_, number in promised.items()
        if (seen[id_] or 0) < number
    ]


def not_shown(service: Service, crew: Crew, limit: float = SHOWN_LIMIT) -> list[str]:
    """Subjects whose stored state search does not show, neither by guid nor by a word of the name."""
    kept = service.look(lambda here: stored(here.store, crew.subjects))
    end = time.monotonic() + limit
    missing = list(crew.subjects)
    with closing(Client(service.url)) as client:
        while missing and time.monotonic() < end:
            missing = [one for one in missing if not _is_shown(client, one, kept[one.id])]
            time.sleep(0.02)
    return [f"{one.id}: {kept[one.id]} stored, not shown" for one in missing]


def _is_shown(client: Client, subject: Subject, number: int) -> bool:
    found = client.get("/api/v5/addons/search/", params={"q": subject.word(number)}).json["results"]
    return shown(client, subject) == number and subject.id in [addon["id"] for addon in found]


def drain(service: Service, limit: float = DRAIN_LIMIT, *, failed: bool = False) -> float:
    """Wait until nothing waits for Basket, or nothing that once failed; seconds it took."""

    async def emptied(here: CommandContext) -> None:
        while await waiting(here.store, failed=failed):
            if time.monotonic() - begun > limit:
                raise AssertionError(f"Basket was not told everything within {limit:.0f} s")
            await asyncio.sleep(0.1)

    begun = time.monotonic()
    service.look(emptied)
    return time.monotonic() - begun


def untold(service: Service, crew: Crew) -> list[str]:
    """Subjects whose newest state Basket has not accepted."""
    kept = service.look(lambda here: stored(here.store, crew.subjects))
    sent = service.basket.sent()
    newest = {
        id_: max((number_of(one.body["slug"]) for one in arrivals if one.accepted), default=0)
        for id_, arrivals in sent.items()
    }
    return [f"{id_}: {number} stored, {newest.get(id_)} told" for id_, number in kept.items()
            if number and newest.get(id_) != number]  # fmt: skip


def out_of_order(service: Service) -> list[str]:
    """Objects of which Basket was told an older state after a newer one."""
    found = []
    for id_, arrivals in service.basket.sent().items():
        numbers = [number_of(one.body["slug"]) for one in arrivals]
        if numbers != sorted(numbers):
            found.append(f"{id_}: {numbers}")
    return found


def add_stored(outcome: Outcome, service: Service, crew: Crew, acknowledged: int) -> None:
    faults = lost(service, crew)
    outcome.add("every acknowledged write is in MongoDB", not faults, said(faults, f"{acknowledged} of them"))


def add_shown(outcome: Outcome, service: Service, crew: Crew) -> None:
    faults = not_shown(service, crew)
    outcome.add("and in search", not faults, said(faults, f"{len(crew.subjects)} objects"))


def add_delivered(outcome: Outcome, service: Service, crew: Crew, limit: float = DRAIN_LIMIT) -> None:
    """Basket was told everything; waits for it."""
    took = drain(service, limit)
    missing = untold(service, crew)
    arrivals = len(service.basket.arrivals)
    figures = f"{arrivals} requests in all, outbox empty after {took:.1f} s"
    outcome.add("Basket has the newest state of each object", not missing, said(missing, figures))
    faults = out_of_order(service)
    outcome.add("and never was told an older one after it", not faults, said(faults, "checked for each"))


def said(faults: list[str], well: str) -> str:
    """The figures when all is well, else the first faults."""
    return f"{len(faults)} not: {'; '.join(faults[:3])}" if faults else well
