"""Rates: requests a second of the server as a share of a bare handler writing the same bytes.

Each row of ROWS is one way of asking. Both servers are asked for the same
targets in the same run, in turn, round by round, on the same processor core; the
row's share is the median of its rounds' shares. The bytes the bare handler
writes were captured from an earlier start of the server, so the measured server
sees each distinct target for the first time; objects that were compiled for the
earlier one lie ready in its data folder, unless the run is `--cold`.
"""

import contextlib
import pickle
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from tests.bench.deployment import bare_process
from tests.bench.loader import Round, drive, request
from tests.bench.workload import Workload
from tests.client import Client

WARM = 200  # requests before a row that are not counted, other targets than the row's
SAME = 100  # targets of a row that repeats them
Make = Callable[[Workload, int], list[str]]
HOST = {"Host": "127.0.0.1"}  # as the loader sends it: answers hold links to the host asked
GZIP = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class Row:
    """One way of asking. `repeats`: SAME targets over and over, all of them asked before."""

    key: str
    title: str
    goal: float | None  # share to reach; None: for information
    make: Make
    requests: int
    repeats: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    unchanged: bool = False  # sends the page's ETag and wants 304


def _known(load: Workload, wanted: int) -> list[str]:
    return load.guids(12, 0, wanted)


def _known_v3(load: Workload, wanted: int) -> list[str]:
    return load.guids(12, 0, wanted, "v3")


def _mostly_unknown(load: Workload, wanted: int) -> list[str]:
    return load.guids(10, 110, wanted)


def _language_tools(load: Workload, wanted: int) -> list[str]:
    """As browsers ask: for the packs of their release, in their language."""
    packs = "/api/v4/addons/language-tools/?app=firefox&type=language&appversion={}.0&lang={}"
    return [packs.format(100 + number % 40, load.lang()["lang"]) for number in range(wanted)]


def _categories(load: Workload, wanted: int) -> list[str]:
    asked = "/api/{}/addons/categories/?lang={}&n={}"
    return [asked.format("v5" if n % 2 else "v4", load.lang()["lang"], n) for n in range(wanted)]


SEARCHES = Workload.searches
# Every URL once unless the title says "again"; languages as callers have them (workload.py: LANGS).
ROWS = [
    Row("search", "search, v5", 0.25, SEARCHES, 5_000),
    Row("search4", "search, v4", 0.25, partial(SEARCHES, version="v4"), 2_500),
    Row("search3", "search, v3", 0.25, partial(SEARCHES, version="v3"), 2_500),
    Row("searchplain", "search, v5, without `lang`", None, partial(SEARCHES, plain=True), 2_500),
    Row("browse", "filters and sorts without a text, deep pages too", 0.8, Workload.pages, 2_500),
    Row("detail", "detail, v5", 1.2, Workload.details, 20_000),
    Row("detailplain", "detail, v5, without `lang`", None, partial(Workload.details, plain=True), 10_000),
    Row("guid12", "12 known guids, v4", 1.0, _known, 5_000),
    Row("guid12v3", "12 known guids, v3", 1.0, _known_v3, 2_500),
    Row("guid120", "120 guids, 110 unknown", 0.8, _mostly_unknown, 5_000),
    Row("update", "update checks", 1.5, Workload.updates, 20_000),
    Row("autocomplete", "autocomplete", 0.6, Workload.prefixes, 5_000),
    Row("again", "the same 100 searches again", 1.4, SEARCHES, 10_000, repeats=True),
    Row("gzip", "the same again with gzip", 1.4, SEARCHES, 10_000, repeats=True, headers=GZIP),
    Row("304", "304 to `If-None-Match` on them, again", 1.6, SEARCHES, 10_000, repeats=True, unchanged=True),
    Row("details", "the same 100 details again", None, Workload.details, 10_000, repeats=True),
    Row("guid12s", "the same 100 sets of 12 guids again", None, _known, 5_000, repeats=True),
    Row("guid120s", "the same 100 sets of 120 guids again", None, _mostly_unknown, 5_000, repeats=True),
    Row("languages", "language packs of a release, again", 1.2, _language_tools, 2_000, repeats=True),
    Row("categories", "categories", 0.8, _categories, 5_000),
]


@dataclass
class Plan:
    """A row's targets, in the order they are sent, and the bytes the server answers to them."""

    row: Row
    targets: list[str]
    warm: list[str]
    encoding: str = ""
    bodies: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A row that repeats is warm when each of its targets was asked once."""
        if self.row.repeats:
            self.warm = list(dict.fromkeys(self.targets))


@dataclass
class Outcome:
    """A row's rounds: the bare handler's and ours, pairwise."""

    plan: Plan
    bare: list[Round]
    ours: list[Round]

    @property
    def share(self) -> float:
        pairs = zip(self.ours, self.bare, strict=True)
        return statistics.median(ours.rate / bare.rate for ours, bare in pairs)

    def rate(self, rounds: Sequence[Round]) -> float:
        return statistics.median(one.rate for one in rounds)

    @property
    def busy(self) -> float:
        """The loader's highest share of its processor."""
        return max(one.busy for one in [*self.bare, *self.ours])

    @property
    def kilobytes(self) -> float:
        return statistics.mean(map(len, self.plan.bodies.values())) / 1000


def plan(row: Row, workload: Workload, scale: float) -> Plan:
    """Draw the row's targets; `scale` below 1 makes fewer."""
    wanted = max(WARM, int(row.requests * scale))
    drawn = row.make(workload, (SAME if row.repeats else wanted) + WARM)
    if row.repeats:
        return Plan(row, list(islice(cycle(drawn[:SAME]), wanted)), [])
    return Plan(row, drawn[:-WARM], drawn[-WARM:])


def capture(client: Client, one: Plan) -> None:
    """Ask the server for every target of the plan and keep the bytes."""
    for target in dict.fromkeys(one.targets + one.warm):
        answer = client.get(target, headers=HOST | one.row.headers)
        assert answer.status == 200, f"{answer.status} for {target}: {answer.body[:200]!r}"
        one.bodies[target] = answer.body
        one.encoding = answer.headers.get("Content-Encoding", "")


@contextlib.contextmanager
def bare_server(one: Plan, folder: Path, etag: bool = True) -> Iterator[int]:
    """A bare handler with the plan's bytes, on the server's core; gives its port."""
    file = folder / f"bodies-{one.row.key}"
    file.write_bytes(pickle.dumps((one.encoding, one.bodies)))
    try:
        with bare_process(str(file), *([] if etag else ["--no-etag"])) as port:
            yield port
    finally:
        file.unlink()


def measure(one: Plan, port: int, bare_port: int, rounds: int) -> Outcome:
    """Bare, ours, bare, ours ...: each round a slice of the targets, each target sent once to each."""
    plain = dict(one.row.headers)
    etags = _etags(one, port) if one.row.unchanged else {}
    drive(bare_port, [request(target, plain) for target in one.warm])
    drive(port, [request(target, plain) for target in one.warm])
    outcome = Outcome(one, [], [])
    size = len(one.targets) // rounds
    for start in range(0, size * rounds, size):
        targets = one.targets[start : start + size]
        ask = [request(target, plain) for target in targets]
        ask_us = [request(target, plain | etags.get(target, {})) for target in targets]
        outcome.bare.append(_settled(bare_port, ask))
        outcome.ours.append(_settled(port, ask_us))
        _check(outcome.bare[-1], 200, one)
        _check(outcome.ours[-1], 304 if one.row.unchanged else 200, one)
    return outcome


def _settled(port: int, requests: list[bytes]) -> Round:
    time.sleep(0.2)  # the other server finishes what it was at
    return drive(port, requests)


def _etags(one: Plan, port: int) -> dict[str, dict[str, str]]:
    """The header that names the page the client has, by target."""
    client = Client(f"http://127.0.0.1:{port}")
    pages = {target: client.get(target, headers=HOST | one.row.headers) for target in one.warm}
    return {target: {"If-None-Match": page.headers["ETag"]} for target, page in pages.items()}


def _check(done: Round, status: int, one: Plan) -> None:
    expected = Counter({status: done.requests})
    assert done.statuses == expected, f"{one.row.key}: {dict(done.statuses)} instead of {status}"
