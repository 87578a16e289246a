"""Reads while `load` works beside the server: p99 of a reader, before, during and after.

    python -m tests.bench.beside_load                   # 10,000 served, all of them changed, 3 times
    python -m tests.bench.beside_load --served 60000 --loaded 60000 --times 1
    python -m tests.bench.beside_load --served 2000 --loaded 10000    # the catalogue grows meanwhile

One reader on one kept connection asks for distinct searches in changing languages, the next when the
answer is in. As many loaded as served: each with a few users more. Each time starts with a copy of the
same data folder.
"""

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

from conf.locales import SUPPORTED
from tests.bench.__main__ import wait_quiet
from tests.bench.deployment import CORES, KEPT, Catalogue, free_port
from tests.bench.loader import READ, Connection, request
from tests.bench.openloop import Latencies
from tests.bench.workload import SEARCH, Workload, read_samples
from tests.client import Client
from tests.program import ROOT, Program

SAMPLES = 2_000
ALONE = 15.0  # seconds of reading with nothing beside it
PERIODS = ("before", "during", "after")


def main() -> None:
    about = __doc__.splitlines()[0]
    parser = argparse.ArgumentParser(prog="python -m tests.bench.beside_load", description=about)
    parser.add_argument("--served", type=int, default=10_000)
    parser.add_argument("--loaded", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--keep", type=Path, default=KEPT)
    options = parser.parse_args()
    base = Catalogue(options.served, options.keep / str(options.served))
    base.prepare()
    loaded = options.keep / f"{options.loaded}.jsonl"
    if options.loaded == options.served:
        loaded = options.keep / f"{options.loaded}-changed.jsonl"
        loaded.write_text("".join(_changed(base.generated)))
    elif not loaded.exists():
        with loaded.open("wb") as file:
            words = [sys.executable, "run.py", "demo", str(options.loaded)]
            subprocess.run(words, cwd=ROOT, stdout=file, check=True)
    found = [_once(base, loaded, options.keep / "beside", seed) for seed in range(options.times)]
    for period in PERIODS:
        p99 = [one[period].percentile(0.99) for one in found]
        print(f"{period}: p99 {statistics.median(p99):.1f} ms, median of {[round(one, 1) for one in p99]}")


def _changed(file: Path) -> Iterator[str]:
    """The add-ons of a file, each with a few users more."""
    with file.open() as lines:
        for line in lines:
            record = json.loads(line)
            if record["kind"] == "addon":
                record["average_daily_users"] = int((record["average_daily_users"] or 0) * 1.1) + 1
                yield json.dumps(record) + "\n"


def _once(base: Catalogue, loaded: Path, folder: Path, seed: int) -> dict[str, Latencies]:
    shutil.rmtree(folder, ignore_errors=True)
    catalogue = Catalogue(base.addons, folder)
    shutil.copytree(base.data, catalogue.data)
    with catalogue.serve(free_port(), CORES) as program:
        program.wait_listening(300)
        wait_quiet(program)
        supply = targets(program, seed)
        found = {"before": read_for(program, supply, ALONE)}
        words = [sys.executable, "run.py", "load", str(loaded), "--data-dir", str(catalogue.data)]
        began = time.perf_counter()
        load = subprocess.Popen(words, cwd=ROOT)
        found["during"] = _read(program, supply, lambda: load.poll() is None)
        assert load.wait() == 0
        print(f"load took {time.perf_counter() - began:.1f} s")
        _settle(program)
        found["after"] = read_for(program, supply, ALONE)
    for period, one in found.items():
        figures = ", ".join(f"{share:.3g}: {one.percentile(share):.1f}" for share in (0.5, 0.9, 0.99, 1))
        print(f"{period}: {figures} ms, {len(one.seconds)} reads, {one.errors} errors", flush=True)
    return found


def _for(seconds: float) -> Callable[[], bool]:
    end = time.perf_counter() + seconds
    return lambda: time.perf_counter() < end


def _settle(program: Program) -> None:
    """Until what was loaded is shown."""
    client = Client(program.url, timeout=60)
    count = -1
    while (now := client.get("/api/v5/addons/search/?page_size=1").json["count"]) != count:
        count = now
        time.sleep(2.0)
    client.close()


def targets(program: Program, seed: int) -> Iterator[bytes]:
    """Distinct searches without end."""
    samples = read_samples(Client(program.url, timeout=60), SAMPLES)
    work, chance = Workload(samples, seed), random.Random(seed)
    languages = sorted(SUPPORTED)
    asked: set[str] = set()
    while True:
        words = work.words(chance.choice([1, 2, 2, 3]))
        target = SEARCH + urlencode({"q": " ".join(words), "lang": chance.choice(languages)})
        if target not in asked:
            asked.add(target)
            yield request(target)


def read_for(program: Program, supply: Iterator[bytes], seconds: float) -> Latencies:
    """What one reader meets meanwhile."""
    return _read(program, supply, _for(seconds))


def _read(program: Program, supply: Iterator[bytes], goes_on: Callable[[], bool]) -> Latencies:
    port = int(program.url.rsplit(":", 1)[1])
    connection, buffer, found = Connection(port), bytearray(READ), Latencies()
    while goes_on():
        data = next(supply)
        began = time.perf_counter()
        connection.send(data)
        while not connection.take(buffer)[1]:
            pass
        found.seconds.append(time.perf_counter() - began)
        found.statuses[connection.status] += 1
    connection.socket.close()
    return found


if __name__ == "__main__":
    main()
