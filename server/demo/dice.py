"""Choices for one thing of the demonstration catalogue, the same on every machine.

A Dice is set to a number and then always gives the same choices. It uses
`random()` and `getrandbits()` alone, whose sequences every Python version keeps;
those of `choice()` and its like have changed before.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

# Another number here is another catalogue.
_SEED = 0xA3_0EBA << 64


class Dice:
    """Set one to its number with `set`; one thread at a time."""

    def __init__(self) -> None:
        self._random = Random()
        self.roll = self._random.random  # 0 <= roll() < 1
        self.bits = self._random.getrandbits

    def set(self, number: int, what: int = 0) -> None:
        """Start the sequence of thing number `number` of the kind `what`."""
        self._random.seed(_SEED + (what << 56) + number)

    def below(self, limit: int) -> int:
        return int(self.roll() * limit)

    def between(self, low: int, high: int) -> int:
        """Both ends included."""
        return low + int(self.roll() * (high - low + 1))

    def chance(self, share: float) -> bool:
        return self.roll() < share

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self.roll() * len(options))]

    def early(self, options: Sequence[T]) -> T:
        """One of the options, the first ones far more often."""
        roll = self.roll()
        return options[int(roll * roll * len(options))]

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """At most `count` different options, neighbours in a circle: cheap, and different enough."""
        if not count:
            return []
        length = len(options)
        start, step = self.below(length), 1 + 2 * self.below(max(1, length // 3))
        return list(dict.fromkeys(options[(start + place * step) % length] for place in range(count)))
