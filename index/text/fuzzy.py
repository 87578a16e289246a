"""Fuzzy matches of names, and spelling corrections of words: for queries with few exact matches.

    fuzzy = FuzzyNames(names, words)
    fuzzy.clauses(query, has_exact=False, full_score=90.0)  -> names one edit away
    fuzzy.corrections("bloker")         -> ["blocker"]
    fuzzy.fallback_clauses(query)       -> for queries without any other match

Clause 6 of contract/search.md 7, extended: any letter may be wrong, and two neighbours may be swapped.
Similar words come from our own dictionary, not from tantivy's automata, which take milliseconds for a
short word. Event loop only.
"""

from functools import lru_cache
from typing import Final

from tantivy import Occur, Query

from index.text import analysis
from index.text.fuzzy_dictionary import FuzzyDictionary
from index.text.name_forms import trigrams
from index.text.queries import BooleanClauses, scored, term_query
from index.text.query_parser import TextQuery
from index.text.ranking import MIN_JOINED

_EDIT_BOOSTS: Final = {1: 2000.0, 2: 400.0}  # by edit distance
_TRIGRAM_BOOST: Final = 10.0
_SCORE_BESIDE_EXACT: Final = 0.002
_MAX_TRIGRAM_QUERY: Final = 20  # characters, as AMO
_MIN_TWO_EDITS: Final = 8  # letters of a whole name
_MIN_CORRECTED: Final = 3  # letters of a word
_MIN_CORRECTED_TWO_EDITS: Final = 8
_MAX_NAMES: Final = 48
_MAX_CORRECTIONS: Final = 12


class FuzzyNames:
    def __init__(self, names: FuzzyDictionary, words: FuzzyDictionary) -> None:
        self._names = names
        self._words = words
        self._corrections = lru_cache(maxsize=4096)(self._find_corrections)

    def clauses(self, query: TextQuery, *, has_exact: bool, full_score: float) -> BooleanClauses:
        """Names one edit away. They score as much as a full match of the relaxed query, so that popularity
        decides; where the query has exact matches, next to nothing.
        """
        score = _SCORE_BESIDE_EXACT if has_exact else full_score or _EDIT_BOOSTS[1]
        return self._similar_names(query.joined, 1, score / _EDIT_BOOSTS[1])

    def fallback_clauses(self, query: TextQuery) -> BooleanClauses:
        """Names two edits away, or with three quarters of the trigrams of a short query (clause 6b)."""
        joined = query.joined
        clauses = self._similar_names(joined, 2) if len(joined) >= _MIN_TWO_EDITS else []
        grams = list(dict.fromkeys(trigrams(joined)))
        if grams and len(query.exact) < _MAX_TRIGRAM_QUERY:
            optional: BooleanClauses = [(Occur.Should, term_query("grams", gram)) for gram in grams]
            required = max(1, len(grams) * 3 // 4)
            most_grams = Query.boolean_query(optional, minimum_number_should_match=required)
            clauses.append(scored(_TRIGRAM_BOOST, most_grams))
        return clauses

    def corrections(self, word: str) -> list[str]:
        """Words of names that may be meant by this one."""
        return self._corrections(word, self._words.version)

    def _similar_names(self, joined: str, edits: int, scale: float = 1.0) -> BooleanClauses:
        names = self._names.find(joined, edits) if len(joined) >= MIN_JOINED else []
        return [
            scored(scale * _EDIT_BOOSTS[distance], term_query("joined", name))
            for name, distance in names[:_MAX_NAMES]
        ]

    def _find_corrections(self, word: str, version: int) -> list[str]:
        """`version` is only there for the cache: new words may be better corrections."""
        if len(word) < _MIN_CORRECTED or analysis.is_unspaced(word):
            return []
        similar = self._words.find(word, 1)
        if not similar and len(word) >= _MIN_CORRECTED_TWO_EDITS and word not in self._words:
            similar = [(other, edits) for other, edits in self._words.find(word, 2) if other[0] == word[0]]
        return [other for other, _ in similar[:_MAX_CORRECTIONS]]
