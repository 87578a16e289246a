"""Facet counts: how many of some rows have each value of a facet (contract/search.md 10).

    count_values(postings, rows, facet)  -> [("extension", 12), ("statictheme", 3)]

Event loop only.
"""

from collections.abc import Iterator
from heapq import nsmallest
from operator import itemgetter

from pyroaring import BitMap

from conf.limits import MAX_FACET_VALUES
from conf.vocabulary import IGNORED_TAGS
from index.columns.postings import Postings
from index.criteria.facets import Facet


def count_values(postings: Postings, rows: BitMap, facet: Facet) -> list[tuple[str, int]]:
    """Values with a count above 0, the most frequent first; ties by value."""
    counts = _counts(postings, rows, facet)
    return nsmallest(MAX_FACET_VALUES, filter(itemgetter(1), counts), key=lambda pair: (-pair[1], pair[0]))


def _counts(postings: Postings, rows: BitMap, facet: Facet) -> Iterator[tuple[str, int]]:
    for value, terms in facet.values:
        yield value, postings.any_of(terms).intersection_cardinality(rows)
    for term in postings.open_terms.with_prefix(facet.prefix) if facet.prefix else ():
        value = term.removeprefix(facet.prefix)
        if value not in IGNORED_TAGS:
            yield value, postings.count(term, rows)
