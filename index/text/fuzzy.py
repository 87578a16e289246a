"""Names and words nearly as typed: asked for where little matches a query as it stands.

    fuzzy = FuzzyNames(names, words)
    fuzzy.clauses(query, beside=False)  -> names one edit off
    fuzzy.near_words("bloker")          -> ["blocker"]
    fuzzy.last_resort(query)            -> where nothing else finds anything

Clause 6 of contract/search.md 7, wider: any letter may be wrong, two neighbours may have changed
places. Near words come from our own look-up, not from tantivy's automata, which take milliseconds
for a short word. Event loop only.
"""

from functools import lru_cache
from typing import Final

from tantivy import Occur, Query

from index.text import analysis
from index.text.name_forms import trigrams
from index.text.near_words import Lookalikes
from index.text.query import TextQuery
from index.text.ranking import MIN_JOINED, BooleanClauses, term, worth

BOOSTS: Final = {
    "name 1 off": 2000.0,
    "name 2 off": 400.0,
    "trigrams": 10.0,
}
_BESIDE: Final = 0.002
_MAX_TRIGRAM_QUERY: Final = 20  # characters, as AMO
_MIN_TWO_EDITS: Final = 8  # letters of a whole name
_MIN_WORD: Final = 3  # letters, before a word is taken for a mistyped one
_MIN_WORD_TWO_EDITS: Final = 8
_NEAR_NAMES: Final = 48
_NEAR_WORDS: Final = 12

_SHOULD: Final = Occur.Should


class FuzzyNames:
    def __init__(self, names: Lookalikes, words: Lookalikes) -> None:
        self._names = names
        self._words = words
        self._remembered = lru_cache(maxsize=4096)(self._find_near_words)

    def clauses(self, question: TextQuery, *, beside: bool, whole: float) -> BooleanClauses:
        """Names one edit off: worth as much as the `whole` relaxed query, as popularity is to decide;
        `beside` what is found as typed next to nothing.
        """
        points = _BESIDE if beside else whole or BOOSTS["name 1 off"]
        return self._names_like(question.joined, 1, points / BOOSTS["name 1 off"])

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

    def near_words(self, word: str) -> list[str]:
        """Words of names that this one may have been mistyped for."""
        return self._remembered(word, self._words.version)

    def _names_like(self, joined: str, edits: int, factor: float = 1.0) -> BooleanClauses:
        names = self._names.find(joined, edits) if len(joined) >= MIN_JOINED else []
        return [
            worth(BOOSTS[f"name {off} off"] * factor, term("joined", name))
            for name, off in names[:_NEAR_NAMES]
        ]

    def _find_near_words(self, word: str, version: int) -> list[str]:
        """`version` of the words makes old answers forgotten."""
        if len(word) < _MIN_WORD or analysis.is_dense(word):
            return []
        near = self._words.find(word, 1)
        if not near and len(word) >= _MIN_WORD_TWO_EDITS and word not in self._words:
            near = [(other, off) for other, off in self._words.find(word, 2) if other[0] == word[0]]
        return [other for other, _ in near[:_NEAR_WORDS]]
