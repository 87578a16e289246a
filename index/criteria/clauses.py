"""Filters as data: what a search parameter asks of an add-on.

A parameter becomes one or more clauses, all of which must hold. Two evaluators
read them: `index/columns/columns.py` (no text query) and `index/text/engine.py` (with one). Which terms
and numbers an add-on has is said once, in `index/entry.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The add-on has at least one of these terms; no terms match nothing."""

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
    """A public listed version of the add-on, current or not, is for this version of the application.

    No clause: which versions add-ons have decides which terms it asks for (compatibility.py).
    """

    app: str
    low: int  # conf/appversion.py: search_range
    high: int


def size_of(clauses: Iterable[Clause]) -> int:
    """Bytes that a cache holds for clauses in its keys: callers choose how many terms, and how long ones."""
    size = 0
    for clause in clauses:
        size += 100
        if isinstance(clause, AnyOf | NoneOf):
            size += 60 * len(clause.terms) + sum(map(len, clause.terms))
    return size
