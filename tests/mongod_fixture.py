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
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from conf.mongodb import DRIVERS
from server.embedded.mongod import OwnMongod, start_mongod
from server.storage.driver import open_client
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
    server = await start_mongod(data_dir, None, CACHE_GB)
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
        server = asyncio.run_coroutine_threadsafe(start_mongod(data_dir, None, CACHE_GB), loop).result(60)
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
    """Collections and indexes are there, documents are not; `parametrize` may name a driver.

    A test that drops a collection or an index is marked `alters_schema`.
    """
    driver = getattr(request, "param", DRIVERS[0])
    opened: Store = io_loop.run_sync(lambda: _empty_store(mongod.uri, driver))
    yield opened
    io_loop.run_sync(opened.close)
    if request.node.get_closest_marker("alters_schema"):
        _prepared.discard(mongod.uri)


_prepared: set[str] = set()  # servers on which the store was opened before: its indexes are there


async def _empty_store(uri: str, driver: str) -> Store:
    if uri not in _prepared:
        await (await Store.open(uri, DATABASE, TIMEOUT)).close()
        _prepared.add(uri)
    store = Store(open_client(uri, TIMEOUT, driver), DATABASE, TIMEOUT)
    await empty(store.database)
    return store


async def empty(database: Any) -> None:
    """Removes the documents of the program's collections."""
    for name in await _filled(database):
        await database[name].delete_many({})


async def _filled(database: Any) -> list[str]:
    """The collections that have documents: one question instead of a deletion in each."""
    first, *others = (
        (name, [{"$limit": 1}, {"$project": {"_id": 0, "name": {"$literal": name}}}]) for name in COLLECTIONS
    )
    pipeline = [*first[1], *({"$unionWith": {"coll": name, "pipeline": each}} for name, each in others)]
    asked = {"aggregate": first[0], "pipeline": pipeline, "cursor": {}, "readConcern": {"level": "local"}}
    return [one["name"] for one in (await database.command(asked))["cursor"]["firstBatch"]]
