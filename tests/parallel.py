"""The whole suite in several processes (workers.py): how many, in which order, and where their files are.

    python -m pytest                      # everything: workers, a file at a time each
    python -m pytest tests/conf           # what is picked out runs here, in one process
    python -m pytest -n 0                 # everything in one process

A test that measures time is marked `timed`: other tests and shared machines may stop
a process for some tenths of a second, so it has TRIES, and only who is too slow in all
of them fails.

A test's files are in memory where there is room: each write to a mongod waits for its
disk, which was a quarter of the time of all tests.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Final

import psutil
import pytest

from conf.processors import count_processors
from tests.workers import run_groups

# Most tests wait for a server, a mongod or a signal half of the time; more
# workers than this start more servers of their own than they gain.
EXTRA_WORKERS: Final = 2
MAX_WORKERS: Final = 4
TRIES: Final = 3
_REST: Final = 1.0  # seconds between two tries
MEMORY: Final = Path("/dev/shm")
ENOUGH_MEMORY: Final = 10 << 30  # bytes; a mongod's folder has 300 MB, and some twenty stay to the end
# Begun early, the longest first, so that no worker is left with one of them at the end.
LONG: Final = (
    "tests/drills/test_drills.py",
    "tests/test_readme.py",
    "tests/server/embedded/test_mongod.py",
    "tests/handlers/addons/test_matrix.py",
    "tests/server/commands/test_commands.py",
    "tests/server/commands/test_command_signals.py",
    "tests/handlers/activity/test_inbound_mail.py",
)
# Fixtures with servers that files share, and files that read all sources: those of a group run in one
# worker, or each would start its own.
SHARED: Final = (
    frozenset({"server", "lists", "rated_api"}),
    frozenset({"desk"}),
    frozenset({"published"}),
    frozenset({"tests/test_layout.py", "tests/test_imports.py"}),
)
# Begun when about half of the rest is done: late enough not to stay long without work, and early enough.
_SHARED_PLACE: Final = 1 + len(LONG)
_AFTER_SHARED: Final = "tests/server"
FOLDER: Final = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    # The short name that pytest-xdist has given it, which pytest keeps for itself otherwise.
    parser.getgroup("parallel")._addoption(
        "-n", "--numprocesses", type=int, metavar="N", help="in N processes; 0: in this one"
    )


def pytest_configure(config: pytest.Config) -> None:
    _put_files_in_memory()
    config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix="amoeba-tests-"))
    _put_bytecode_in(config.stash[FOLDER])


def _put_files_in_memory() -> None:
    """Unless the caller named a place; the workers and all that they start go there too."""
    room = min(psutil.virtual_memory().available, _free_bytes(MEMORY))
    if room > ENOUGH_MEMORY:
        os.environ.setdefault("TMPDIR", str(MEMORY))
        tempfile.tempdir = None  # it is looked up once


def _free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def _put_bytecode_in(folder: Path) -> None:
    """Who wants none beside the source still does not want every program to compile it all."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests stay to the end: to look for garbage among them took a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("timed"):
            item.add_marker(pytest.mark.flaky(reruns=TRIES - 1, reruns_delay=_REST))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    workers = _workers(session.config)
    if workers < 2 or session.testsfailed or session.config.option.collectonly:
        return None
    run_groups(session, _groups(session.items), workers)
    return True


def _workers(config: pytest.Config) -> int:
    """Starting servers in several takes longer than a few tests."""
    if (asked := config.option.numprocesses) is not None:
        return int(asked)
    picked = config.option.keyword or config.option.markexpr or config.args != config.getini("testpaths")
    return 0 if picked else min(count_processors() + EXTRA_WORKERS, MAX_WORKERS)


def _groups(items: list[pytest.Item]) -> list[list[pytest.Item]]:
    """A file at a time, but those that share servers as if they were one; the long ones first."""
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(_file(item), []).append(item)
    places = {name: place for place, name in enumerate(LONG)}
    groups: dict[str, list[pytest.Item]] = {}
    for name, tests in files.items():
        known_by = {name, *(fixture for item in tests for fixture in getattr(item, "fixturenames", ()))}
        shared = next((f"group {number}" for number, one in enumerate(SHARED) if one & known_by), name)
        places.setdefault(shared, _SHARED_PLACE if shared != name else _place(name))
        groups.setdefault(shared, []).extend(tests)
    return [groups[name] for name in sorted(groups, key=lambda name: places[name])]


def _place(name: str) -> int:
    return _SHARED_PLACE + (1 if name > _AFTER_SHARED else -1)


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
