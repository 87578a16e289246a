"""Another spelling of a query that nothing matches as it stands (contract/search.md 7.7).

    spellings = Spellings(parser, ranking, fuzzy, synonyms)
    spellings.of("ad bloker", "en-US")   -> ["ad blocker", "ad block", ...]   the likeliest first

Made of words that names have; which of the spellings finds something is for the engine to say.
A few look-ups for each word, none of which searches. Event loop only.
"""

from itertools import pairwise
from typing import Final

from index.text import analysis
from index.text.fuzzy import FuzzyNames
from index.text.query import MAX_WORDS, QueryParser, QueryTerms
from index.text.ranking import Ranking
from index.text.schema import TEXTS, text_field
from index.text.synonyms import Synonyms

MOST: Final = 5  # spellings
_MIN_PART: Final = 3  # letters of each half, where a word is split


class Spellings:
    def __init__(self, parser: QueryParser, ranking: Ranking, fuzzy: FuzzyNames, synonyms: Synonyms) -> None:
        self._parser = parser
        self._ranking = ranking
        self._fuzzy = fuzzy
        self._synonyms = synonyms

    def of(self, q: str, locale: str) -> list[str]:
        """At most MOST, each with all of the query; none where nothing is to be mended."""
        analyzers = self._parser.read(q, locale).analyzers
        tokens = q.split()
        spellings = self._joined(tokens, analyzers)
        choices = [self._mended(token, analyzers) for token in tokens[:MAX_WORDS]]
        best = [choice[0] for choice in choices] + tokens[MAX_WORDS:]
        if best != tokens:
            spellings.append(" ".join(best))
        for place, choice in enumerate(choices):
            spellings += [" ".join([*best[:place], other, *best[place + 1 :]]) for other in choice[1:]]
        return list(dict.fromkeys(spellings))[:MOST]

    def _joined(self, tokens: list[str], analyzers: QueryTerms) -> list[str]:
        """With two neighbours as one word of names, where one of them is unknown alone."""
        spellings = []
        for place, pair in enumerate(pairwise(tokens[:MAX_WORDS])):
            one, two = map(analysis.fold, pair)
            known = self._is_known(one, analyzers) and self._is_known(two, analyzers)
            if not known and self._ranking.count("names", one + two):
                spellings.append(" ".join([*tokens[:place], one + two, *tokens[place + 2 :]]))
        return spellings

    def _mended(self, token: str, analyzers: QueryTerms) -> list[str]:
        """The likeliest first; as it stands where all of it is known, or resembles nothing."""
        if analysis.is_dense(token):
            return [token]
        words = analysis.words(analysis.fold(token))
        unknown = [word for word in words if not self._is_known(word, analyzers)]
        if not unknown:
            return [token]
        text = token if all(word in token for word in unknown) else " ".join(words)
        for word in unknown[:-1]:
            text = text.replace(word, next(iter(self._like(word)), word), 1)
        return [text.replace(unknown[-1], one, 1) for one in self._like(unknown[-1])] or [token]

    def _like(self, word: str) -> list[str]:
        """The nearest words of names, those with its first letter and the frequent first; or two words."""
        count = self._ranking.count
        often = {one: count("names", one) for one in self._fuzzy.near_words(word)}
        near = sorted(often, key=lambda one: (one[0] != word[0], -often[one], one))
        return [one for one in near if often[one]][:MOST] or self._split(word)

    def _split(self, word: str) -> list[str]:
        """The two words of names that it may be made of, the rarer of them as frequent as can be."""
        count = self._ranking.count
        halves = [(word[:at], word[at:]) for at in range(_MIN_PART, len(word) - _MIN_PART + 1)]
        known = [(min(count("names", one), count("names", two)), one, two) for one, two in halves]
        return [f"{one} {two}" for often, one, two in sorted(known, reverse=True)[:MOST] if often]

    def _is_known(self, word: str, analyzers: QueryTerms) -> bool:
        """Whether an add-on has it in its name or texts, or a synonym of it in some language."""
        count = self._ranking.count
        if not word or count("names", word) or self._synonyms.groups_of((word,), analyzers):
            return True
        terms = self._parser.text_terms(word, analyzers)
        return not terms or any(
            count(text_field(text, analyzer), term) for analyzer, term in terms for text in TEXTS
        )
