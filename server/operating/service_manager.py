"""Tells systemd that a service of `Type=notify` is ready, alive or about to stop; does nothing elsewhere.

    notify("READY=1")
    watchdog = Watchdog(); watchdog.start(); ...; watchdog.close()

Thread rule: event loop only, which is what the watchdog watches.
"""

import os
import socket
from contextlib import suppress
from typing import Final

from tornado.ioloop import PeriodicCallback

from conf.numbers import read_number

_OFTEN: Final = 2  # signs of life within the watchdog's time limit


def notify(state: str) -> None:
    """Send lines of `NAME=value` (sd_notify(3)); does nothing without NOTIFY_SOCKET."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
        connection.setblocking(False)
        connection.connect("\0" + address[1:] if address.startswith("@") else address)
        connection.send(state.encode())


class Watchdog:
    """Sends signs of life as often as the unit's `WatchdogSec` demands."""

    def __init__(self) -> None:
        time = read_number(os.environ.get("WATCHDOG_USEC", "")) or 0
        is_ours = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._milliseconds = time / 1000 / _OFTEN if is_ours else 0
        self._beat: PeriodicCallback | None = None

    def start(self) -> None:
        if self._milliseconds:
            self._beat = PeriodicCallback(lambda: notify("WATCHDOG=1"), self._milliseconds)
            self._beat.start()

    def close(self) -> None:
        if self._beat is not None:
            self._beat.stop()
