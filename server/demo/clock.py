"""Dates of the demonstration catalogue: days since 2005, as the strings the model keeps."""

from datetime import date, timedelta
from typing import Final

_FIRST: Final = date(2005, 1, 1)
_LAST: Final = date(2025, 10, 31)
DAYS: Final = (_LAST - _FIRST).days + 1  # a day is a number from 0 below DAYS
_DAY_NAMES: Final = tuple((_FIRST + timedelta(days=day)).isoformat() for day in range(DAYS))
_MINUTES: Final = 24 * 60
_SECONDS: Final = DAYS * _MINUTES * 60
_MINUTE_NAMES: Final = tuple(f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(_MINUTES))
_SECOND_NAMES: Final = tuple(f"{second:02}Z" for second in range(60))


def moment(day: float) -> str:
    """The date of a day and its fraction; the catalogue's first or last moment beyond its ends."""
    second = int(day * 86400)
    if not 0 <= second < _SECONDS:
        second = 0 if second < 0 else _SECONDS - 1
    minute = second // 60
    return _DAY_NAMES[minute // _MINUTES] + _MINUTE_NAMES[minute % _MINUTES] + _SECOND_NAMES[second % 60]


def start_of(year: int) -> int:
    """The day a year begins."""
    return (date(year, 1, 1) - _FIRST).days
