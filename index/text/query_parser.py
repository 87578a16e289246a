"""The text of a query, analyzed once for all of its clauses.

    parser = QueryParser()
    query = parser.parse("Last Passes", "de")
    query.joined   -> "lastpasses"
    query.words    -> ("last", "passes")

One thread, because stemmers keep state.
"""

from functools import cached_property, lru_cache
from typing import Final

from conf.locales import ANALYZERS, analyzer
from index.text import analysis, name_forms
from index.text.analysis import ENGLISH

MAX_WORDS: Final = 16  # of a query; further ones are ignored
_MAX_QUERIES: Final = 512  # cached
_MAX_TOKENS: Final = 2_000  # cached by each analyzer
_MAX_CACHED_WORDS: Final = 4_096

QueryTerms = tuple[str, ...]


class QueryParser:
    def __init__(self) -> None:
        self.analyzers = {name: analysis.Analyzer(name, _MAX_TOKENS) for name in ANALYZERS.values()}
        self.parse = lru_cache(maxsize=_MAX_QUERIES)(self._parse)
        self.stems = lru_cache(maxsize=_MAX_CACHED_WORDS)(self._find_stems)
        self.text_terms = lru_cache(maxsize=_MAX_CACHED_WORDS)(self._find_text_terms)

    def _parse(self, q: str, locale: str, single_letter_prefix: bool = False) -> "TextQuery":
        """`single_letter_prefix`: even one letter is a prefix, as in autocomplete."""
        return TextQuery(self, q, _analyzers(locale), single_letter_prefix)

    def _find_text_terms(self, word: str, analyzers: QueryTerms) -> list[tuple[str, str]]:
        """The terms that summaries and descriptions have for a word: analyzer and term."""
        return [(name, term) for name in analyzers for term in self.analyzers[name].terms(word).split()]

    def _find_stems(self, word: str, analyzers: QueryTerms) -> QueryTerms:
        stems = dict.fromkeys(self.analyzers[name].stem(word) for name in analyzers)
        return tuple(stem for stem in stems if stem != word)


class TextQuery:
    def __init__(
        self, parser: QueryParser, q: str, analyzers: QueryTerms, single_letter_prefix: bool
    ) -> None:
        folded = analysis.fold(q)
        words = analysis.words(folded)
        self._parser = parser
        self.text = q
        self.analyzers = analyzers  # their names: English, and that of the caller's language
        self.exact = name_forms.exact_key(q)
        self.joined = name_forms.join(folded, words)
        self.typed = tuple(words[:MAX_WORDS])  # all words
        self._single_letter_prefix = single_letter_prefix

    @property
    def start(self) -> str:
        """The first word as the first one of a name."""
        return name_forms.START + self.typed[0] if self.typed else ""

    @cached_property
    def words(self) -> QueryTerms:
        """Without English stop words, unless all are stop words."""
        return tuple([word for word in self.typed if word not in analysis.STOP_WORDS]) or self.typed

    @property
    def stop_words(self) -> list[str]:
        return [word for word in self.typed if word not in self.words]

    @cached_property
    def stems(self) -> list[QueryTerms]:
        """For each of `words`, the stems that differ from it."""
        return [self._parser.stems(word, self.analyzers) for word in self.words]

    @cached_property
    def terms(self) -> list[tuple[str, QueryTerms]]:
        """For each analyzer, the distinct terms that summaries and descriptions have."""
        analyzed = ((name, self._parser.analyzers[name].terms(self.text)) for name in self.analyzers)
        return [(name, tuple(dict.fromkeys(terms.split()))[:MAX_WORDS]) for name, terms in analyzed]

    @property
    def last_is_prefix(self) -> bool:
        """Whether the last of `words` was typed last and may be unfinished, which one letter is not."""
        last = self.words[-1]
        may_be_prefix = len(last) > 1 or self._single_letter_prefix or analysis.is_unspaced(last)
        return may_be_prefix and last == self.typed[-1]


@lru_cache(maxsize=128)
def _analyzers(locale: str) -> QueryTerms:
    return tuple(dict.fromkeys((ENGLISH, analyzer(locale) or ENGLISH)))
