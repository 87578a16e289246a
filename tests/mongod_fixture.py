"""A real mongod for tests that need MongoDB without the program around it.

`mongod` is one server for the whole run (of one process, see tests/parallel.py),
`store` an empty database in it. A test that kills the server or fills its folder
starts its own: `running(folder)`.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from conf.mongodb import DRIVERS
from server.embedded.mongod import OwnMongod, own
from server.storage.schema import COLLECTIONS
from server.storage.store import Store

TIMEOUT = 5.0
CACHE_GB = 0.25
DATABASE = "amoeba_test"
# Of a test that uses `store`: once with each driver.
both_drivers = pytest.mark.parametrize("store", DRIVERS, indirect=True)


@asynccontextmanager
async def running(data_dir: Path) -> AsyncIterator[OwnMongod]:
    """A mongod of the test's own, supervised on the test's event loop."""
    server = await own(data_dir, None, CACHE_GB)
    try:
        yield server
    finally:
        await server.stop()


@contextmanager
def in_background(data_dir: Path) -> Iterator[OwnMongod]:
    """A mongod that outlives the event loop of a single test."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="mongod of the test run")
    thread.start()
    try:
        server = asyncio.run_coroutine_threadsafe(own(data_dir, None, CACHE_GB), loop).result(60)
        try:
            yield server
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result(20)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


@pytest.fixture(scope="session")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnMongod]:
    with in_background(tmp_path_factory.mktemp("mongod")) as server:
        yield server


@pytest.fixture
def store(mongod: OwnMongod, io_loop: IOLoop, request: pytest.FixtureRequest) -> Iterator[Store]:
    """Collections and indexes are there, documents are not; `parametrize` may name a driver."""
    driver = getattr(request, "param", DRIVERS[0])
    opened: Store = io_loop.run_sync(lambda: _empty_store(mongod.uri, driver))
    yield opened
    io_loop.run_sync(opened.close)


async def _empty_store(uri: str, driver: str) -> Store:
    store = await Store.open(uri, DATABASE, TIMEOUT, driver=driver)
    await asyncio.gather(*(store.database[name].delete_many({}) for name in COLLECTIONS))
    return store
