"""Autocomplete: names that complete a single word (contract/search.md 7.6).

    completion = Completion(ranking)
    completion.prefix_clauses(query)  -> names in which any word has the prefix
    completion.infix_clauses(query)   -> names that contain the letters anywhere

Scores differ little, so that popularity decides, which multiplies them (ranking.py). Event loop only.
"""

from typing import Final

from tantivy import Occur, Query

from index.text import name_forms
from index.text.queries import BooleanClauses, all_of, best_of, scored, term_query, word_query
from index.text.query_parser import TextQuery
from index.text.ranking import BOOSTS, Ranking
from index.text.schema import SCHEMA

_MIN_JOINED: Final = 4  # letters of a prefix that may span words
# Added to the score 1.0 of a prefix: for a whole word, and for the first word of a name, by the number of
# letters typed. One to three letters say little, so popularity has to decide.
_WHOLE_WORD: Final = 0.05
_FIRST_WORD: Final = (0.1, 0.1, 0.15, 0.4)


class Completion:
    def __init__(self, ranking: Ranking) -> None:
        self._ranking = ranking

    def prefix_clauses(self, query: TextQuery) -> BooleanClauses:
        """Empty for several words."""
        if len(query.typed) != 1:
            return []
        word, count = query.typed[0], self._ranking.count
        prefixes = [prefix] if (prefix := self._ranking.word_prefix(word)) else []
        if len(word) >= _MIN_JOINED:
            prefixes.append(Query.phrase_prefix_query(SCHEMA, "joined", [word]))
        if not prefixes:
            return []
        any_prefix = best_of([Query.const_score_query(prefix, 1.0) for prefix in prefixes])
        clauses = [(Occur.Should, any_prefix), scored(BOOSTS["same name"], term_query("exact", query.exact))]
        if count("whole", word):
            clauses.append(scored(_WHOLE_WORD, word_query("whole", word)))
        if len(query.start) <= name_forms.MAX_EDGE and count("edges", query.start):
            score = _FIRST_WORD[min(len(word), len(_FIRST_WORD)) - 1]
            clauses.append(scored(score, word_query("edges", query.start)))
        return clauses

    def infix_clauses(self, query: TextQuery) -> BooleanClauses:
        """All trigrams of the word, in the default name."""
        grams = dict.fromkeys(name_forms.trigrams(query.joined)) if len(query.typed) == 1 else ()
        if not grams or not all(self._ranking.count("grams", gram) for gram in grams):
            return []
        return [scored(1.0, all_of([word_query("grams", gram) for gram in grams]))]
