"""Reads while files are fetched from the same process: p99 of a reader, without and with downloads beside it.

    python -m tests.bench.downloads                     # 5,000 add-ons, a gigabyte a minute, 3 times
    python -m tests.bench.downloads --addons 60000 --times 5

One reader on one kept connection asks for distinct searches in changing languages, as beside_load.py has it.
Four clients in another process fetch a package of 50 MB again and again: together a gigabyte a minute, then
as fast as they get it.
"""

import argparse
import asyncio
import multiprocessing
import shutil
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any, Final

from conf.settings.loading import load_settings
from server.cli.opening import open_context
from server.files.files import Files
from server.storage.operations import Insert
from tests.bench.__main__ import wait_quiet
from tests.bench.beside_load import ALONE, read_for, targets
from tests.bench.deployment import CORES, KEPT, Catalogue, free_port
from tests.factories import make_addon, make_file, make_version

SIZE: Final = 50_000_000
GOAL: Final = 1_000_000_000 / 60  # bytes a second, all clients together
CLIENTS: Final = 4
_ID: Final = 9_000_001
_PATH: Final = f"/firefox/downloads/file/{_ID}/large.xpi"
_TAKEN: Final = 256 * 1024


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.downloads", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--addons", type=int, default=5_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--keep", type=Path, default=KEPT)
    options = parser.parse_args()
    base = Catalogue(options.addons, options.keep / str(options.addons))
    base.prepare()
    folder = options.keep / "downloads"
    shutil.rmtree(folder, ignore_errors=True)
    catalogue = Catalogue(base.addons, folder)
    shutil.copytree(base.data, catalogue.data)
    asyncio.run(_store(catalogue.data))
    with catalogue.serve(free_port(), CORES) as program:
        program.wait_listening(300)
        wait_quiet(program)
        supply = targets(program, 13)
        shares: dict[str, list[float]] = {"a gigabyte a minute": [], "as fast as they get it": []}
        for _ in range(options.times):
            for name, rate in zip(shares, (GOAL / CLIENTS, None), strict=True):
                alone = read_for(program, supply, ALONE).percentile(0.99)
                with downloading(int(program.url.rsplit(":", 1)[1]), rate) as taken:
                    began = time.monotonic()
                    beside = read_for(program, supply, ALONE).percentile(0.99)
                    speed = taken.value / (time.monotonic() - began)
                shares[name].append(beside / alone)
                told = (
                    f"{name}: {speed * 60 / 1e9:.2f} GB/min, p99 {alone:.1f} ms alone, {beside:.1f} ms beside"
                )
                print(told, flush=True)
    for name, found in shares.items():
        print(f"{name}: p99 {statistics.median(found):.2f} times that without, median of {options.times}")


async def _store(data: Path) -> None:
    """A public add-on whose file is in the store."""
    async with open_context(load_settings({"data_dir": str(data)}, {}, None)) as here:
        stored = await Files(here.store).put(BytesIO(Random(13).randbytes(SIZE)))
        file = make_file(id=_ID, url=_PATH, hash=stored.id, stored=stored.id, size=SIZE)
        version = make_version(id=_ID, files=[file])
        addon: Any = make_addon(_id=_ID, guid="large@example.org", slug="large", versions=[version])
        await here.store.write([Insert("addons", addon)])


@contextmanager
def downloading(port: int, rate: float | None) -> Iterator[Any]:
    """Clients that fetch all the time, each `rate` bytes a second; gives how many bytes they have."""
    context = multiprocessing.get_context("spawn")
    taken, ending = context.Value("q", 0), context.Event()
    process = context.Process(target=_fetch_all, args=(port, rate, taken, ending), daemon=True)
    process.start()
    while taken.value == 0:
        time.sleep(0.01)
    with taken.get_lock():
        taken.value = 0
    try:
        yield taken
    finally:
        ending.set()
        process.join(10)
        process.kill()


def _fetch_all(port: int, rate: float | None, taken: Any, ending: Any) -> None:
    threads = [
        threading.Thread(target=_fetch, args=(port, rate, taken, ending), daemon=True) for _ in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _fetch(port: int, rate: float | None, taken: Any, ending: Any) -> None:
    buffer = bytearray(_TAKEN)
    while not ending.is_set():
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(
                f"GET {_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
            )
            began, size = time.monotonic(), 0
            while not ending.is_set() and (count := connection.recv_into(buffer)):
                size += count
                with taken.get_lock():
                    taken.value += count
                if rate is not None:
                    time.sleep(max(0.0, size / rate - (time.monotonic() - began)))


if __name__ == "__main__":
    main()
