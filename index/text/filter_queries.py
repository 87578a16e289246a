"""Filters inside a text search: the clauses of index/criteria/clauses.py as tantivy queries.

They never touch the score. Any thread.
"""

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from tantivy import FieldType, Occur, Query

from index.criteria.clauses import AnyOf, Between, Clause, NoneOf, memory_size
from index.entry import NUMBERS
from index.text.schema import LACKING, SCHEMA, USUAL, field_of

BooleanClauses = list[tuple[Occur, Query]]

_SMALL: Final = 1000  # bytes of a clause that many searches have in common
_GREATEST: Final = 2**63 - 1  # of an integer column
_TYPES: Final = {
    column: FieldType.Float if kind == "float64" else FieldType.Integer for column, kind in NUMBERS.items()
}


def narrowing(clauses: Iterable[Clause]) -> BooleanClauses:
    """What to add to a boolean query so that only add-ons with all of them match.

    Raises KeyError for a column that is none, ValueError for one that has no ranges.
    """
    return [(_remembered if memory_size((clause,)) <= _SMALL else _narrow)(clause) for clause in clauses]


def _narrow(clause: Clause) -> tuple[Occur, Query]:
    if isinstance(clause, NoneOf):
        return Occur.MustNot, _any(clause.terms)
    if isinstance(clause, AnyOf):
        if len(clause.terms) == 1 and clause.terms[0] in USUAL:
            return Occur.MustNot, _term(LACKING + clause.terms[0])
        return Occur.Must, Query.const_score_query(_any(clause.terms), 0.0)
    return Occur.Must, Query.const_score_query(_between(clause), 0.0)


_remembered = lru_cache(maxsize=1024)(_narrow)


def _term(value: str) -> Query:
    return Query.term_query(SCHEMA, "terms", value, "basic")


def _any(terms: tuple[str, ...]) -> Query:
    if not terms:
        return Query.empty_query()
    if len(terms) == 1:
        return _term(terms[0])
    return Query.boolean_query([(Occur.Should, _term(value)) for value in terms])


def _between(clause: Between) -> Query:
    field = field_of(clause.column)
    if clause.low is None and clause.high is None:
        return Query.exists_query(field)
    kind = _TYPES[clause.column]
    low: Any = clause.low
    high: Any = clause.high
    if kind == FieldType.Float:
        low, high = (None if bound is None else float(bound) for bound in (low, high))
    else:
        if (low is not None and low > _GREATEST) or (high is not None and high < -_GREATEST):
            return Query.empty_query()
        low = None if low is None else math.ceil(max(low, -_GREATEST))
        high = None if high is None else math.floor(min(high, _GREATEST))
    if low is not None and high is not None and low > high:
        return Query.empty_query()
    return Query.range_query(SCHEMA, field, kind, low, high)
