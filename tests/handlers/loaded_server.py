"""A server on documents of a test's own: loaded as a dump, then served.

Given the `mongod` of the run it gets a database there; without, a folder and a
mongod of its own, for tests that need what run.py makes of `--data-dir`.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conf.settings.loading import load_settings
from server.cli.opening import open_context
from server.embedded.mongod import OwnMongod
from server.intake.loader import load as load_sources
from server.intake.sources import Source
from server.storage.driver import close_client, open_client
from tests.mongod_fixture import TIMEOUT, empty
from tests.program import Program
from tests.server.intake.load_into_store import RecordingReporter, write_lines


def load(folder: Path, documents: Iterable[Mapping[str, Any]], mongod: OwnMongod | None = None) -> None:
    """`documents` are lines of a dump, each with its `kind`; a server may run on the folder."""
    with Source(str(write_lines(folder / "dump.jsonl", list(documents)))) as source:
        asyncio.run(_load(folder, source, mongod))


async def _load(folder: Path, source: Source, mongod: OwnMongod | None) -> None:
    """As `run.py load` does it, whose own tests start the program."""
    reporter = RecordingReporter()
    settings = load_settings({"data_dir": str(folder / "data")}, environment(folder, mongod), None)
    async with open_context(settings) as here:
        await load_sources([source], here.store, reporter)
    assert reporter.bad_records == []


def environment(folder: Path, mongod: OwnMongod | None) -> dict[str, str]:
    """Settings by which the program and its commands work with the folder's database."""
    if mongod is None:
        return {}
    database = _databases.setdefault(folder, folder.name)
    return {"AMOEBA_MONGODB_URI": mongod.uri, "AMOEBA_MONGODB_DATABASE": database}


# By folder. Making the collections and indexes of a database takes a second, emptying them a tenth.
_databases: dict[Path, str] = {}
_left: list[str] = []  # by servers that have ended


def _take_database(folder: Path, mongod: OwnMongod) -> None:
    if folder not in _databases and _left:
        _databases[folder] = _left.pop()
        asyncio.run(_empty(mongod.uri, _databases[folder]))


async def _empty(uri: str, database: str) -> None:
    client = open_client(uri, TIMEOUT)
    try:
        await empty(client[database])
    finally:
        await close_client(client)


@contextmanager
def serving(
    folder: Path, documents: Iterable[Mapping[str, Any]], mongod: OwnMongod | None = None, **settings: str
) -> Iterator[Program]:
    """The program in `folder`; anything it logs at WARNING or above is a failure."""
    if mongod:
        _take_database(folder, mongod)
    load(folder, documents, mongod)
    words = ("serve", "--port", "0", "--data-dir", str(folder / "data"))
    env = settings | environment(folder, mongod)
    with Program(*words, output=folder / "serve", env=env) as program:
        program.wait_listening()
        yield program
        assert program.loud_records() == []
    if mongod:
        _left.append(_databases[folder])
