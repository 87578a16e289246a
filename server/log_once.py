"""Log lines that would repeat with every request: logs one of them, and the number that it suppressed.

    refused = LogOnce(log)
    refused.warning("%s needs MongoDB: %s", path, fault)

Event loop only.
"""

import logging
import time
from typing import Final

PAUSE: Final = 10.0  # seconds in which one line is enough


class LogOnce:
    """One line of a log in every `pause` seconds."""

    def __init__(self, log: logging.Logger, pause: float = PAUSE) -> None:
        self._log = log
        self._pause = pause
        self._next = 0.0
        self._suppressed = 0

    def warning(self, message: str, *values: object) -> None:
        """Log it now, or count it in the next line."""
        self._emit(logging.WARNING, message, values)

    def info(self, message: str, *values: object) -> None:
        """As `warning`."""
        self._emit(logging.INFO, message, values)

    def _emit(self, level: int, message: str, values: tuple[object, ...]) -> None:
        now = time.monotonic()
        if now < self._next:
            self._suppressed += 1
            return
        if self._suppressed:
            message, values = message + " (and %d times more before)", (*values, self._suppressed)
        self._log.log(level, message, *values)
        self._next, self._suppressed = now + self._pause, 0
