"""Explains the scores of add-ons in a search, tier by tier.

A score is the sum over all tiers, times popularity, plus phrase scores in the rescoring window
(contract/search.md 7). Each clause runs as a query of its own on the add-ons to explain, so that scores are
computed exactly as in the search.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from tantivy import Occur, Query, Searcher

from index.text.queries import BooleanClauses, ids_query, scores_by_id
from index.text.ranking import BOOSTS

NAME_AS_WRITTEN: Final = "the name as written"

_SAME_NAME: Final = BOOSTS["same name"]  # only the clause with this boost scores as much


class ScoreBreakdown(NamedTuple):
    popularity: float  # the factor
    tiers: dict[str, float]  # scores by tier; without tiers that do not match
    together: float  # of phrases, not times popularity

    @property
    def score(self) -> float:
        return sum(self.tiers.values()) * self.popularity + self.together


class Explanation:
    """Of a search, from its clauses by tier and its phrases for rescoring."""

    def __init__(
        self, searcher: Searcher, tiers: dict[str, BooleanClauses], phrases: list[tuple[Query, float]]
    ) -> None:
        self._searcher = searcher
        self._tiers = tiers
        self._phrases = [Query.boost_query(phrase, boost) for phrase, boost in phrases]

    def explain(self, ids: Sequence[int]) -> dict[int, ScoreBreakdown]:
        """By id, without ids that are not in the index. Any thread; takes some tens of searches."""
        everything = Query.const_score_query(Query.all_query(), 1.0)
        factors = self._scores(everything, ids, weight_by_field="weight")
        tiers: dict[int, dict[str, float]] = {id_: {} for id_ in factors}
        for tier, clauses in self._tiers.items():
            for _, query in clauses:
                for id_, score in self._scores(query, ids).items():
                    name = NAME_AS_WRITTEN if score >= _SAME_NAME else tier
                    tiers[id_][name] = tiers[id_].get(name, 0.0) + score
        together: defaultdict[int, float] = defaultdict(float)
        for query in self._phrases:
            for id_, score in self._scores(query, ids).items():
                together[id_] += score
        return {
            id_: ScoreBreakdown(factor, tiers[id_], together[id_] if tiers[id_] else 0.0)
            for id_, factor in factors.items()
        }

    def _scores(self, query: Query, ids: Sequence[int], **options: Any) -> dict[int, float]:
        """The scores of a query by id, for these add-ons."""
        filtered = Query.boolean_query([(Occur.Must, ids_query(ids)), (Occur.Must, query)])
        return scores_by_id(self._searcher, filtered, max(len(ids), 1), **options)
