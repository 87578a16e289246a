"""A webhook beside a drill: it must be told of each change that is stored, and of no other.

with listening(service, crew) as webhook:
    ...                                     # the fault
    webhook.add_told(outcome)
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from server.auth.keys.keyring import Keyring
from server.auth.keys.keystores import key_store
from server.cli.opening import CommandContext
from server.webhooks.endpoints import add_endpoint, remove
from server.webhooks.outbox import OUTBOX
from tests.drills.checks import DRAIN_LIMIT, said
from tests.drills.report import Outcome
from tests.drills.service import Crew, Service
from tests.fake_basket import Basket


@dataclass(frozen=True, slots=True)
class Webhook:
    """`before` are the revisions of the subjects when it began to listen."""

    service: Service
    crew: Crew
    receiver: Basket
    before: dict[int, int]

    def add_told(self, outcome: Outcome) -> None:
        """Waits until everything was told."""
        last = self.service.look(self._drained)
        told: dict[int, set[int]] = defaultdict(set)
        for arrival in self.receiver.arrivals:
            about = arrival.body["data"]["addon"]
            told[about["id"]].add(about["revision"])
        faults = [
            f"{id_}: changes {first + 1} to {last[id_]}, told of {sorted(told[id_])}"
            for id_, first in self.before.items()
            if told[id_] != {*range(first + 1, last[id_] + 1)}
        ]
        asked = "a webhook was told of each change that is stored, and of no other"
        outcome.add(asked, not faults, said(faults, f"{len(self.receiver.arrivals)} requests"))

    async def _drained(self, here: CommandContext) -> dict[int, int]:
        begun = time.monotonic()
        while await here.store.count(OUTBOX):
            if time.monotonic() - begun > DRAIN_LIMIT:
                raise AssertionError(f"the webhook was not told everything within {DRAIN_LIMIT:.0f} s")
            await asyncio.sleep(0.1)
        return await _revisions(here, self.crew)


async def _revisions(here: CommandContext, crew: Crew) -> dict[int, int]:
    addons = await here.store.addons_by_id(subject.id for subject in crew.subjects)
    return {id_: addon.get("revision", 0) for id_, addon in addons.items()}


@contextmanager
def listening(service: Service, crew: Crew) -> Iterator[Webhook]:
    async def add(here: CommandContext) -> tuple[int, dict[int, int]]:
        ring = Keyring(await key_store(service.settings, here.store).get_or_create())
        made = await add_endpoint(here.store, ring, f"{receiver.url}/", ["addon.updated"], private=True)
        return made[0]["_id"], await _revisions(here, crew)

    with closing(Basket()) as receiver:
        id, before = service.look(add)
        time.sleep(1.1)  # until the server knows of it
        yield Webhook(service, crew, receiver, before)
        service.look(lambda here: remove(here.store, id))
