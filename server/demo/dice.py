"""Choices and dates of the demonstration catalogue, the same on every machine.

A Dice is seeded with a number and then always makes the same choices. It uses only
`random()` and `getrandbits()`, whose sequences every Python version keeps; those
of `choice()` and the like have changed before. A date is a day since 2005, with
its fraction, and becomes the string of the model.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Final, TypeVar

T = TypeVar("T")

# Another seed makes another catalogue.
_SEED = 0xA3_0EBA << 64
_FIRST: Final = date(2005, 1, 1)
_LAST: Final = date(2025, 10, 31)
DAYS: Final = (_LAST - _FIRST).days + 1  # a day is a number from 0 below DAYS
_DAY_NAMES: Final = tuple((_FIRST + timedelta(days=day)).isoformat() for day in range(DAYS))
_MINUTES: Final = 24 * 60
_SECONDS: Final = DAYS * _MINUTES * 60
_MINUTE_NAMES: Final = tuple(f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(_MINUTES))
_SECOND_NAMES: Final = tuple(f"{second:02}Z" for second in range(60))


class Dice:
    """Call `set` first; one thread at a time."""

    def __init__(self) -> None:
        self._random = Random()
        self.roll = self._random.random  # 0 <= roll() < 1
        self.bits = self._random.getrandbits

    def seed(self, number: int, kind: int = 0) -> None:
        """Start the sequence of object `number` of a kind."""
        self._random.seed(_SEED + (kind << 56) + number)

    def below(self, limit: int) -> int:
        return int(self.roll() * limit)

    def between(self, low: int, high: int) -> int:
        """Both ends included."""
        return low + int(self.roll() * (high - low + 1))

    def chance(self, share: float) -> bool:
        return self.roll() < share

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self.roll() * len(options))]

    def pick_early(self, options: Sequence[T]) -> T:
        """One of the options; the first ones are far more likely."""
        roll = self.roll()
        return options[int(roll * roll * len(options))]

    def sample(self, options: Sequence[T], count: int) -> list[T]:
        """At most `count` different options: every n-th of them, which is cheap and varied enough."""
        if not count:
            return []
        length = len(options)
        start, step = self.below(length), 1 + 2 * self.below(max(1, length // 3))
        return list(dict.fromkeys(options[(start + index * step) % length] for index in range(count)))


def format_day(day: float) -> str:
    """The date of a day and its fraction, within the catalogue's first and last date."""
    second = int(day * 86400)
    if not 0 <= second < _SECONDS:
        second = 0 if second < 0 else _SECONDS - 1
    minute = second // 60
    return _DAY_NAMES[minute // _MINUTES] + _MINUTE_NAMES[minute % _MINUTES] + _SECOND_NAMES[second % 60]


def first_day(year: int) -> int:
    """The day on which a year begins."""
    return (date(year, 1, 1) - _FIRST).days
