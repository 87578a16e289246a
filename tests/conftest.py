"""What every test may ask for: a running server, a client, an event loop.

`server` and `client` are the program itself, started once for the run with a
generated catalogue; nothing may be written to it. A test that writes starts its
own `Program` (tests/program.py) or its own database.

A line at WARNING or above in the shared server's log fails the test that caused
it, unless the test says so: `@pytest.mark.expect_log("regular expression")`.
"""

import asyncio
import os
import re
import time
from collections.abc import Iterator
from inspect import iscoroutinefunction

import hypothesis
import pytest
from tornado.ioloop import IOLoop

from server.embedded.mongod import OwnMongod
from tests.client import Client
from tests.program import ROOT, Program

pytest_plugins = ["tests.mongod_fixture", "tests.parallel", "tests.samples"]

DEMO_ADDONS = 400
Program.forks = True
LOG_PATIENCE = 2.0  # seconds an expected line may take to appear


def pytest_configure(config: pytest.Config) -> None:
    """Shared machines are slow at odd moments: no deadline for one example.

    On CI the examples are the same every time, so a failure there is always reproducible.
    """
    hypothesis.settings.register_profile(
        "amoeba",
        deadline=None,
        derandomize="CI" in os.environ,
        max_examples=100 if config.getoption("whole") else 40,
    )
    hypothesis.settings.load_profile("amoeba")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every asynchronous test a loop of its own, asked for or not."""
    for item in items:
        if isinstance(item, pytest.Function) and iscoroutinefunction(item.obj):
            names = item.fixturenames
            if "io_loop" not in names:
                names.append("io_loop")


@pytest.fixture
def io_loop() -> Iterator[IOLoop]:
    """A fresh loop, current while the test runs; replaces pytest-tornasync's deprecated way."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    tornado_loop = IOLoop.current()
    yield tornado_loop
    loop.run_until_complete(_cancel_rest(loop))
    loop.run_until_complete(loop.shutdown_default_executor())
    asyncio.set_event_loop(None)
    tornado_loop.close(all_fds=True)


async def _cancel_rest(loop: asyncio.AbstractEventLoop) -> None:
    rest = [task for task in asyncio.all_tasks(loop) if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await loop.shutdown_asyncgens()


@pytest.fixture(scope="session")
def server(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program serving a generated catalogue, shared by the whole run, read-only."""
    folder = tmp_path_factory.mktemp("server")
    env = {"AMOEBA_MONGODB_URI": mongod.uri, "AMOEBA_MONGODB_DATABASE": "demo"}
    words = ("serve", "--port", "0", "--data-dir", str(folder / "data"), "--demo", str(DEMO_ADDONS))
    with Program(*words, output=folder / "output", env=env) as program:
        program.wait_listening()
        assert program.loud_records() == [], "unexpected log records during start"
        yield program
        end = program.stderr_path.stat().st_size
        assert program.stop() == 0
        assert program.loud_records(end) == [], "unexpected log records during stop"


@pytest.fixture(scope="session")
def client(server: Program) -> Iterator[Client]:
    """A client of the shared server."""
    client = Client(server.url)
    yield client
    client.close()


@pytest.fixture(autouse=True)
def _log_watch(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test whose requests made the shared server log what the test does not expect."""
    if "server" not in request.fixturenames:
        yield
        return
    program: Program = request.getfixturevalue("server")
    marks = request.node.iter_markers("expect_log")
    expected = [re.compile(pattern) for mark in marks for pattern in mark.args]
    start = program.stderr_path.stat().st_size
    yield
    missing = _await_records(program, start, expected)
    assert not missing, f"expected log lines did not come: {[pattern.pattern for pattern in missing]}"
    records = program.loud_records(start)
    unexpected = [one for one in records if not any(pattern.search(one) for pattern in expected)]
    assert unexpected == [], "unexpected log records of the server"


def _await_records(program: Program, start: int, expected: list[re.Pattern[str]]) -> list[re.Pattern[str]]:
    """Wait until each expected line was logged; return those that were not."""
    deadline = time.monotonic() + LOG_PATIENCE
    while True:
        records = program.loud_records(start)
        missing = [pattern for pattern in expected if not any(map(pattern.search, records))]
        if not missing or time.monotonic() > deadline:
            return missing
        time.sleep(0.02)


@pytest.fixture(scope="session")
def shared_data() -> "os.PathLike[str]":
    """The folder of real files beside the checkout; skips where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the real files in {folder}")
    return folder
