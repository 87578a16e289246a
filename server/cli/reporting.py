"""Reports the progress of long work on standard error, so that pipes stay clean.

    with ProgressReporter("reading the catalogue", total=60_000, unit="add-ons") as reporter:
        reporter.progress(250)

On a terminal it shows a progress bar. Otherwise it prints lines: the first within a second,
even if nothing is done by then, and further ones at growing intervals.

Thread rule: event loop only.
"""

import asyncio
import os
import sys
import time
from datetime import timedelta
from typing import Any, Final, Self

_FIRST_PAUSE: Final = 0.9  # seconds until the first line
_MAX_PAUSE: Final = 10.0  # seconds between lines at most


class ProgressReporter:
    """A context; `total` is the number of `unit`, None if it is unknown.

    For input from files, `total` and the position are bytes instead (`progress`).
    `writes_output`: the command writes to standard output. If that is a terminal, nothing is reported,
    because the output shows the progress by itself.
    `estimated`: lines have the speed and the remaining time, as a bar always has.
    """

    def __init__(
        self,
        title: str,
        total: int | None = None,
        unit: str = "records",
        *,
        writes_output: bool = False,
        estimated: bool = False,
    ) -> None:
        self._is_silent = writes_output and sys.stdout.isatty()
        self._title = title
        self._total = total
        self._unit = unit
        self._is_estimated = estimated
        self._started = time.monotonic()
        self._bar: Any = None
        self.done = 0
        self.faults = 0
        self._position = 0
        self._pause = _FIRST_PAUSE
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        if self._is_silent:
            return self
        if sys.stderr.isatty():
            from tqdm import tqdm  # not needed without a terminal

            # tqdm shows nothing on a terminal of unknown size, such as a container's.
            columns, lines = os.get_terminal_size(sys.stderr.fileno())
            self._bar = tqdm(
                total=self._total,
                desc=self._title,
                unit_scale=True,
                file=sys.stderr,
                leave=False,
                ncols=(columns or 80) - 1,
                nrows=lines or 25,
            )
        self._timer = asyncio.get_running_loop().call_later(self._pause, self._print_progress)
        return self

    def __exit__(self, *fault: object) -> None:
        if self._timer:
            self._timer.cancel()
        if self._bar is not None:  # not `if self._bar`, which needs its total, and that may be None
            self._bar.close()

    def print_line(self, text: str) -> None:
        """Print a line without disturbing the bar."""
        write = self._bar.write if self._bar is not None else print
        write(text, file=sys.stderr)

    def report_fault(self, location: str, reason: str) -> None:
        self.faults += 1
        self.print_line(f"{location}: {reason}")

    def progress(self, count: int, position: int | None = None) -> None:
        """`count` more are done; `position` is the progress if `total` has another unit."""
        self.done += count
        self._position = self.done if position is None else position
        if self._bar is not None:
            if position is not None:
                self._bar.set_postfix_str(f"{self.done} {self._unit}", refresh=False)
            self._bar.update(self._position - self._bar.n)

    def _print_progress(self) -> None:
        if self._bar is not None:
            self._bar.refresh()  # so that the elapsed time goes on
        else:
            share = f", {100 * self._position // self._total} %" if self._total else ""
            self.print_line(f"{self._title}: {self.done} {self._unit}{share}{self._estimate()}")
        self._pause = min(self._pause * 2, _MAX_PAUSE) if self._bar is None else _FIRST_PAUSE
        self._timer = asyncio.get_running_loop().call_later(self._pause, self._print_progress)

    def _estimate(self) -> str:
        rate = self.done / max(time.monotonic() - self._started, 0.001)
        if not (self._is_estimated and rate):
            return ""
        left = "" if self._total is None else f", {_duration((self._total - self._position) / rate)} left"
        return f", {rate:.1f} a second{left}"


def _duration(seconds: float) -> str:
    """The time as hours, minutes and seconds."""
    return str(timedelta(seconds=max(0, round(seconds))))
