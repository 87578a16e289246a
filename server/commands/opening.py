"""What the commands work with: the store, whether a server runs on it or not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from conf.settings.settings import Settings
from server.basket.outbox import Syncs
from server.changes import Changes
from server.embedded.mongod import mongodb
from server.storage.store import Store
from server.storage.waiting import Patience


class Opened(NamedTuple):
    """The store and the door for writes to it."""

    store: Store
    changes: Changes


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Opened]:
    """Waits for MongoDB as a start does. Raises StartError.

    Changes are not waited for: nothing here shows them.
    """
    async with mongodb(settings, attach=True) as uri:
        store = await Store.open(
            uri, settings.mongodb_database, settings.mongodb_timeout, Patience(), settings.mongodb_driver
        )
        async with store:
            yield Opened(store, Changes(store, None, Syncs(settings)))
