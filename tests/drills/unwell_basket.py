"""Basket refuses, hangs, answers errors or garbage, closes mid-answer: the API does not feel it.

Undisturbed stretches lie between the disturbed ones, under the same load, and
each ill is compared with all of them: a machine that is slow for a moment is
slow for both.
"""

import time
from collections.abc import Iterable

from tests.drills import checks
from tests.drills.basket import ILLS, Basket
from tests.drills.kill_mongod import add_reads, add_writes
from tests.drills.load import Attempt, Readers, Stream, Writers
from tests.drills.report import Outcome, percentile
from tests.drills.service import Crew, Service

LIMIT = 1.5  # times the undisturbed p99
# Seconds by which two p99 differ on an idle machine from run to run, more so of few requests.
NOISE = 0.01
Span = tuple[float, float]


def run(service: Service, crew: Crew, stretch: float, ills: tuple[str, ...], noise: float = NOISE) -> Outcome:
    """`stretch` is how long each ill lasts, in seconds."""
    outcome = Outcome(f"Basket {', '.join(ills)}", f"{stretch:g} s each, as long undisturbed in between")
    spans: dict[str, Span] = {}
    calm: list[Span] = []
    with Readers(service.url) as readers, Writers(service.url, crew, threads=2, rate=20) as writers:
        time.sleep(min(stretch, 2.0))  # caches, connections
        calm.append(_stretch(stretch))
        for ill in ills:
            spans[ill] = _be(service.basket, ill, stretch)
            checks.drain(service, failed=True)
            calm.append(_stretch(stretch))
    add_reads(outcome, readers)
    add_writes(outcome, writers)
    for ill, span in spans.items():
        told = sum(span[0] <= one.at < span[1] for one in service.basket.arrivals)
        _compare(outcome, f"Basket {ill} ({told} requests reached it)", span, calm, readers, writers, noise)
    checks.add_stored(outcome, service, crew, len(writers.acknowledged))
    checks.add_delivered(outcome, service, crew)
    return outcome


def _stretch(seconds: float) -> Span:
    begun = time.monotonic()
    time.sleep(seconds)
    return begun, begun + seconds


def _be(basket: Basket, ill: str, seconds: float) -> Span:
    assert ill in ILLS
    basket.be(ill)
    try:
        return _stretch(seconds)
    finally:
        basket.be(None)


def _compare(
    outcome: Outcome,
    what: str,
    span: Span,
    calm: list[Span],
    readers: Stream,
    writers: Stream,
    noise: float,
) -> None:
    held, figures = True, []
    for name, stream in (("reads", readers), ("writes", writers)):
        usual = _p99(one for begin, end in calm for one in stream.between(begin, end))
        now = _p99(stream.between(*span))
        held &= now <= max(usual * LIMIT, usual + noise)
        figures.append(f"{name} {now * 1000:.0f} of {usual * 1000:.0f} ms ({now / (usual or 1):.2f})")
    outcome.add(f"{what}: p99 within {LIMIT} of undisturbed", held, ", ".join(figures))


def _p99(attempts: Iterable[Attempt]) -> float:
    return percentile((one.took for one in attempts), 0.99)
