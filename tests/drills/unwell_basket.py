"""Basket refuses, hangs, answers errors or garbage, closes mid-answer: the API does not feel it.

Disturbed and undisturbed stretches take turns under the same load, and each ill
is compared with the undisturbed ones around it: a machine that is slow for a
minute is slow for both.
"""

import time
from collections.abc import Sequence

from tests.drills import checks
from tests.drills.kill_mongod import add_reads, add_writes
from tests.drills.load import Readers, Stream, Writers
from tests.drills.report import Outcome, percentile
from tests.drills.service import Crew, Service
from tests.fake_basket import ILLS, Basket

LIMIT = 1.5  # times the undisturbed p99
# Seconds by which two p99 differ on an idle machine from run to run, more so of few requests.
NOISE = 0.01
Span = tuple[float, float]


def run(
    service: Service,
    crew: Crew,
    stretch: float,
    turns: int = 1,
    ills: Sequence[str] = tuple(ILLS),
    noise: float = NOISE,
) -> Outcome:
    """Each ill lasts `stretch` seconds, `turns` times."""
    often = f"{turns} times {stretch:g} s each, as long undisturbed in between"
    outcome = Outcome(f"Basket {', '.join(ills)}", often)
    spans: dict[str, list[Span]] = {ill: [] for ill in ills}
    calm: dict[str, list[Span]] = {ill: [] for ill in ills}
    with Readers(service.url) as readers, Writers(service.url, crew, threads=2, rate=20) as writers:
        time.sleep(min(stretch, 2.0))  # caches, connections
        for ill in [ill for ill in ills for _ in range(turns)]:
            calm[ill].append(_stretch(stretch))
            spans[ill].append(_be(service.basket, ill, stretch))
            checks.drain(service, failed=True)
    add_reads(outcome, readers)
    add_writes(outcome, writers)
    for ill in ills:
        _compare(outcome, ill, spans[ill], calm[ill], (readers, writers), noise)
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
    ill: str,
    disturbed: list[Span],
    calm: list[Span],
    streams: tuple[Readers, Writers],
    noise: float,
) -> None:
    held, figures = True, []
    for name, stream in zip(("reads", "writes"), streams, strict=True):
        usual, now = _p99(stream, calm), _p99(stream, disturbed)
        held &= now <= max(usual * LIMIT, usual + noise)
        figures.append(f"{name} {now * 1000:.0f} of {usual * 1000:.0f} ms ({now / (usual or 1):.2f})")
    asked = f"Basket {ill}: p99 within {LIMIT} times the undisturbed one"
    outcome.add(asked, held, ", ".join(figures))


def _p99(stream: Stream, spans: list[Span]) -> float:
    return percentile((one.took for span in spans for one in stream.between(*span)), 0.99)
