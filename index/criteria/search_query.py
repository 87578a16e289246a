"""What a search asks of the index."""

from dataclasses import dataclass

from index.criteria.clauses import Clause, Fits
from index.criteria.facets import Facet
from index.criteria.sorting import BY_RELEVANCE, Sort


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What a search asks; hashable, so it can key a cache."""

    q: str | None  # lower-cased; None when absent or empty
    clauses: tuple[Clause, ...]  # all must hold
    sort: Sort
    rescore: bool  # look again at the top results (contract/search.md 7.2)
    completes: bool = False  # autocomplete: the text may go on, and nobody is told how many match
    suggests: bool = False  # the answer says what the text may have been meant for
    facets: tuple[Facet, ...] = ()  # what all results are counted by
    fits: Fits | None = None  # must hold as well; each result is shown with a version that does

    @property
    def by_relevance(self) -> bool:
        """Whether relevance alone decides the order."""
        return self.sort == BY_RELEVANCE
