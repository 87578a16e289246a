"""The lag of the event loop: how late it runs a due callback, because something blocks it.

    lag = LoopLag(); lag.start(); ...; lag.close()

Thread rule: event loop only.
"""

import asyncio
from typing import Final

from server.telemetry.requests import Histogram

_INTERVAL: Final = 0.25  # seconds


class LoopLag:
    """Measures the lag in seconds, in `histogram`."""

    def __init__(self) -> None:
        self.histogram = Histogram()
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + _INTERVAL
        self._handle = loop.call_at(due, self._observe, due)

    def _observe(self, due: float) -> None:
        self.histogram.observe(asyncio.get_running_loop().time() - due)
        self.start()

    def close(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
