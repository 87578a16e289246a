"""The disk under mongod is full: a small tmpfs, filled while writes and reads go on, then emptied."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from server.embedded.folder import Folder
from server.embedded.replica import connection_uri
from server.embedded.sockets import find_socket
from server.errors import StoreError
from server.storage.driver import run_command
from tests.drills import checks
from tests.drills.kill_mongod import add_reads, add_writes
from tests.drills.load import Readers, Writers
from tests.drills.report import Outcome, Skipped, spread
from tests.drills.service import Crew, Service, wait_until

SIZE_MB: Final = 400
FULL_FOR: Final = 4.0  # seconds after the first refusal
RETURN_LIMIT: Final = 30.0  # seconds from the room to the first write; mongod recovers from its journal
_CHUNK: Final = 1 << 20


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of SIZE_MB in memory. Raises Skipped where it cannot be mounted."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise Skipped("needs root on Linux, to mount a small file system in memory")
    folder.mkdir(parents=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0700", "tmpfs", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Skipped(f"a small file system cannot be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def run(
    service: Service, crew: Crew, disk: Path, times: int, full_for: float = FULL_FOR, *, hurry: bool = False
) -> Outcome:
    """`hurry`: have mongod write what it holds in memory at once, not up to a minute later."""
    outcome = Outcome("disk full for mongod (a small tmpfs), then room again", f"{times} times")
    returns: list[float] = []
    with Writers(service.url, crew) as writers, Readers(service.url) as readers:
        for _ in range(times):
            writers.first_success(time.monotonic(), 30)
            time.sleep(1.0)
            begun = time.monotonic()
            with _ballast(disk / "ballast"):
                if hurry:
                    _flush(Folder(service.data))
                refused = lambda begun=begun: [one for one in writers.since(begun) if one.status == 503]  # noqa: E731
                wait_until(refused, 90, "a write is refused while the disk is full")
                time.sleep(full_for)
            room = time.monotonic()
            returns.append(writers.first_success(room, 90) - room)
    add_reads(outcome, readers)
    add_writes(outcome, writers)
    refusals = sum(one.status == 503 for one in writers.attempts)
    outcome.add("writes are refused while it is full", refusals >= times, f"{refusals} refusals")
    asked = f"writes go on within {RETURN_LIMIT:.0f} s of there being room"
    outcome.add(asked, max(returns) <= RETURN_LIMIT, spread(returns))
    checks.add_stored(outcome, service, crew, len(writers.acknowledged))
    checks.add_shown(outcome, service, crew)
    checks.add_delivered(outcome, service, crew)
    return outcome


def _flush(folder: Folder) -> None:
    uri = connection_uri(find_socket(folder) or Path(), folder.credentials())
    with contextlib.suppress(StoreError):  # it dies of it
        asyncio.run(run_command(uri, {"fsync": 1}, 5.0))


@contextlib.contextmanager
def _ballast(path: Path) -> Iterator[None]:
    """All the room there is; what mongod frees meanwhile is left to it."""
    try:
        with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
            for size in (_CHUNK, 4096, 1):
                _fill(file.fileno(), size)
        yield
    finally:
        path.unlink()


def _fill(descriptor: int, size: int) -> None:
    block = os.urandom(size)
    with contextlib.suppress(OSError):
        while os.write(descriptor, block) == size:
            pass
