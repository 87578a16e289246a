"""How many of some rows have each value of a facet (contract/search.md 10).

    count_values(postings, rows, facet)  -> [("extension", 12), ("statictheme", 3)]

Event loop only.
"""

from collections.abc import Iterator
from heapq import nsmallest

from pyroaring import BitMap

from conf.limits import MAX_FACET_VALUES
from conf.vocabulary import IGNORED_TAGS
from index.columns.postings import Postings
from index.search_params.facets import Facet


def count_values(postings: Postings, rows: BitMap, facet: Facet) -> list[tuple[str, int]]:
    """The values that any of the rows has, the most frequent ones first; equal counts by value."""
    counted = _open(postings, rows, facet.prefix) if facet.prefix else _known(postings, rows, facet)
    present = (pair for pair in counted if pair[1])
    return nsmallest(MAX_FACET_VALUES, present, key=lambda pair: (-pair[1], pair[0]))


def _known(postings: Postings, rows: BitMap, facet: Facet) -> Iterator[tuple[str, int]]:
    for value, terms in facet.values:
        yield value, postings.any_of(terms).intersection_cardinality(rows)


def _open(postings: Postings, rows: BitMap, prefix: str) -> Iterator[tuple[str, int]]:
    for term in postings.open_terms.of(prefix):
        value = term.removeprefix(prefix)
        if value not in IGNORED_TAGS:
            yield value, postings.count(term, rows)
