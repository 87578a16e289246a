"""The tantivy queries that all parts of a text search are built from. Any thread."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, cast

from tantivy import DocAddress, Occur, Query, Searcher

from index.text.schema import SCHEMA

BooleanClauses = list[tuple[Occur, Query]]

MAX_CACHED: Final = 8_192  # of single terms: queries, and counts (ranking.py)


def term_query(field: str, value: str) -> Query:
    return Query.term_query(SCHEMA, field, value, "basic")


@lru_cache(maxsize=MAX_CACHED)
def word_query(field: str, value: str) -> Query:
    """A cached `term_query` for words, which many queries share; scores by term frequency, too."""
    return Query.term_query(SCHEMA, field, value, "freq")


def ids_query(ids: Iterable[int]) -> Query:
    """These add-ons, with a score of 0."""
    any_id = Query.boolean_query([(Occur.Should, term_query("terms", f"id:{id_}")) for id_ in ids])
    return Query.const_score_query(any_id, 0.0)


def rescore_query(ids: list[int], phrases: list[tuple[Query, float]]) -> Query:
    """These add-ons, scored by the phrases.

    Each phrase is an optional clause of its own, so that only these add-ons are checked for
    it: a union of the phrases would be evaluated over long ranges of the index.
    """
    query = ids_query(ids)
    for phrase, boost in phrases:
        query = Query.boolean_query([(Occur.Must, query), (Occur.Should, Query.boost_query(phrase, boost))])
    return query


def scored(score: float, query: Query) -> tuple[Occur, Query]:
    """An optional clause with a constant score."""
    return Occur.Should, Query.const_score_query(query, score)


def any_of(clauses: BooleanClauses) -> Query:
    return clauses[0][1] if len(clauses) == 1 else Query.boolean_query(clauses)


def all_of(queries: list[Query]) -> Query:
    return (
        queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Must, query) for query in queries])
    )


def best_of(queries: list[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.disjunction_max_query(queries)


def hit_ids(searcher: Searcher, hits: list[tuple[Any, DocAddress]]) -> list[int]:
    addresses = [address for _, address in hits]
    return cast(list[int], searcher.fast_field_values("id", addresses)) if hits else []


def scores_by_id(searcher: Searcher, query: Query, limit: int, **options: Any) -> dict[int, float]:
    hits: Any = searcher.search(query, limit, count=False, **options).hits
    return dict(zip(hit_ids(searcher, hits), [score for score, _ in hits], strict=True))
