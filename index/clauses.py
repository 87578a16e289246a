"""Filters as data: what a search parameter asks of an add-on.

A parameter becomes one or more clauses, all of which must hold. Two evaluators
read them: `columns.py` (no text query) and `engine.py` (with one). Which terms
and numbers an add-on has is said once, in `entry.py`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The add-on has at least one of these terms; no terms match nothing."""

    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """The add-on has none of these terms."""

    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """low <= column <= high; None is an open end."""

    column: str
    low: float | int | None
    high: float | int | None


Clause = AnyOf | NoneOf | Between
