"""The benchmark: every figure of the notebook (tests/bench/README.md), measured in one run.

    python -m tests.bench                          # 60,000 add-ons, all rows
    python -m tests.bench --only detail search     # some rows
    python -m tests.bench --quick                  # 5,000 add-ons, a look while developing
    python -m tests.bench --large                  # 300,000 add-ons as well: starts and memory

The server is pinned to one processor core; the loader, mongod and everything else
to another. Loads, starts and the delay of writes are measured as deployed, on all cores.
Needs Linux, two cores and a quiet machine; only shares within one run mean anything, requests
a second are those of the machine. The generated catalogue is kept for the next
run (`--keep DIR`).
"""

import argparse
import asyncio
import os
import re
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psutil

from tests.bench.deployment import CORES, KEPT, LOADER_CORE, Catalogue, memory_mb, pinned
from tests.bench.latency import (
    BUILD_GOAL,
    CHANGES,
    START_GOAL,
    changes_block,
    mix_latency,
    start_lines,
    start_up,
)
from tests.bench.rates import ROWS, Outcome, Plan, bare_server, capture, measure, plan
from tests.bench.report import Line, loader_ceiling, print_table
from tests.bench.workload import Workload, read_samples
from tests.client import Client
from tests.drills import search_delay
from tests.drills.plan import SUBJECTS
from tests.drills.report import percentile
from tests.drills.service import Service, prepare
from tests.fake_basket import Basket
from tests.program import Program

SAMPLES = 30_000
LOAD_RATE = 2_000  # add-ons a second
LARGE = 300_000
LARGE_SHARE = 0.2  # of the requests of each row, asked before memory is looked at
LARGE_START, LARGE_KILLED = 5.0, 6.0  # seconds
KILLED = 3.5
DELAY, DELAY_WRITES = 0.15, 200  # seconds from a write to search, writes
MEMORY = {60_000: 350.0, LARGE: 900.0}  # MB
BUSY = 0.5  # load average above which others use the machine
OTHERS = ["mix", "changes", "start", "killed", "memory", "delay"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", metavar="ROW", choices=[*(row.key for row in ROWS), *OTHERS])
    parser.add_argument("--quick", action="store_true", help="a small catalogue, a tenth of the requests")
    parser.add_argument("--large", action="store_true", help="300,000 add-ons too: starts and memory")
    parser.add_argument("--addons", type=int, help="size of the catalogue, default 60000")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each row, default %(default)s")
    parser.add_argument("--mix-seconds", type=float, help="length of the browser-like load, default 60")
    parser.add_argument("--no-etag", action="store_true", help="the bare handler computes no ETag")
    parser.add_argument("--cold", action="store_true", help="no object was compiled before")
    parser.add_argument(
        "--keep", type=Path, default=KEPT, metavar="DIR", help="folder of the generated catalogues"
    )
    options = parser.parse_args()
    options.addons = options.addons or (5_000 if options.quick else 60_000)
    options.mix_seconds = options.mix_seconds or (10.0 if options.quick else 60.0)
    options.only = options.only or [*(row.key for row in ROWS), *OTHERS]
    return options


def run(options: argparse.Namespace) -> list[Line]:
    """All wanted rows on one catalogue: a start that prepares all, one to capture from, one to measure."""
    catalogue = Catalogue(options.addons, options.keep / str(options.addons))
    took = catalogue.prepare()
    lines = load_lines(options.addons, took)
    scale = 0.1 if options.quick else 1.0
    if "start" in options.only:
        catalogue.forget()
        with start_up(catalogue, alone=False) as (_, first):
            lines += start_lines(catalogue, first, None, BUILD_GOAL, key="first start")
    with start_up(catalogue, alone=False) as (program, start):
        client = Client(program.url, timeout=60)
        ahead = f"{wait_compiled(program):.0f} s"
        lines.append(Line("ahead", "from ready until another process has compiled all ahead", "", ahead))
        say(lines[-1])
        samples = read_samples(client, SAMPLES)
        plans = [plan(row, Workload(samples), scale) for row in ROWS if row.key in options.only]
        for one in plans:
            capture(client, one)
    if options.cold:
        catalogue.forget_rows()
    with start_up(catalogue) as (program, alone):
        fresh = memory_mb(program.process.pid)
        if "start" in options.only:
            lines += start_lines(catalogue, start, alone, START_GOAL)
        busy = wait_quiet(program)
        lines.append(Line("idle", "from ready to an idle processor", "<= 2 s", f"{busy:.1f} s", busy <= 2.0))
        for one in plans:
            lines.append(rate_line(rate(one, program, options)))
            say(lines[-1])
        if "mix" in options.only:
            lines += asyncio.run(mix_latency(program, Workload(samples, seed=1), options.mix_seconds))
            say(lines[-2])
        if "changes" in options.only:
            lines += asyncio.run(changes_block(program, catalogue))
        if "memory" in options.only:
            lines.append(memory_line(options.addons, fresh, memory_mb(program.process.pid)))
    if "killed" in options.only:
        lines.append(killed_line(catalogue, KILLED))
    if "delay" in options.only:
        lines.append(delay_line())
    return lines


def load_lines(addons: int, took: float | None) -> list[Line]:
    """The row of a load; none where the catalogue was kept from an earlier run."""
    if took is None:
        return []
    goal = addons / LOAD_RATE
    return [Line("load", f"load {addons:,} add-ons", f"<= {goal:.0f} s", f"{took:.0f} s", took <= goal)]


def delay_line() -> Line:
    """From a write to search, in a server of its own that has the drills' few add-ons."""
    with (
        tempfile.TemporaryDirectory(prefix="amoeba-bench-", ignore_cleanup_errors=True) as folder,
        closing(Basket()) as basket,
        pinned(CORES),
        Service(Path(folder), basket) as service,
    ):
        shown, answered = search_delay.delays(service, prepare(service, SUBJECTS), DELAY_WRITES)
    seconds = percentile(shown, 0.95)
    remark = f"{len(shown)} of {DELAY_WRITES}; answered within {percentile(answered, 0.95) * 1000:.0f} ms"
    within = len(shown) == DELAY_WRITES and seconds <= DELAY
    return Line(
        "delay",
        f"write to search at {search_delay.RATE:.0f} a second, {SUBJECTS} add-ons, p95",
        f"<= {DELAY * 1000:.0f} ms",
        f"{seconds * 1000:.0f} ms",
        within,
        remark,
    )


def killed_line(catalogue: Catalogue, goal: float) -> Line:
    """A start on all cores after the server and its mongod were killed behind changes."""
    with start_up(catalogue, alone=False) as (program, _):
        asyncio.run(changes_block(program, catalogue))
        both = [psutil.Process(program.process.pid), *psutil.Process(program.process.pid).children()]
        for process in both:
            process.kill()
        program.kill()
    with start_up(catalogue, alone=False) as (program, start):
        way = re.search("opening the snapshot.*", program.stderr)  # with how many changes there were to read
    return Line(
        "killed",
        f"start after kill -9 of server and mongod behind {CHANGES:,} changes, {catalogue.addons:,} add-ons",
        f"<= {goal:g} s",
        f"{start.ready:.1f} s",
        start.ready <= goal,
        way[0] if way else "reading the catalogue",
    )


def say(line: Line) -> None:
    """Progress, for a run takes a quarter of an hour."""
    print(f"{line.what}: {line.measured} ({line.remark})", file=sys.stderr, flush=True)


def wait_quiet(program: Program) -> float:
    """Seconds until the server's process has nothing to do of itself: rates are measured after it."""
    process, began = psutil.Process(program.process.pid), time.monotonic()
    while process.cpu_percent(0.5) > 5.0:
        pass
    return time.monotonic() - began - 0.5


def wait_compiled(program: Program) -> float:
    """Seconds until the process that compiles ahead has ended, as it has some minutes after a start."""
    process, began = psutil.Process(program.process.pid), time.monotonic()
    time.sleep(5)
    while any(child.name() != "mongod" for child in process.children()):
        time.sleep(0.5)
    return time.monotonic() - began


def rate(one: Plan, program: Program, options: argparse.Namespace) -> Outcome:
    port = int(program.url.rsplit(":", 1)[1])
    with bare_server(one, options.keep, etag=not options.no_etag) as bare_port:
        return measure(one, port, bare_port, options.rounds)


def rate_line(outcome: Outcome) -> Line:
    row = outcome.plan.row
    return Line(
        row.key,
        row.title,
        f">= {row.goal}" if row.goal else "",
        f"{outcome.share:.2f}",
        outcome.share >= row.goal if row.goal else None,
        f"{outcome.rate(outcome.ours):,.0f}/s of {outcome.rate(outcome.bare):,.0f}/s, "
        f"{outcome.kilobytes:.0f} kB, loader {outcome.busy:.0%} busy",
    )


def memory_line(addons: int, fresh: dict[str, float], used: dict[str, float]) -> Line:
    goal = MEMORY.get(addons)
    return Line(
        "memory",
        f"resident memory without the page cache, {addons:,} add-ons",
        f"<= {goal:.0f} MB" if goal else "",
        f"{used['RssAnon']:.0f} MB",
        used["RssAnon"] <= goal if goal else None,
        f"{fresh['RssAnon']:.0f} MB after start; with it {used['VmHWM']:.0f} MB at its highest",
    )


def run_large(options: argparse.Namespace) -> list[Line]:
    """Starts and memory with five times the catalogue, which another process is compiling meanwhile."""
    catalogue = Catalogue(LARGE, options.keep / str(LARGE))
    lines = load_lines(LARGE, catalogue.prepare())
    with start_up(catalogue, alone=False):
        pass  # ends in order
    with start_up(catalogue, alone=False) as (program, start):
        fresh = memory_mb(program.process.pid)
        client = Client(program.url, timeout=60)
        samples = read_samples(client, SAMPLES)
        lines += start_lines(catalogue, start, None, LARGE_START)
        for row in ROWS:
            capture(client, plan(row, Workload(samples), LARGE_SHARE))
        lines.append(memory_line(LARGE, fresh, memory_mb(program.process.pid)))
    return [*lines, killed_line(catalogue, LARGE_KILLED)]


def main() -> None:
    os.sched_setaffinity(0, {LOADER_CORE})
    options = arguments()
    if (load := os.getloadavg()[0]) > BUSY:
        print(f"the machine is not quiet (load {load:.1f}): the figures will be wrong", file=sys.stderr)
    options.keep.mkdir(parents=True, exist_ok=True)
    lines = run(options)
    print_table(lines)
    if options.large:
        print_table(run_large(options))
    print(loader_ceiling())


if __name__ == "__main__":
    main()
