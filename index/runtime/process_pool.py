"""A pool of processes that do one kind of work.

    pool = ProcessPool(make_worker, 2)  # starts them; each imports the module of `make_worker`,
    pool.initialize(context)            # calls make_worker(context) once, which returns a function,
    future = pool.submit(batch)         # and calls that function with each batch
    pool.close()

A process reads its work from its standard input and ends with that, however its parent ends. `make_worker` is
found by its name; everything else is pickled. `submit` does not block; the future fails if the process died.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from pkgutil import resolve_name
from queue import SimpleQueue
from typing import Any, Final, Generic, TypeVar

from conf.processors import count_processors
from index.runtime.collector import pause_gc

Batch = TypeVar("Batch")
Answer = TypeVar("Answer")

POOL_THRESHOLD: Final = 2500  # documents from which a pool is worth its start, which takes a second a process
POOL_FAILURES: Final = (OSError, EOFError, pickle.UnpicklingError, TimeoutError)  # a process died or is stuck
POOL_TIMEOUT: Final = 60.0  # seconds after which a process counts as stuck
_MAX_PROCESSES: Final = 4
_NICENESS: Final = 5  # of 19: the process that serves goes first
_ROOT: Final = Path(__file__).resolve().parents[2]


def pool_size() -> int:
    """How many processes a pool may have: none if there is only one processor."""
    processors = count_processors()
    return min(processors, _MAX_PROCESSES) if processors > 1 else 0


class ProcessPool(Generic[Batch, Answer]):
    def __init__(self, make_worker: Callable[[Any], Callable[[Batch], Answer]], count: int) -> None:
        self.count = count
        self._processes = [_start(make_worker) for _ in range(count)]
        self._free: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="processes")

    def initialize(self, context: object) -> None:
        """Send every process its context; what is submitted waits for that."""
        message = pickle.dumps(context)
        for process in self._processes:
            self._threads.submit(self._initialize, process, message)

    def submit(self, batch: Batch) -> Future[Answer]:
        return self._threads.submit(self._ask, batch)

    def close(self) -> None:
        """At once; futures that are not done yet fail."""
        for process in self._processes:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            with suppress(OSError), process:  # what is buffered for it cannot be sent any more
                process.wait()

    def _initialize(self, process: subprocess.Popen[bytes], message: bytes) -> None:
        try:
            _send(process, message)
        finally:
            self._free.put(process)

    def _ask(self, batch: Batch) -> Answer:
        """Raises one of POOL_FAILURES."""
        process = self._free.get()
        try:
            _send(process, pickle.dumps(batch, -1))
            assert process.stdout is not None
            answer: Answer = pickle.load(process.stdout)
            return answer
        finally:
            self._free.put(process)


def _start(make_worker: Callable[[Any], object]) -> subprocess.Popen[bytes]:
    name = f"{make_worker.__module__}:{make_worker.__qualname__}"
    return subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import serve; serve({name!r})"],
        cwd=_ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("AMOEBA_")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for this process, which ends the others
    )


def _send(process: subprocess.Popen[bytes], message: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(message)
    process.stdin.flush()


def serve(name: str) -> None:
    """What a process of the pool runs, until its parent ends."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    make_worker: Callable[[Any], Callable[[Any], Any]] = resolve_name(name)
    pause_gc()
    with suppress(EOFError):
        work = make_worker(pickle.load(sys.stdin.buffer))
        while True:
            answer = work(pickle.load(sys.stdin.buffer))
            try:
                pickle.dump(answer, sys.stdout.buffer, -1)
                sys.stdout.flush()
            except BrokenPipeError:  # the parent has ended
                os._exit(0)
