"""`kill -9` of the server at random moments under a stream of writes."""

import os
import random
import time

from tests.drills import checks
from tests.drills.load import Writers
from tests.drills.report import Outcome, spread
from tests.drills.service import Crew, Service
from tests.drills.webhook import Webhook, listening

SUBJECTS = 24
LONGEST_LIFE = 1.5  # seconds between the first write after a start and the next kill


def run(service: Service, crew: Crew, times: int) -> Outcome:
    with listening(service, crew) as webhook:
        return _run(service, crew, times, webhook)


def _run(service: Service, crew: Crew, times: int, webhook: Webhook) -> Outcome:
    outcome = Outcome("`kill -9` of the server under a stream of writes", f"{times} times")
    dice = random.Random(os.getpid())
    faults: list[str] = []
    starts: list[float] = []
    with Writers(service.url, crew) as writers:
        for _ in range(times):
            writers.first_success(time.monotonic(), 10)
            time.sleep(dice.uniform(0, LONGEST_LIFE))
            service.kill()
            promised = {subject.id: subject.acknowledged for subject in crew.subjects}
            begun = time.monotonic()
            service.start()
            starts.append(time.monotonic() - begun)
            faults += checks.behind(service, crew, promised) + checks.lost(service, crew)
        writers.first_success(time.monotonic(), 10)
    outcome.add("each write is done, refused with 503, or cut off", not writers.odd, _sent(writers))
    figures = f"starts: {spread(starts)}"
    asked = "acknowledged writes are in search and in MongoDB after each start"
    outcome.add(asked, not faults, checks.said(faults, figures))
    checks.add_stored(outcome, service, crew, len(writers.acknowledged))
    checks.add_shown(outcome, service, crew)
    checks.add_delivered(outcome, service, crew)
    webhook.add_told(outcome)
    return outcome


def _sent(writers: Writers) -> str:
    refused = sum(one.status == 503 for one in writers.attempts)
    cut = sum(not one.status for one in writers.attempts)
    odd = f"; {writers.odd[:2]}" if writers.odd else ""
    return f"{len(writers.acknowledged)} acknowledged, {refused} refused, {cut} cut off or not begun{odd}"
