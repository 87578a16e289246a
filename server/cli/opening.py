"""Opens the store for commands, whether a server runs on it or not."""

import argparse
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, NamedTuple

from conf.settings.settings import Settings
from server.auth.keys.keyring import Keyring
from server.auth.keys.keystores import key_store
from server.basket.outbox import Syncs
from server.changes import Changes
from server.embedded.mongod import is_owner, mongodb
from server.storage.patience import Patience
from server.storage.store import Store


class Opened(NamedTuple):
    """The store, the changes that write to it, and the settings it was opened with."""

    store: Store
    changes: Changes
    settings: Settings

    @property
    def syncs(self) -> Syncs:
        """The syncs with Basket that changes cause."""
        return Syncs(self.settings)

    @property
    def is_owner(self) -> bool:
        """Whether this process runs the private mongod, so that no server does."""
        return is_owner(self.settings)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Opened]:
    """Waits for MongoDB as a start does. Raises StartError.

    Does not wait for changes to be visible, because commands show none.
    """
    async with mongodb(settings, attach=True) as uri:
        store = await Store.open(
            uri, settings.mongodb_database, settings.mongodb_timeout, Patience(), settings.mongodb_driver
        )
        async with store:
            yield Opened(store, Changes(store, None, Syncs(settings)), settings)


async def open_keyring(context: Opened) -> Keyring:
    """The secrets in use, made where there are none yet."""
    return Keyring(await key_store(context.settings, context.store).get_or_create())


def with_store(
    work: Callable[[argparse.Namespace, Opened], Awaitable[int | None]],
) -> Callable[[argparse.Namespace, Settings], Coroutine[Any, Any, int]]:
    """Makes a command's `run` that has the store open while it works; None is status 0."""

    @wraps(work)
    async def run(args: argparse.Namespace, settings: Settings) -> int:
        async with opened(settings) as context:
            return await work(args, context) or 0

    return run
