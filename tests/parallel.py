"""The whole suite in several processes (pytest-xdist): how many, in which order, and who waits for whom.

    python -m pytest                      # everything: workers, a file at a time each
    python -m pytest tests/conf           # what is picked out runs here, in one process
    python -m pytest -n 0                 # everything in one process

A test that measures time is marked `timed`: other tests and shared machines may stop
a process for some tenths of a second, so it has TRIES, and only who is too slow in all
of them fails. One that measures less than that is marked `alone`: the other workers
wait between two tests meanwhile, so these are few.
"""

import fcntl
import gc
import json
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Final

import pytest
from xdist.scheduler import LoadFileScheduling, Scheduling

from tests.program import ROOT

# Most tests wait for a server, a mongod or a signal half of the time; more
# workers than this start more servers of their own than they gain.
EXTRA_WORKERS: Final = 1
MAX_WORKERS: Final = 4
TRIES: Final = 3
_REST: Final = 1.0  # seconds between two tries
# Begun early, the longest first, so that no worker is left with one of them at the end.
LONG: Final = (
    "tests/drills/test_drills.py",
    "tests/server/embedded/test_mongod.py",
    "tests/handlers/addons/test_matrix.py",
    "tests/server/commands/test_commands.py",
    "tests/server/commands/test_command_signals.py",
    "tests/handlers/activity/test_inbound_mail.py",
)
# Servers that files share: all these files run in one worker, or each would start its own.
SHARED: Final = {"server", "lists", "rated_api"}
_SHARED_FILES: Final = "shared.json"
# Begun when about half of the rest is done: late enough not to stay long without work, and early enough.
_SHARED_PLACE: Final = 2 + len(LONG)
_AFTER_SHARED: Final = "tests/server"


class Turnstile:
    """Lets many processes through together, or one alone; who waits is not overtaken.

    Two file locks, which end with their process. Everybody passes the gate one
    by one; who wants to be alone holds it until the room behind it is empty.
    """

    def __init__(self, folder: Path) -> None:
        self._gate: IO[bytes] = (folder / "gate").open("wb")
        self._room: IO[bytes] = (folder / "room").open("wb")

    @contextmanager
    def passed(self, *, alone: bool) -> Iterator[None]:
        fcntl.flock(self._gate, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(self._room, fcntl.LOCK_UN)

    def close(self) -> None:
        self._gate.close()
        self._room.close()


TURNSTILE: Final = pytest.StashKey[Turnstile]()
FOLDER: Final = pytest.StashKey[Path]()  # of the first process, for all of them


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Starting workers takes longer than a few tests."""
    picked = config.option.keyword or config.option.markexpr or config.args != config.getini("testpaths")
    return 0 if picked else min((os.cpu_count() or 1) + EXTRA_WORKERS, MAX_WORKERS)


def pytest_configure(config: pytest.Config) -> None:
    if given := getattr(config, "workerinput", None):
        config.stash[FOLDER] = Path(given["folder"])
        config.stash[TURNSTILE] = Turnstile(config.stash[FOLDER])
    else:
        config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix="amoeba-tests-"))
        _put_bytecode_in(config.stash[FOLDER])


def _put_bytecode_in(folder: Path) -> None:
    """Who wants none beside the source still does not want every program to compile it all."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")


def pytest_configure_node(node: Any) -> None:
    """In the first process, for each worker."""
    node.workerinput["folder"] = str(node.config.stash[FOLDER])


class Scheduler(LoadFileScheduling):
    """A file at a time, but those that share servers as if they were one."""

    def _split_scope(self, nodeid: str) -> str:
        name = super()._split_scope(nodeid)
        return _SHARED_FILES if name in self._shared else name

    @cached_property
    def _shared(self) -> set[str]:
        return set(json.loads((self.config.stash[FOLDER] / _SHARED_FILES).read_bytes()))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    return Scheduler(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_unconfigure(config: pytest.Config) -> None:
    if turnstile := config.stash.get(TURNSTILE, None):
        turnstile.close()
    elif folder := config.stash.get(FOLDER, None):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests stay to the end: to look for garbage among them took a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """First the files with tests that are alone, which then wait for short ones only; then the long."""
    for item in items:
        if item.get_closest_marker("timed") or item.get_closest_marker("alone"):
            item.add_marker(pytest.mark.flaky(reruns=TRIES - 1, reruns_delay=_REST))
    if TURNSTILE in config.stash:
        alone = {_file(item) for item in items if item.get_closest_marker("alone")}
        shared = {_file(item) for item in items if SHARED.intersection(getattr(item, "fixturenames", ()))}
        places = dict.fromkeys(shared, _SHARED_PLACE) | {name: place for place, name in enumerate(LONG, 1)}
        places |= dict.fromkeys(alone, 0)
        items.sort(key=lambda item: places.get(_file(item), _place(_file(item))))
        told = config.stash[FOLDER] / f"{_SHARED_FILES}.{os.getpid()}"
        told.write_text(json.dumps(sorted(shared)))
        told.replace(config.stash[FOLDER] / _SHARED_FILES)


def _place(name: str) -> int:
    return _SHARED_PLACE + (1 if name > _AFTER_SHARED else -1)


def _file(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT).as_posix()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    turnstile = item.config.stash.get(TURNSTILE, None)
    if turnstile is None:
        return (yield)
    with turnstile.passed(alone=item.get_closest_marker("alone") is not None):
        return (yield)
