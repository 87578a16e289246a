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
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import pytest

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
        config.stash[TURNSTILE] = Turnstile(Path(given["turnstile"]))
    else:
        config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix="amoeba-tests-"))
        _put_bytecode_in(config.stash[FOLDER])


def _put_bytecode_in(folder: Path) -> None:
    """Who wants none beside the source still does not want every program to compile it all."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")


def pytest_configure_node(node: Any) -> None:
    """In the first process, for each worker."""
    node.workerinput["turnstile"] = str(node.config.stash[FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    if turnstile := config.stash.get(TURNSTILE, None):
        turnstile.close()
    if folder := config.stash.get(FOLDER, None):
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
    """Before the long ones, files with tests that are alone: these then wait for short ones only."""
    for item in items:
        if item.get_closest_marker("timed") or item.get_closest_marker("alone"):
            item.add_marker(pytest.mark.flaky(reruns=TRIES - 1, reruns_delay=_REST))
    if TURNSTILE in config.stash:
        alone = {item.path for item in items if item.get_closest_marker("alone")}
        items.sort(key=lambda item: _place(item.path, item.path in alone))


def _place(path: Path, has_alone: bool) -> int:
    name = path.relative_to(ROOT).as_posix()
    if name in LONG:
        return 1 + LONG.index(name)
    return 0 if has_alone else 1 + len(LONG)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    turnstile = item.config.stash.get(TURNSTILE, None)
    if turnstile is None:
        return (yield)
    with turnstile.passed(alone=item.get_closest_marker("alone") is not None):
        return (yield)
