"""A query text, taken apart once for all the clauses that ask with it.

    parser = QueryParser()
    question = parser.read("Last Passes", "de")
    question.joined   -> "lastpasses"
    question.words    -> ("last", "passes")

One thread: the stemmers keep state.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from conf.locales import ANALYZERS, analyzer
from index.text import analysis, name_forms

ENGLISH: Final = "english"
MAX_WORDS: Final = 16  # of a query; the rest is left out
_REMEMBERED: Final = 512  # questions
_STEMS: Final = 2_000  # tokens, by analyzer
_WORDS: Final = 4_096  # words of questions

QueryTerms = tuple[str, ...]


class TextQuery(NamedTuple):
    exact: str  # the whole text
    joined: str  # letters and digits alone; empty when there are none
    start: str  # the first word as the start of a name
    typed: QueryTerms  # all words
    words: QueryTerms  # without English stop words, unless there are no others
    stops: QueryTerms  # those left out
    stems: tuple[QueryTerms, ...]  # for each of `words`, other forms of it
    terms: tuple[tuple[str, QueryTerms], ...]  # analyzer, and the terms of long texts, each once
    analyzers: QueryTerms  # English, and that of the request language
    letter_goes_on: bool = False  # one letter may be the beginning of a word: in autocomplete alone

    @property
    def is_ending(self) -> bool:
        """Whether the last of `words` was typed last and may go on; one letter may not."""
        last = self.words[-1]
        is_more = len(last) > 1 or self.letter_goes_on or analysis.is_dense(last)
        return is_more and last == self.typed[-1]


class QueryParser:
    def __init__(self) -> None:
        self.stems = {analyzer: analysis.Stems(analyzer, _STEMS) for analyzer in ANALYZERS.values()}
        self.read = lru_cache(maxsize=_REMEMBERED)(self._read)
        self._other_forms = lru_cache(maxsize=_WORDS)(self._find_other_forms)
        self.text_terms = lru_cache(maxsize=_WORDS)(self._find_text_terms)

    def _read(self, q: str, locale: str) -> TextQuery:
        folded = analysis.fold(q)
        found = analysis.words(folded)
        joined = analysis.squash(folded) if analysis.is_dense(folded) else "".join(found)
        typed = tuple(found[:MAX_WORDS])
        words = tuple(word for word in typed if word not in analysis.STOP_WORDS) or typed
        analyzers = _analyzers(locale)
        return TextQuery(
            exact=name_forms.exact_key(q),
            joined=joined[: name_forms.MAX_KEY],
            start=name_forms.START + typed[0] if typed else "",
            typed=typed,
            words=words,
            stops=tuple(word for word in typed if word not in words),
            stems=tuple([self._other_forms(word, analyzers) for word in words]),
            terms=tuple([(name, _distinct(self.stems[name].terms(q).split())) for name in analyzers]),
            analyzers=analyzers,
        )

    def _find_text_terms(self, word: str, analyzers: QueryTerms) -> list[tuple[str, str]]:
        """What the long texts have for one word: analyzer and term."""
        return [(name, term) for name in analyzers for term in self.stems[name].terms(word).split()]

    def _find_other_forms(self, word: str, analyzers: QueryTerms) -> QueryTerms:
        forms = dict.fromkeys(self.stems[name].stem(word) for name in analyzers)
        return tuple(form for form in forms if form != word)


@lru_cache(maxsize=128)
def _analyzers(locale: str) -> QueryTerms:
    return tuple(dict.fromkeys((ENGLISH, analyzer(locale) or ENGLISH)))


def _distinct(terms: list[str]) -> QueryTerms:
    return tuple(dict.fromkeys(terms))[:MAX_WORDS]
