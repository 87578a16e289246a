"""Filters of a text search: the clauses of index/criteria/clauses.py as tantivy queries.

They never change a score. Any thread.
"""

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from tantivy import FieldType, Occur, Query

from index.criteria.clauses import AnyOf, Between, Clause, NoneOf, memory_size
from index.entry import NUMBERS
from index.text.queries import BooleanClauses, any_of, term_query
from index.text.schema import COMMON_TERMS, SCHEMA, WITHOUT, number_field

_MAX_CACHED: Final = 1000  # bytes of a clause; larger ones rarely come again
_MAX_INTEGER: Final = 2**63 - 1  # of an integer column
_TYPES: Final = {
    column: FieldType.Float if kind == "float64" else FieldType.Integer for column, kind in NUMBERS.items()
}


def filter_clauses(clauses: Iterable[Clause]) -> BooleanClauses:
    """What makes a boolean query match only add-ons that match all of these clauses.

    Raises KeyError for an unknown column, ValueError for one outside RANGED.
    """
    return [(_cached if memory_size((clause,)) <= _MAX_CACHED else _clause)(clause) for clause in clauses]


def _clause(clause: Clause) -> tuple[Occur, Query]:
    if isinstance(clause, NoneOf):
        return Occur.MustNot, _any_term(clause.terms)
    if isinstance(clause, AnyOf):
        if len(clause.terms) == 1 and clause.terms[0] in COMMON_TERMS:
            return Occur.MustNot, term_query("terms", WITHOUT + clause.terms[0])
        return Occur.Must, Query.const_score_query(_any_term(clause.terms), 0.0)
    return Occur.Must, Query.const_score_query(_range_query(clause), 0.0)


_cached = lru_cache(maxsize=1024)(_clause)


def _any_term(terms: tuple[str, ...]) -> Query:
    if not terms:
        return Query.empty_query()
    return any_of([(Occur.Should, term_query("terms", term)) for term in terms])


def _range_query(clause: Between) -> Query:
    field = number_field(clause.column)
    if clause.low is None and clause.high is None:
        return Query.exists_query(field)
    kind = _TYPES[clause.column]
    low: Any = clause.low
    high: Any = clause.high
    if kind == FieldType.Float:
        low, high = (None if bound is None else float(bound) for bound in (low, high))
    else:
        if (low is not None and low > _MAX_INTEGER) or (high is not None and high < -_MAX_INTEGER):
            return Query.empty_query()
        low = None if low is None else math.ceil(max(low, -_MAX_INTEGER))
        high = None if high is None else math.floor(min(high, _MAX_INTEGER))
    if low is not None and high is not None and low > high:
        return Query.empty_query()
    return Query.range_query(SCHEMA, field, kind, low, high)
