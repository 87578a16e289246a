"""Parses thresholds as ranges of a column: `users=5`, `ratings__gte=4.5`, `created__lt=2024-05-01`.

A value is read as a span: a number is one point, a date the whole day
(contract/search.md 2.3). The suffix says on which side of the span the range lies.
Ranges are closed, so "below" means the next smaller number. Pure functions.
"""

import math
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from conf.numbers import read_number
from index.criteria.clauses import Between

Number = int | float
ValueRange = tuple[Number, Number]

_DAY: Final = 24 * 3600 * 1000

_DECIMAL: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# The API's own dates end in Z, and callers may send them back unchanged.
_DATE_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?Z?")


def count_span(text: str) -> ValueRange | None:
    """A value of `users`: digits only, so neither -1 nor 1.5."""
    number = read_number(text)
    return None if number is None else (number, number)


def rating_span(text: str) -> ValueRange | None:
    """A value of `ratings`: an integer or decimal, possibly negative, without exponent; no nan."""
    if not _DECIMAL.fullmatch(text):
        return None
    number = float(text)
    return number, number


def date_span(text: str) -> ValueRange | None:
    """A value of `created` or `updated`: milliseconds since 1970, a date, or a date-time in UTC."""
    number = read_number(text)
    if number is not None:
        return number, number
    try:
        if _DATE.fullmatch(text):
            day = date.fromisoformat(text)
            start = _milliseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))
            return start, start + _DAY - 1
        if _DATE_TIME.fullmatch(text):
            instant = _milliseconds(datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=UTC))
            return instant, instant
    except ValueError:  # the 30th of February
        return None
    return None


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000


def _above(number: Number) -> Number:
    return number + 1 if isinstance(number, int) else math.nextafter(number, math.inf)


def _below(number: Number) -> Number:
    return number - 1 if isinstance(number, int) else math.nextafter(number, -math.inf)


Range = tuple[Number | None, Number | None]

# Suffix -> the range for a span, in the order of evaluation (contract/search.md 2.1).
SIDES: Final[dict[str, Callable[[ValueRange], Range]]] = {
    "__lt": lambda span: (None, _below(span[0])),
    "__lte": lambda span: (None, span[1]),
    "__gt": lambda span: (_above(span[1]), None),
    "__gte": lambda span: (span[0], None),
    "": lambda span: span,
}


class Threshold(NamedTuple):
    """A parameter that compares a number, with its five suffixes (contract/search.md 2.3)."""

    parameter: str
    column: str  # of entry.NUMBERS
    read: Callable[[str], ValueRange | None]

    def spellings(self) -> Iterator[str]:
        """The names of its five parameters, in the order of evaluation."""
        return (self.parameter + suffix for suffix in SIDES)

    def clause(self, spelling: str, value: str) -> Between | None:
        """The range of one spelling ("users__gt"); None for a value that cannot be read."""
        span = self.read(value)
        if span is None:
            return None
        return Between(self.column, *SIDES[spelling.removeprefix(self.parameter)](span))


RATINGS: Final = Threshold("ratings", "average", rating_span)
USERS: Final = Threshold("users", "users", count_span)
CREATED: Final = Threshold("created", "created", date_span)
UPDATED: Final = Threshold("updated", "updated", date_span)
