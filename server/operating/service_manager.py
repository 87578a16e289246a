"""Tells systemd that a service of `Type=notify` is ready, alive or stopping; does nothing without systemd.

    notify("READY=1")
    watchdog = Watchdog(); watchdog.start(); ...; watchdog.close()

Thread rule: event loop only, because the watchdog is to notice when that is blocked.
"""

import os
import socket
from contextlib import suppress
from typing import Final

from tornado.ioloop import PeriodicCallback

from conf.numbers import read_number

_BEATS_PER_TIMEOUT: Final = 2  # keep-alive messages per WatchdogSec


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
    """Sends keep-alive messages as often as the unit's `WatchdogSec` demands."""

    def __init__(self) -> None:
        microseconds = read_number(os.environ.get("WATCHDOG_USEC", "")) or 0
        is_for_us = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._milliseconds = microseconds / 1000 / _BEATS_PER_TIMEOUT if is_for_us else 0
        self._timer: PeriodicCallback | None = None

    def start(self) -> None:
        if self._milliseconds:
            self._timer = PeriodicCallback(lambda: notify("WATCHDOG=1"), self._milliseconds)
            self._timer.start()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.stop()
