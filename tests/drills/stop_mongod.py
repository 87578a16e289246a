"""A mongod that stands still for a while, as on a machine without processor or disk to spare: SIGSTOP.

A load, a dump and a start each meet it twice, wait for it, say so, and lose nothing.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from server.demo.catalogue import lines
from server.embedded import process as processes
from server.embedded.folder import Folder
from tests.client import Client
from tests.drills.report import Outcome
from tests.program import Program

TIMES = 2
BETWEEN = 0.4  # seconds it goes on before it stands still again
LIMIT = 300.0  # seconds for what takes some when nothing is in the way


def run(folder: Path, addons: int, still: float) -> Outcome:
    """`still`: seconds mongod does nothing, TIMES times in each of the three."""
    outcome = Outcome(f"mongod stands still for {still:.0f} s", f"{TIMES} times in each, {addons} add-ons")
    data, file = folder / "data", folder / "addons.jsonl"
    file.write_bytes(b"".join(lines(addons)))
    with _disturbed(outcome, "load", data, still, "load", str(file)) as loading:
        loading.wait(LIMIT)
    with _disturbed(outcome, "dump", data, still, "dump") as dumping:
        dumping.wait(LIMIT)
    same = dumping.stdout_path.read_bytes().startswith(file.read_bytes())
    outcome.add("the dump is what was loaded, byte for byte", same, f"{file.stat().st_size} bytes")
    with _disturbed(outcome, "start", data, still, "serve", "--port", "0") as serving:
        serving.wait_listening(LIMIT)
    with closing(Client(serving.url)) as client:
        counted = client.get("/__heartbeat__").json["addons"]
    outcome.add("the server has the add-ons", counted > addons / 2, f"{counted} public ones")
    outcome.add("and ends in order", serving.stop() == 0)
    return outcome


@contextmanager
def _disturbed(outcome: Outcome, name: str, data: Path, still: float, *words: str) -> Iterator[Program]:
    """The program while its mongod is stopped; the block waits for what it is to reach."""
    over, stops = threading.Event(), list[int]()
    thread = threading.Thread(target=_stop_again_and_again, args=(data, still, over, stops))
    began = time.monotonic()
    program = Program(*words, "--data-dir", str(data), output=data.parent / name)
    thread.start()
    try:
        yield program
        took = time.monotonic() - began
        status = program.process.poll()
        figures = f"{took:.0f} s, stopped {len(stops)} times"
        outcome.add(f"{name} goes on to its end", status in (None, 0), figures)
        outcome.add(f"{name} was stopped twice, and said that it waits", _said(program, stops))
    except BaseException:
        program.kill()
        raise
    finally:
        over.set()
        thread.join()


def _said(program: Program, stops: list[int]) -> bool:
    return len(stops) == TIMES and "amoeba: waiting for mongo" in program.stderr.lower()


def _stop_again_and_again(data: Path, still: float, over: threading.Event, stops: list[int]) -> None:
    folder = Folder(data)
    while len(stops) < TIMES and not over.wait(0.05):
        pid = folder.pid()
        if pid and processes.find_running(folder) and not over.wait(BETWEEN):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                stops.append(pid)
                over.wait(still)
                os.kill(pid, signal.SIGCONT)
