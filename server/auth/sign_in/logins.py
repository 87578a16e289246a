"""Writes in the background the `last_login` that every call with an API key sets (contract/auth.md 2.2).

A user who calls a hundred times a second costs one write every few seconds. A
login that cannot be stored now waits for the next round; one that read-only
mode refuses is dropped (contract/versions.md 18). Event loop only.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from server import clock
from server.errors import ReadOnly, StoreError, Unavailable

log = logging.getLogger(__name__)

PAUSE: Final = 5.0  # seconds between two writes of one user
LIMIT: Final = 10_000  # users with a waiting login; those of further users are dropped

# (user id, date): stores the login as a change of the user.
Write = Callable[[int, str], Awaitable[None]]


class Logins:
    """The dates of logins that wait to be written, by user; `pause` is seconds between two rounds."""

    def __init__(self, write: Write, pause: float = PAUSE) -> None:
        self._write = write
        self._pause = pause
        self._waiting: dict[int, str] = {}
        self._task: asyncio.Task[None] | None = None

    def note(self, user_id: int) -> None:
        if len(self._waiting) < LIMIT or user_id in self._waiting:
            self._waiting[user_id] = clock.now()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="logins")

    async def close(self) -> None:
        """Try once to write the waiting logins, and stop."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._write_all()

    async def _run(self) -> None:
        """Write in rounds, each followed by a pause, until nothing waits."""
        while self._waiting:
            await self._write_all()
            await asyncio.sleep(self._pause)

    async def _write_all(self) -> None:
        for user_id, date in list(self._waiting.items()):
            try:
                await self._write(user_id, date)
            except ReadOnly:
                self._waiting.clear()
                return
            except Unavailable:
                return
            except StoreError as fault:
                log.warning("the login of user %d is not stored: %s", user_id, fault)
            if self._waiting.get(user_id) == date:
                del self._waiting[user_id]
