"""Other processes that do one kind of work, asked for it again and again.

    processes = Processes(begin, 2)             # each imports what `begin` needs,
    processes.introduce(context)                # calls begin(context) once, and has a function of it
    answer = processes.submit(batch)            # a future of what the function makes of the batch
    processes.close()

Another process reads what it is to do from its standard input, and ends with it, however this process ends.
`begin` is found by its name; the rest is pickled. A call to `submit` takes no time; who waits for its future
is told of a process that died.
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
from index.runtime.collector import hold_off

Batch = TypeVar("Batch")
Answer = TypeVar("Answer")

MANY: Final = 2500  # documents after which other processes are worth their start: each takes a second for it
LOST: Final = (OSError, EOFError, pickle.UnpicklingError, TimeoutError)  # a process that died, or is stuck
PATIENCE: Final = 60.0  # seconds until a process counts as lost
_MOST: Final = 4  # processes
_STEP_BACK: Final = 5  # of nice's 19: whoever serves goes first
_ROOT: Final = Path(__file__).resolve().parents[2]


def room_beside() -> int:
    """How many processes may be at work: none where there is one processor."""
    processors = count_processors()
    return min(processors, _MOST) if processors > 1 else 0


class Processes(Generic[Batch, Answer]):
    def __init__(self, begin: Callable[[Any], Callable[[Batch], Answer]], count: int) -> None:
        self.count = count
        self._processes = [_start(begin) for _ in range(count)]
        self._free: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="processes")

    def introduce(self, context: object) -> None:
        """What is submitted waits for it."""
        introduction = pickle.dumps(context)
        for process in self._processes:
            self._threads.submit(self._introduce, process, introduction)

    def submit(self, batch: Batch) -> Future[Answer]:
        return self._threads.submit(self._ask, batch)

    def close(self) -> None:
        """At once; who waits for an answer is told that the process died."""
        for process in self._processes:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            with suppress(OSError), process:  # what it did not read cannot be sent any more
                process.wait()

    def _introduce(self, process: subprocess.Popen[bytes], introduction: bytes) -> None:
        try:
            _send(process, introduction)
        finally:
            self._free.put(process)

    def _ask(self, batch: Batch) -> Answer:
        """Raises one of LOST."""
        process = self._free.get()
        try:
            _send(process, pickle.dumps(batch, -1))
            assert process.stdout is not None
            answer: Answer = pickle.load(process.stdout)
            return answer
        finally:
            self._free.put(process)


def _start(begin: Callable[[Any], object]) -> subprocess.Popen[bytes]:
    name = f"{begin.__module__}:{begin.__qualname__}"
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
    """Be another process, until nobody is there any more."""
    if hasattr(os, "nice"):
        os.nice(_STEP_BACK)
    begin: Callable[[Any], Callable[[Any], Any]] = resolve_name(name)
    hold_off()
    with suppress(EOFError):
        work = begin(pickle.load(sys.stdin.buffer))
        while True:
            answer = work(pickle.load(sys.stdin.buffer))
            try:
                pickle.dump(answer, sys.stdout.buffer, -1)
                sys.stdout.flush()
            except BrokenPipeError:  # nobody is there any more
                os._exit(0)
