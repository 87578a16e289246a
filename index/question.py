"""A query text, taken apart once for all the clauses that ask with it.

    reader = Reader()
    question = reader.read("Last Passes", "de")
    question.joined   -> "lastpasses"
    question.words    -> ("last", "passes")

One thread: the stemmers keep state.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from conf.locales import ANALYZERS
from index import analysis, namekeys

ENGLISH: Final = "english"
MAX_WORDS: Final = 16  # of a query; the rest is left out
_REMEMBERED: Final = 512

Terms = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    exact: str  # key of the whole text
    joined: str  # letters and digits alone; empty when there are none
    loose: Terms  # keys in any number and order
    start: str  # the first word as the start of a name
    typed: Terms  # all words
    words: Terms  # without English stop words, unless there are no others
    stops: Terms  # those left out
    stems: tuple[Terms, ...]  # for each of `words`, other forms of it
    scattered: tuple[tuple[tuple[str, str], ...], ...]  # for each of `words`, analyzer and term of long texts
    terms: tuple[tuple[str, Terms], ...]  # analyzer, and the terms of long texts, each once

    @property
    def is_ending(self) -> bool:
        """Whether the last of `words` was typed last, and may be the beginning of a word."""
        return self.words[-1] == self.typed[-1]


class Reader:
    def __init__(self) -> None:
        self._stems = {analyzer: analysis.Stems(analyzer) for analyzer in ANALYZERS.values()}
        self.read = lru_cache(maxsize=_REMEMBERED)(self._read)

    def _read(self, q: str, locale: str) -> Question:
        folded = analysis.fold(q)
        typed = tuple(analysis.words(folded)[:MAX_WORDS])
        words = tuple(word for word in typed if word not in analysis.STOP_WORDS) or typed
        analyzers = dict.fromkeys((ENGLISH, ANALYZERS.get(locale, ENGLISH)))
        stems = {name: self._stems[name] for name in analyzers}
        return Question(
            exact=namekeys.exact_key(q),
            joined=analysis.squash(folded)[: namekeys.MAX_KEY],
            loose=tuple(namekeys.loose_keys(typed)),
            start=namekeys.START + typed[0][: namekeys.EDGE - 1] if typed else "",
            typed=typed,
            words=words,
            stops=tuple(word for word in typed if word not in words),
            stems=tuple(_others(word, (one.stem(word) for one in stems.values())) for word in words),
            scattered=tuple(
                tuple((name, term) for name, one in stems.items() for term in one.terms(word).split())
                for word in words
            ),
            terms=tuple((name, _distinct(one.terms(q).split())) for name, one in stems.items()),
        )


def _others(word: str, forms: Iterable[str]) -> Terms:
    return tuple(form for form in dict.fromkeys(forms) if form != word)


def _distinct(terms: list[str]) -> Terms:
    return tuple(dict.fromkeys(terms))[:MAX_WORDS]
