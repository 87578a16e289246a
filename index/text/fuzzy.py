"""What a text query may have meant: asked for where little matches it as typed.

    guesses = Guesses(reader, ranking, names, words)
    guesses.clauses(question)    -> words scattered over the fields, names and words nearly as typed
    guesses.last_resort(question)   -> where that finds nothing either

Clause 6 of contract/search.md 7, wider: any letter may be wrong, two
neighbours may have changed places. Near words come from our own look-up, not
from tantivy's automata, which take milliseconds for a short word.

Event loop only.
"""

from functools import lru_cache
from typing import Final

from tantivy import Occur, Query

from index.text import analysis
from index.text.name_forms import trigrams
from index.text.near_words import Lookalikes
from index.text.query import QueryParser, TextQuery
from index.text.ranking import MIN_JOINED, BooleanClauses, Ranking, all_of, any_of, term, word_term, worth
from index.text.schema import TEXTS, text_field

BOOSTS: Final = {
    "words over all fields": 1e7,  # a tier of its own, as in ranking.py
    "name one edit off": 1e4,
    "name two edits off": 1e3,
    # For each word.
    "word off": 60.0,
    "trigrams": 10.0,
}
_MAX_TRIGRAM_QUERY: Final = 20  # characters, as AMO
_MIN_TWO_EDITS: Final = 8  # letters of a whole name
_MIN_WORD: Final = 3  # letters, before a word is taken for a mistyped one
_MIN_WORD_TWO_EDITS: Final = 6
_NEAR_NAMES: Final = 48
_NEAR_WORDS: Final = 12

_SHOULD: Final = Occur.Should


class Guesses:
    def __init__(self, reader: QueryParser, ranking: Ranking, names: Lookalikes, words: Lookalikes) -> None:
        self._reader = reader
        self._ranking = ranking
        self._names = names
        self._words = words
        self._remembered = lru_cache(maxsize=4096)(self._near_words)

    def clauses(self, question: TextQuery) -> BooleanClauses:
        if not question.joined:
            return []
        clauses = self._names_like(question.joined, 1)
        scattered = self._scattered(question)
        if scattered is not None:
            clauses.append(worth(BOOSTS["words over all fields"], scattered))
        clauses.append((_SHOULD, self._words_like(question)))
        return clauses

    def last_resort(self, question: TextQuery) -> BooleanClauses:
        """Names two edits off, and three quarters of the trigrams of a short query (clause 6b)."""
        joined = question.joined
        clauses = self._names_like(joined, 2) if len(joined) >= _MIN_TWO_EDITS else []
        grams = list(dict.fromkeys(trigrams(joined)))
        if grams and len(question.exact) < _MAX_TRIGRAM_QUERY:
            some: BooleanClauses = [(_SHOULD, term("grams", gram)) for gram in grams]
            required = max(1, len(grams) * 3 // 4)
            enough = Query.boolean_query(some, minimum_number_should_match=required)
            clauses.append(worth(BOOSTS["trigrams"], enough))
        return clauses

    def _names_like(self, joined: str, edits: int) -> BooleanClauses:
        found = self._names.find(joined, edits) if len(joined) >= MIN_JOINED else []
        return [
            worth(BOOSTS["name one edit off" if off == 1 else "name two edits off"], term("joined", name))
            for name, off in found[:_NEAR_NAMES]
        ]

    def _scattered(self, question: TextQuery) -> Query | None:
        """Every one of several words in the name, the summary or the description."""
        if len(question.words) < 2:
            return None
        words = []
        for word, stems in zip(question.words, question.stems, strict=True):
            places = [("names", one) for one in (word, *stems)]
            for analyzer, one in self._reader.text_terms(question, word):
                places += [(text_field(text, analyzer), one) for text in TEXTS]
            ways: BooleanClauses = [
                (_SHOULD, word_term(*place)) for place in places if self._ranking.count(*place)
            ]
            if not ways:
                return None
            words.append(any_of(ways))
        return all_of(words)

    def _words_like(self, question: TextQuery) -> Query:
        """As clause 6a: of one or two words all, of three two, of more three quarters."""
        found: BooleanClauses = []
        for place, word in enumerate(question.words):
            near = [
                worth(BOOSTS["word off"], word_term("names", one))
                for one in self._remembered(word, self._words.version)
            ]
            ways = [*self._ranking.in_names(question, place)[0], *near]
            found.append((_SHOULD, any_of(ways) if ways else Query.empty_query()))
        count = len(found)
        required = count if count < 3 else max(2, count * 3 // 4)
        return found[0][1] if count == 1 else Query.boolean_query(found, minimum_number_should_match=required)

    def _near_words(self, word: str, version: int) -> list[str]:
        """Words of names near this one; `version` of the words makes old answers forgotten."""
        if len(word) < _MIN_WORD or analysis.is_dense(word):
            return []
        found = self._words.find(word, 1)
        if not found and len(word) >= _MIN_WORD_TWO_EDITS and word not in self._words:
            found = [near for near in self._words.find(word, 2) if near[0][0] == word[0]]
        return [near for near, _ in found[:_NEAR_WORDS]]
