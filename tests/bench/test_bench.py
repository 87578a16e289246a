"""The benchmark measures what it says: every request sent, every byte counted, fair draws."""

import select
from collections import Counter
from pathlib import Path

import pytest

if not hasattr(select, "epoll"):
    pytest.skip("the benchmark's loader needs Linux", allow_module_level=True)

from tests.bench.loader import drive, request
from tests.bench.openloop import Latencies, Probe, pace
from tests.bench.rates import ROWS, Plan, bare_server, plan
from tests.bench.workload import Sample, Workload

WORDS = ["tab", "tree", "block", "video", "dark", "search", "image", "note"]
SAMPLES = [
    Sample(number, f"addon{number}@example.org", f"addon-{number}", [*WORDS, f"word{number}"], 2000 - number)
    for number in range(2000)
]
BODIES = {"/small": b"{}", "/large": b"x" * 300_000, "/search/?q=a%20b": b"y" * 8000}


@pytest.mark.parametrize("connections", [1, 16])
def test_loader_sends_each_request_once_and_reads_whole_answers(tmp_path: Path, connections: int) -> None:
    targets = list(BODIES) * 20
    with bare_server(Plan(ROWS[0], targets, [], "", BODIES), tmp_path) as port:
        done = drive(port, [request(target) for target in targets], connections)
    assert (done.requests, done.statuses) == (60, Counter({200: 60}))
    heads = done.bytes - 20 * sum(map(len, BODIES.values()))
    assert 60 * 100 < heads < 60 * 400


async def test_paced_load_keeps_its_rate_and_counts_failures(tmp_path: Path) -> None:
    targets = iter(["/small", "not-a-target"] * 500)
    with bare_server(Plan(ROWS[0], [], [], "", BODIES), tmp_path) as port:
        found = await pace(port, targets, rate=200, seconds=0.5)
    assert 60 < len(found.seconds) < 160
    assert found.errors == found.statuses[404] > 0
    assert 0 < found.percentile(0.5) <= found.percentile(0.99) < 1000


@pytest.mark.parametrize("row", [row for row in ROWS if not row.repeats], ids=lambda row: row.key)
def test_rows_ask_distinct_targets_and_the_same_ones_every_run(row: object) -> None:
    one, again = (plan(row, Workload(SAMPLES), 0.05) for _ in range(2))  # type: ignore[arg-type]
    assert one.targets == again.targets
    assert len(set(one.targets + one.warm)) == len(one.targets + one.warm) >= 250


def test_percentile_and_first_moment() -> None:
    assert Latencies([0.001 * number for number in range(1, 101)]).percentile(0.5) == pytest.approx(51)
    seen = Probe([(1.0, 0.5, 503), (2.0, 0.25, 200), (3.0, 0.1, 200)])
    assert (seen.first(200), seen.longest(), seen.down()) == (2.25, 500, False)


def test_a_start_is_looked_at_from_its_first_answer_on() -> None:
    seen = Probe([(1.0, 0.25, 503), (1.125, 0.125, 503), (1.25, 0.0625, 503), (1.5, 0.125, 200)])
    assert seen.answering().longest() == 125.0
