"""Formats durations, sizes and dates for people. Pure; any thread."""

import time
from typing import Final

_UNITS: Final = ((86_400, "days"), (3600, "hours"), (60, "minutes"))
_SIZES: Final = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def duration(seconds: float) -> str:
    """The duration in its largest unit of which it has at least two."""
    for length, unit in _UNITS:
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def size(count: float) -> str:
    """A number of bytes."""
    for length, unit in _SIZES:
        if count >= length:
            return f"{count / length:.1f} {unit}"
    return f"{count:.0f} bytes"


def moment(seconds: float) -> str:
    """Date and time of day, UTC."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))
