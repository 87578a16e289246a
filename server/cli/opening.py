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


class CommandContext(NamedTuple):
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
async def open_context(settings: Settings) -> AsyncIterator[CommandContext]:
    """Open the store; waits for MongoDB as a server's start does. Raises StartError.

    Changes do not wait until they are visible, because a command shows nothing.
    """
    async with mongodb(settings, attach=True) as uri:
        store = await Store.open(
            uri, settings.mongodb_database, settings.mongodb_timeout, Patience(), settings.mongodb_driver
        )
        async with store:
            yield CommandContext(store, Changes(store, None, Syncs(settings)), settings)


async def open_keyring(context: CommandContext) -> Keyring:
    """The keyring; its secrets are made if there are none yet."""
    return Keyring(await key_store(context.settings, context.store).get_or_create())


def with_store(
    work: Callable[[argparse.Namespace, CommandContext], Awaitable[int | None]],
) -> Callable[[argparse.Namespace, Settings], Coroutine[Any, Any, int]]:
    """Turn a function into a command's `run`, which opens the store for it; None means status 0."""

    @wraps(work)
    async def run(args: argparse.Namespace, settings: Settings) -> int:
        async with open_context(settings) as context:
            return await work(args, context) or 0

    return run
