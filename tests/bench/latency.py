"""Latency: of the start, of a browser-like load, and of the event loop while things change.

The event loop's longest block is seen from outside: a trivial request every five
milliseconds cannot be answered while the loop is busy, so its longest latency is
at least the longest block (and includes the machine's own scheduling).
"""

import asyncio
import contextlib
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.deployment import CORES, SERVER_CORE, START_LIMIT, Catalogue, move_mongod
from tests.bench.openloop import Probe, pace, probe
from tests.bench.report import Line
from tests.bench.workload import Workload
from tests.client import Client
from tests.program import ROOT, Program

BLOCK_LIMIT = 50.0  # ms the event loop may be busy at a stretch
MIX_RATE, MIX_P99 = 300.0, 20.0
START_GOAL = 2.5
BUILD_GOAL = 20.0
AFTER = 1.0  # seconds a probe goes on after what it waits for
CHANGES = 2_000
LISTS = [
    "/api/v4/addons/language-tools/?app=firefox&type=language&appversion=115.0",
    "/api/v5/addons/categories/",
]


@dataclass(frozen=True)
class Start:
    """What a start was like: seconds from the start of the process to ready, and the probe's view."""

    ready: float
    seen: Probe


@contextlib.contextmanager
def start_up(catalogue: Catalogue, alone: bool = True) -> Iterator[tuple[Program, Start]]:
    """The server, ready: `alone` on its core, or on all cores with its mongod, as it is deployed."""
    port = catalogue.port
    began = time.perf_counter()
    with catalogue.serve(port, frozenset({SERVER_CORE}) if alone else CORES) as program:
        try:
            seen = asyncio.run(probe(port, lambda found: _is_up(program, found, began, alone)))
        finally:
            program.wait_listening(START_LIMIT)  # says what the program said, should it have ended
        yield program, Start((seen.first(200) or float("nan")) - began, seen)


def start_lines(
    catalogue: Catalogue, start: Start, alone: Start | None, goal: float | None, key: str = "start"
) -> list[Line]:
    """Rows of a start on all cores, the one alone on its core in the remark."""
    line = Line(
        key,
        f"from MongoDB full to ready, {catalogue.addons:,} add-ons"
        + (", nothing prepared" if key != "start" else ""),
        f"<= {goal:g} s" if goal else "",
        f"{start.ready:.1f} s",
        start.ready <= goal if goal else None,
        "the whole start of the process, mongod's own included"
        + (f"; {alone.ready:.1f} s on one core" if alone else ""),
    )
    block = block_line(key, start.seen.answering())
    if alone:
        block = replace(
            block, remark=f"{block.remark}; {alone.seen.answering().longest():.0f} ms on one core"
        )
    return [line, block]


def _is_up(program: Program, found: Probe, began: float, alone: bool) -> bool:
    """True AFTER seconds from readiness; keeps mongod off a lone server's core meanwhile."""
    now = time.perf_counter()
    if program.process.poll() is not None or now - began > START_LIMIT:
        return True
    if alone and len(found.samples) % 40 == 0:
        move_mongod(program.process.pid)
    if not found.samples or found.samples[-1][2] != 200:
        return False
    ready = found.first(200)
    return ready is not None and now - ready > AFTER


def block_line(key: str, seen: Probe) -> Line:
    longest = seen.longest()
    return Line(
        key,
        f"event loop's longest block, {key}",
        f"<= {BLOCK_LIMIT:.0f} ms",
        f"{longest:.0f} ms",
        longest <= BLOCK_LIMIT,
        f"p99.9 {seen.percentile(0.999):.0f} ms of {len(seen.samples):,} probes",
    )


async def mix_latency(program: Program, workload: Workload, seconds: float) -> list[Line]:
    """The browser-like mix at its pace; then a part of it again with the probe beside it."""
    port = int(program.url.rsplit(":", 1)[1])
    client = Client(program.url)
    targets = workload.mix([target for target in LISTS if client.get(target).status == 200])
    found = await pace(port, targets, MIX_RATE, seconds)
    p99 = found.percentile(0.99)
    line = Line(
        "mix",
        f"browser-like mix, {MIX_RATE:.0f} requests/s for {seconds:.0f} s, p99",
        f"<= {MIX_P99:.0f} ms, no error",
        f"{p99:.1f} ms, {found.errors} errors",
        p99 <= MIX_P99 and found.errors == 0,
        f"p50 {found.percentile(0.5):.1f}, p99.9 {found.percentile(0.999):.0f}, "
        f"longest {found.percentile(1):.0f} ms, {len(found.seconds):,} requests"
        + (f"; {found.faults[0]}" if found.faults else ""),
    )
    over = time.perf_counter() + seconds / 4
    seen, _ = await asyncio.gather(
        probe(port, lambda _: time.perf_counter() > over), pace(port, targets, MIX_RATE, seconds / 4)
    )
    return [line, block_line("browser-like mix", seen)]


async def changes_block(program: Program, catalogue: Catalogue) -> list[Line]:
    """`load` changes CHANGES add-ons while the server runs; the probe sees the index follow."""
    port = int(program.url.rsplit(":", 1)[1])
    client = Client(program.url)
    last, users = _write_changes(client, catalogue)
    seen_at: list[float] = []
    words = [str(ROOT / "run.py"), "load", str(_changes(catalogue)), "--data-dir", str(catalogue.data)]
    began = time.perf_counter()
    load = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT)
    watch = asyncio.create_task(
        probe(port, lambda _: bool(seen_at) and time.perf_counter() > seen_at[0] + AFTER)
    )
    status = await asyncio.wait_for(load.wait(), START_LIMIT)
    loaded = time.perf_counter()
    await asyncio.to_thread(_await_users, client, last, users)
    seen_at.append(time.perf_counter())
    seen = await watch
    line = Line(
        "changes",
        f"{CHANGES:,} changes loaded while running, until served",
        "",
        f"{seen_at[0] - began:.1f} s",
        None if status == 0 else False,
        f"{seen_at[0] - loaded:.1f} s after `load` ended" + (", never not ready" if not seen.down() else ""),
    )
    return [line, block_line(f"{CHANGES:,} changes", seen)]


def _await_users(client: Client, target: str, users: int, limit: float = 60.0) -> None:
    """Ask until the add-on shows this number of users, or the limit has passed."""
    until = time.perf_counter() + limit
    while client.get(target).json["average_daily_users"] != users:
        assert time.perf_counter() < until, f"{target} did not show the loaded change in {limit} s"
        time.sleep(0.05)


def _changes(catalogue: Catalogue) -> Path:
    return catalogue.folder / "changes.jsonl"


def _write_changes(client: Client, catalogue: Catalogue) -> tuple[str, int]:
    """Write add-ons as the API shows them, with a tenth more or fewer users and a new date.

    Returns the detail of the last one and the users it will show.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    chance = random.Random()
    page = "/api/v5/addons/search/?sort=created&page_size=50"
    addons: list[dict[str, Any]] = []
    while page and len(addons) < CHANGES:
        answer = client.get(page).json
        addons += answer["results"]
        page = answer["next"]
    for addon in addons:
        addon["average_daily_users"] = int(addon["average_daily_users"] * chance.uniform(0.9, 1.1)) + 1
        addon["last_updated"] = now
    text = "".join(json.dumps(addon) + "\n" for addon in addons)
    _changes(catalogue).write_text(text)
    return f"/api/v5/addons/addon/{addons[-1]['id']}/", addons[-1]["average_daily_users"]
