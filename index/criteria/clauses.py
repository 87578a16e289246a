"""Filter clauses: what a search parameter requires of an add-on, as data.

A parameter becomes one or more clauses, all of which must match. `index/columns/columns.py`
evaluates them for searches without a text query, `index/text/engine.py` for those with one.
`index/entry.py` defines the terms and numbers of an add-on.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The add-on has at least one of these terms; without terms it matches nothing."""

    terms: tuple[str, ...]

    def __str__(self) -> str:
        return " or ".join(self.terms) or "nothing"


@dataclass(frozen=True, slots=True)
class NoneOf:
    """The add-on has none of these terms."""

    terms: tuple[str, ...]

    def __str__(self) -> str:
        return f"not {', not '.join(self.terms)}"


@dataclass(frozen=True, slots=True)
class Between:
    """low <= column <= high; None is an open end."""

    column: str
    low: float | int | None
    high: float | int | None

    def __str__(self) -> str:
        bounds = (("from", self.low), ("to", self.high))
        return " ".join([self.column, *(f"{word} {bound}" for word, bound in bounds if bound is not None)])


Clause = AnyOf | NoneOf | Between


@dataclass(frozen=True, slots=True)
class Fits:
    """A public listed version of the add-on, current or not, is compatible with this application version.

    Not a clause itself: its terms depend on the ranges that add-ons have at the time (compatibility.py).
    """

    app: str
    low: int  # conf/appversion.py: search_range
    high: int


def memory_size(clauses: Iterable[Clause]) -> int:
    """Bytes of clauses in a cache's key: callers decide how many terms there are, and how long."""
    size = 0
    for clause in clauses:
        size += 100
        if isinstance(clause, AnyOf | NoneOf):
            size += 60 * len(clause.terms) + sum(map(len, clause.terms))
    return size
