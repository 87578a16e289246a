"""What a word of a few letters may become: names with a word that begins so (contract/search.md 7.6).

    completion = Completion(ranking)
    completion.beginnings(question)   -> a word of a name, whichever of them, by popularity
    completion.inside(question)       -> letters anywhere in a name

Points are close together, as popularity multiplies them (ranking.py) and is to decide. Event loop only.
"""

from typing import Final

from tantivy import Query

from index.text import name_forms
from index.text.query import TextQuery
from index.text.ranking import BOOSTS, BooleanClauses, Ranking, all_of, term, word_term, worth
from index.text.schema import SCHEMA

_MIN_JOINED: Final = 4  # letters, before they may go on over the end of a word
# Of the points of a beginning: for a word that is all there, and for the first of a name by how many
# letters of it were typed. Few letters say little, so that popularity has to.
_WHOLE: Final = 0.05
_FIRST: Final = {1: 0.1, 2: 0.1, 3: 0.15}
_FIRST_OF_MORE: Final = 0.4


class Completion:
    def __init__(self, ranking: Ranking) -> None:
        self._ranking = ranking

    def beginnings(self, question: TextQuery) -> BooleanClauses:
        """Empty for several words."""
        if len(question.typed) != 1:
            return []
        word, count = question.typed[0], self._ranking.count
        ways: list[Query] = []
        if len(word) > name_forms.EDGE:
            ways.append(Query.phrase_prefix_query(SCHEMA, "names", [word]))
        elif count("edges", word):
            ways.append(word_term("edges", word))
        if len(word) >= _MIN_JOINED:
            ways.append(Query.phrase_prefix_query(SCHEMA, "joined", [word]))
        if not ways:
            return []
        either = ways[0] if len(ways) == 1 else Query.disjunction_max_query([_one(way) for way in ways])
        clauses = [worth(1.0, either), worth(BOOSTS["same name"], term("exact", question.exact))]
        if count("whole", word):
            clauses.append(worth(_WHOLE, word_term("whole", word)))
        if len(question.start) <= name_forms.EDGE and count("edges", question.start):
            clauses.append(worth(_FIRST.get(len(word), _FIRST_OF_MORE), word_term("edges", question.start)))
        return clauses

    def inside(self, question: TextQuery) -> BooleanClauses:
        """All runs of three of the letters, in the default name."""
        grams = dict.fromkeys(name_forms.trigrams(question.joined)) if len(question.typed) == 1 else ()
        if not grams or not all(self._ranking.count("grams", gram) for gram in grams):
            return []
        return [worth(1.0, all_of([word_term("grams", gram) for gram in grams]))]


def _one(query: Query) -> Query:
    return Query.const_score_query(query, 1.0)
