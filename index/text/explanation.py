"""Why add-ons stand where they do in a search: what each tier of the query earns them.

A score is the sum of the points of all tiers, times popularity; the points of words that stand together come
after that, for the first ten (contract/search.md 7). Each tier is asked for alone, of the few add-ons to be
explained, so that nothing is computed in another way than the search does.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, cast

from tantivy import Occur, Query, Searcher

from index.text.fuzzy import FuzzyNames
from index.text.query import TextQuery
from index.text.ranking import BOOSTS, Ranking, term
from index.text.relaxation import Relaxation

NAME_AS_WRITTEN: Final = "the name as written"
SPELLED_LIKEWISE: Final = "spelled likewise"
SOME_WORDS: Final = "some of the words, or synonyms"
# From these points on it can be nothing else.
_TOP: Final = BOOSTS["same name"]

Relaxed = tuple[Relaxation, FuzzyNames, bool]


class Points(NamedTuple):
    """What an add-on has of a search."""

    popularity: float  # the factor
    tiers: dict[str, float]  # by name: points, those that earn some
    together: float  # where words stand together; not times popularity

    @property
    def score(self) -> float:
        return sum(self.tiers.values()) * self.popularity + self.together


class Explanation:
    """Of one search."""

    def __init__(
        self, searcher: Searcher, question: TextQuery, ranking: Ranking, relaxed: Relaxed | None
    ) -> None:
        """`relaxed`: what asks where few match exactly, and whether any do. Event loop."""
        self._searcher = searcher
        self._tiers = ranking.tiers(question)
        if relaxed:
            relaxation, fuzzy, any_exact = relaxed
            some, whole = relaxation.clauses(question, mends=not any_exact)
            self._tiers = ranking.tiers(question, whole) if any_exact else {}
            self._tiers[SPELLED_LIKEWISE] = fuzzy.clauses(question, beside=any_exact, whole=whole)
            self._tiers[SOME_WORDS] = some
        self._phrases = [Query.boost_query(query, boost) for query, boost in ranking.phrases(question)]

    def of(self, ids: Sequence[int]) -> dict[int, Points]:
        """By id, of those that are in the index. Any thread; it takes some tens of searches."""
        few = Query.boolean_query([(Occur.Should, term("terms", f"id:{one}")) for one in ids])
        self._few = Query.const_score_query(few, 0.0)
        factors = self._points(Query.const_score_query(Query.all_query(), 1.0), ids, weight_by_field="weight")
        found: dict[int, dict[str, float]] = {id_: {} for id_ in factors}
        for tier, clauses in self._tiers.items():
            for _, query in clauses:
                for id_, points in self._points(query, ids).items():
                    name = NAME_AS_WRITTEN if points >= _TOP else tier
                    found[id_][name] = found[id_].get(name, 0.0) + points
        together: defaultdict[int, float] = defaultdict(float)
        for query in self._phrases:
            for id_, points in self._points(query, ids).items():
                together[id_] += points
        return {
            id_: Points(factor, found[id_], together[id_] if found[id_] else 0.0)
            for id_, factor in factors.items()
        }

    def _points(self, query: Query, ids: Sequence[int], **options: Any) -> dict[int, float]:
        """What it alone earns each of these add-ons."""
        asked = Query.boolean_query([(Occur.Must, self._few), (Occur.Must, query)])
        hits: Any = self._searcher.search(asked, max(len(ids), 1), count=False, **options).hits
        if not hits:
            return {}
        found = cast(list[int], self._searcher.fast_field_values("id", [address for _, address in hits]))
        return dict(zip(found, [score for score, _ in hits], strict=True))
