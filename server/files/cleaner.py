"""Removes unused files in the background. Every process runs it, and repeating it does no harm."""

import logging
from collections.abc import Callable
from typing import Final

from server.background.worker import Worker
from server.files.files import Files

log = logging.getLogger(__name__)

_INTERVAL: Final = 3600.0  # seconds


class FileCleaner(Worker):
    def __init__(self, files: Files, is_read_only: Callable[[], bool]) -> None:
        super().__init__("the cleaner of stored files", _INTERVAL, is_read_only)
        self._files = files

    async def work(self) -> None:
        if count := await self._files.remove_unused():
            log.info("removed %d stored files that nothing refers to", count)
