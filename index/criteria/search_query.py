"""A search request, as the index takes it."""

from dataclasses import dataclass

from index.criteria.clauses import Clause, Fits
from index.criteria.facets import Facet
from index.criteria.sorting import BY_RELEVANCE, Sort


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Hashable, so it can key a cache."""

    q: str | None  # lower-cased; None when absent or empty
    clauses: tuple[Clause, ...]  # all must match
    sort: Sort
    rescore: bool  # the top hits by phrases (contract/search.md 7.2)
    autocomplete: bool = False  # `q` may be a prefix, and hits are not counted
    suggest: bool = False  # another spelling of `q` where nothing matches
    facets: tuple[Facet, ...] = ()
    fits: Fits | None = None  # must match as well; hits have the newest version that fits

    @property
    def by_relevance(self) -> bool:
        """Whether relevance is the only sort key."""
        return self.sort == BY_RELEVANCE
