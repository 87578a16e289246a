"""Background work in rounds, but in none while the site is read-only; no exception of a round ends it.

    class Sender(Worker): ...      # with `work`, one round
    sender.start(); await sender.close()

Thread rule: event loop only.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from server.errors import Busy, ReadOnly, StoreError

log = logging.getLogger(__name__)


class Worker:
    """A background task; `start` does nothing unless it is `enabled`."""

    def __init__(self, name: str, interval: float, is_read_only: Callable[[], bool]) -> None:
        """`name` for the log; `interval`: seconds between two rounds."""
        self._name = name
        self._interval = interval
        self._is_read_only = is_read_only
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._waits_for_store = False  # logged once

    @property
    def enabled(self) -> bool:
        return True

    async def work(self) -> None:
        """One round; it may be cancelled."""
        raise NotImplementedError

    def start(self) -> None:
        if self.enabled:
            self._task = asyncio.create_task(self._run(), name=self._name)

    async def close(self) -> None:
        """Cancel the round, and end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._interval):
                    await self._woken.wait()
            self._woken.clear()
            await self.run_once()

    def wake(self) -> None:
        """Begin the next round now, or right after the current one."""
        self._woken.set()

    async def run_once(self) -> None:
        try:
            if not self._is_read_only():
                await self.work()
            self._waits_for_store = False
        except (ReadOnly, Busy):
            pass  # read-only mode began in the middle of a round, or callers have all slots
        except StoreError as fault:
            if not self._waits_for_store:
                log.warning("%s has to wait for MongoDB: %s", self._name, fault)
            self._waits_for_store = True
        except Exception:  # the worker must go on
            log.exception("a round of %s failed", self._name)
