"""Other spellings of a query without exact matches, "did you mean" (contract/search.md 7.7).

    spellings = Spellings(parser, ranking, fuzzy, synonyms)
    spellings.candidates("ad bloker", "en-US")   -> ["ad blocker", "ad block", ...]   the likeliest first

Candidates consist of words that names have; the engine checks which of them has matches. They cost a few
dictionary look-ups for each word, and no search. Event loop only.
"""

from itertools import pairwise
from typing import Final

from index.text import analysis
from index.text.fuzzy import FuzzyNames
from index.text.query_parser import MAX_WORDS, QueryParser, QueryTerms
from index.text.ranking import Ranking
from index.text.schema import TEXTS, text_field
from index.text.synonyms import Synonyms

MAX_SPELLINGS: Final = 5
_MIN_HALF: Final = 3  # letters of each half of a split word


class Spellings:
    def __init__(self, parser: QueryParser, ranking: Ranking, fuzzy: FuzzyNames, synonyms: Synonyms) -> None:
        self._parser = parser
        self._ranking = ranking
        self._fuzzy = fuzzy
        self._synonyms = synonyms

    def candidates(self, q: str, locale: str) -> list[str]:
        """At most MAX_SPELLINGS of the whole query; none where there is nothing to correct."""
        analyzers = self._parser.parse(q, locale).analyzers
        tokens = q.split()
        spellings = self._joined(tokens, analyzers)
        choices = [self._corrections(token, analyzers) for token in tokens[:MAX_WORDS]]
        best = [choice[0] for choice in choices] + tokens[MAX_WORDS:]
        if best != tokens:
            spellings.append(" ".join(best))
        for position, choice in enumerate(choices):
            spellings += [" ".join([*best[:position], other, *best[position + 1 :]]) for other in choice[1:]]
        return list(dict.fromkeys(spellings))[:MAX_SPELLINGS]

    def _joined(self, tokens: list[str], analyzers: QueryTerms) -> list[str]:
        """With two neighbours joined to a word of names, where one of them is unknown."""
        spellings = []
        for position, pair in enumerate(pairwise(tokens[:MAX_WORDS])):
            first, second = map(analysis.fold, pair)
            known = self._is_known(first, analyzers) and self._is_known(second, analyzers)
            if not known and self._ranking.count("names", first + second):
                spellings.append(" ".join([*tokens[:position], first + second, *tokens[position + 2 :]]))
        return spellings

    def _corrections(self, token: str, analyzers: QueryTerms) -> list[str]:
        """The likeliest first; the token itself where all of it is known, or nothing is similar."""
        if analysis.is_unspaced(token):
            return [token]
        words = analysis.words(analysis.fold(token))
        unknown = [word for word in words if not self._is_known(word, analyzers)]
        if not unknown:
            return [token]
        text = token if all(word in token for word in unknown) else " ".join(words)
        for word in unknown[:-1]:
            text = text.replace(word, next(iter(self._similar(word)), word), 1)
        return [text.replace(unknown[-1], other, 1) for other in self._similar(unknown[-1])] or [token]

    def _similar(self, word: str) -> list[str]:
        """Corrections by frequency, those with the same first letter before others; else split words."""
        counts = {other: self._ranking.count("names", other) for other in self._fuzzy.corrections(word)}
        similar = sorted(counts, key=lambda other: (other[0] != word[0], -counts[other], other))
        return [other for other in similar if counts[other]][:MAX_SPELLINGS] or self._split(word)

    def _split(self, word: str) -> list[str]:
        """Pairs of words of names that make up the word, by the frequency of the rarer one."""
        count = self._ranking.count
        halves = [(word[:at], word[at:]) for at in range(_MIN_HALF, len(word) - _MIN_HALF + 1)]
        known = [
            (min(count("names", first), count("names", second)), first, second) for first, second in halves
        ]
        best = sorted(known, reverse=True)[:MAX_SPELLINGS]
        return [f"{first} {second}" for frequency, first, second in best if frequency]

    def _is_known(self, word: str, analyzers: QueryTerms) -> bool:
        """Whether an add-on has it in its name or texts, or a synonym group has it."""
        count = self._ranking.count
        if not word or count("names", word) or self._synonyms.match_groups((word,), analyzers):
            return True
        terms = self._parser.text_terms(word, analyzers)
        return not terms or any(
            count(text_field(text, analyzer), term) for analyzer, term in terms for text in TEXTS
        )
