"""A query text, taken apart once for all the clauses that ask with it.

    parser = QueryParser()
    query = parser.read("Last Passes", "de")
    query.joined   -> "lastpasses"
    query.words    -> ("last", "passes")

One thread: the stemmers keep state.
"""

from functools import cached_property, lru_cache
from typing import Final

from conf.locales import ANALYZERS, analyzer
from index.text import analysis, name_forms

ENGLISH: Final = "english"
MAX_WORDS: Final = 16  # of a query; the rest is left out
_QUERIES: Final = 512  # remembered
_STEMS: Final = 2_000  # tokens, by analyzer
_WORDS: Final = 4_096  # words of queries

QueryTerms = tuple[str, ...]


class QueryParser:
    def __init__(self) -> None:
        self.stems = {analyzer: analysis.Stems(analyzer, _STEMS) for analyzer in ANALYZERS.values()}
        self.read = lru_cache(maxsize=_QUERIES)(self._read)
        self.other_forms = lru_cache(maxsize=_WORDS)(self._find_other_forms)
        self.text_terms = lru_cache(maxsize=_WORDS)(self._find_text_terms)

    def _read(self, q: str, locale: str, letter_goes_on: bool = False) -> "TextQuery":
        """`letter_goes_on`: one letter may be the beginning of a word, too, as in autocomplete alone."""
        return TextQuery(self, q, _analyzers(locale), letter_goes_on)

    def _find_text_terms(self, word: str, analyzers: QueryTerms) -> list[tuple[str, str]]:
        """What the long texts have for one word: analyzer and term."""
        return [(name, term) for name in analyzers for term in self.stems[name].terms(word).split()]

    def _find_other_forms(self, word: str, analyzers: QueryTerms) -> QueryTerms:
        forms = dict.fromkeys(self.stems[name].stem(word) for name in analyzers)
        return tuple(form for form in forms if form != word)


class TextQuery:
    """What not every search asks for is found when it is asked for."""

    def __init__(self, parser: QueryParser, q: str, analyzers: QueryTerms, letter_goes_on: bool) -> None:
        folded = analysis.fold(q)
        words = analysis.words(folded)
        joined = analysis.squash(folded) if analysis.is_dense(folded) else "".join(words)
        self._parser = parser
        self.text = q
        self.analyzers = analyzers  # English, and that of the request language
        self.exact = name_forms.exact_key(q)  # the whole text
        self.joined = joined[: name_forms.MAX_KEY]  # letters and digits alone; empty when there are none
        self.typed = tuple(words[:MAX_WORDS])  # all words
        self._letter_goes_on = letter_goes_on

    @property
    def start(self) -> str:
        """The first word as the start of a name."""
        return name_forms.START + self.typed[0] if self.typed else ""

    @cached_property
    def words(self) -> QueryTerms:
        """Without English stop words, unless there are no others."""
        return tuple([word for word in self.typed if word not in analysis.STOP_WORDS]) or self.typed

    @property
    def stops(self) -> list[str]:
        """Those left out."""
        return [word for word in self.typed if word not in self.words]

    @cached_property
    def stems(self) -> list[QueryTerms]:
        """For each of `words`, other forms of it."""
        return [self._parser.other_forms(word, self.analyzers) for word in self.words]

    @cached_property
    def terms(self) -> list[tuple[str, QueryTerms]]:
        """Analyzer, and the terms of long texts, each once."""
        terms = ((name, self._parser.stems[name].terms(self.text).split()) for name in self.analyzers)
        return [(name, tuple(dict.fromkeys(each))[:MAX_WORDS]) for name, each in terms]

    @property
    def is_ending(self) -> bool:
        """Whether the last of `words` was typed last and may go on; one letter may not."""
        last = self.words[-1]
        is_more = len(last) > 1 or self._letter_goes_on or analysis.is_dense(last)
        return is_more and last == self.typed[-1]


@lru_cache(maxsize=128)
def _analyzers(locale: str) -> QueryTerms:
    return tuple(dict.fromkeys((ENGLISH, analyzer(locale) or ENGLISH)))
