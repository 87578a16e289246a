"""The whole suite in several processes (pytest-xdist): how many, in which order, and where their files are.

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
import json
import os
import shutil
import tempfile
from collections.abc import Generator
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import psutil
import pytest
from xdist.scheduler import LoadFileScheduling, Scheduling

from tests.program import ROOT

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
# Servers that files share: all files of a group run in one worker, or each would start its own.
SHARED: Final = (frozenset({"server", "lists", "rated_api"}), frozenset({"desk"}))
_SHARED_FILES: Final = "shared.json"
# Begun when about half of the rest is done: late enough not to stay long without work, and early enough.
_SHARED_PLACE: Final = 1 + len(LONG)
_AFTER_SHARED: Final = "tests/server"
FOLDER: Final = pytest.StashKey[Path]()  # of the first process, for all of them


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Starting workers takes longer than a few tests."""
    picked = config.option.keyword or config.option.markexpr or config.args != config.getini("testpaths")
    return 0 if picked else min((os.cpu_count() or 1) + EXTRA_WORKERS, MAX_WORKERS)


def pytest_configure(config: pytest.Config) -> None:
    if given := getattr(config, "workerinput", None):
        config.stash[FOLDER] = Path(given["folder"])
    else:
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


def pytest_configure_node(node: Any) -> None:
    """In the first process, for each worker."""
    node.workerinput["folder"] = str(node.config.stash[FOLDER])


class Scheduler(LoadFileScheduling):
    """A file at a time, but those that share servers as if they were one."""

    def _split_scope(self, nodeid: str) -> str:
        name = super()._split_scope(nodeid)
        return self._shared.get(name, name)

    @cached_property
    def _shared(self) -> dict[str, str]:
        shared: dict[str, str] = json.loads((self.config.stash[FOLDER] / _SHARED_FILES).read_bytes())
        return shared


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    return Scheduler(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long files first."""
    for item in items:
        if item.get_closest_marker("timed"):
            item.add_marker(pytest.mark.flaky(reruns=TRIES - 1, reruns_delay=_REST))
    if hasattr(config, "workerinput"):
        shared = {
            _file(item): f"group {number}"
            for number, group in enumerate(SHARED)
            for item in items
            if group.intersection(getattr(item, "fixturenames", ()))
        }
        places = dict.fromkeys(shared, _SHARED_PLACE) | {name: place for place, name in enumerate(LONG)}
        items.sort(key=lambda item: places.get(_file(item), _place(_file(item))))
        told = config.stash[FOLDER] / f"{_SHARED_FILES}.{os.getpid()}"
        told.write_text(json.dumps(shared))
        told.replace(config.stash[FOLDER] / _SHARED_FILES)


def _place(name: str) -> int:
    return _SHARED_PLACE + (1 if name > _AFTER_SHARED else -1)


def _file(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT).as_posix()
