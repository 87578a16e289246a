"""The synonym groups that the words of a query belong to (conf/synonyms.toml).

    synonyms = Synonyms(analyzers)
    synonyms.match_groups(("werbung", "blockieren"), ("english", "german"))
        -> [GroupMatch("ads", (0,), False, True), GroupMatch("adblock", (0, 1), True, True), ...]
    synonyms.english_terms["ads"]       -> (("ad",), ("advert",), ...)  analyzed
    synonyms.unspaced_terms("広告ブロック") -> [("広告ブロック", {"adblock"})], " "

The words of a phrase match in any order, each by itself or by a synonym: `blocking advertisements`
matches the phrase `block ads` of the group `adblock`. One thread, because stemmers keep state. The
groups are analyzed once per process, because that takes a tenth of a second and every new index needs it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from typing import NamedTuple

from conf.locales import ANALYZERS
from conf.locales import analyzer as analyzer_of
from conf.synonyms import GROUPS, LOCALES
from index.text import analysis
from index.text.analysis import ENGLISH

Terms = tuple[tuple[str, ...], ...]


class GroupMatch(NamedTuple):
    group: str
    positions: tuple[int, ...]  # of the matching words
    is_phrase: bool  # by several words, which is less ambiguous than by one
    is_translated: bool  # in a language that is not English


class _Phrase(NamedTuple):
    group: str
    words: tuple[frozenset[str], ...]  # for each of its words, the keys that match it


class _Tables:
    """The analyzed groups."""

    def __init__(self) -> None:
        # By analyzer, then by stem or by a key of the first word.
        self.words: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.phrases: dict[str, dict[str, list[_Phrase]]] = defaultdict(lambda: defaultdict(list))
        self.unspaced: dict[str, set[str]] = defaultdict(set)  # the longest terms first
        self.english_terms: dict[str, Terms] = {}
        analyzers = {name: analysis.Analyzer(name) for name in ANALYZERS.values()}
        phrases: list[tuple[str, str, tuple[str, ...]]] = []
        for name, group in GROUPS.items():
            self.english_terms[name] = tuple(
                dict.fromkeys(filter(None, (_analyze(analyzers[ENGLISH], term) for term in group.english)))
            )
            for language, terms in group.terms.items():
                for term in terms:
                    if analysis.is_unspaced(term):
                        self.unspaced[analysis.fold(term)].add(name)
                        continue
                    analyzer = analyzer_of(LOCALES[language]) or ENGLISH
                    words = _analyze(analyzers[analyzer], term)
                    if len(words) == 1:
                        self.words[analyzer][words[0]].add(name)
                    elif words:
                        phrases.append((analyzer, name, words))
        self.unspaced = dict(sorted(self.unspaced.items(), key=lambda item: -len(item[0])))
        for analyzer, name, words in phrases:
            phrase = _Phrase(name, tuple(self.word_keys(analyzer, word) for word in words))
            for key in phrase.words[0]:
                self.phrases[analyzer][key].append(phrase)

    def word_keys(self, analyzer: str, stem: str) -> frozenset[str]:
        """What a word matches: itself, marked with a sign that no group has, and its groups."""
        return frozenset(("=" + stem, *self.words[analyzer].get(stem, ())))


_tables = cache(_Tables)


def _analyze(analyzer: analysis.Analyzer, text: str) -> tuple[str, ...]:
    return tuple(analyzer.terms(text).split())


class Synonyms:
    def __init__(self, analyzers: Mapping[str, analysis.Analyzer]) -> None:
        self._analyzers = analyzers
        self._tables = _tables()
        self.english_terms = self._tables.english_terms

    def match_groups(self, words: tuple[str, ...], analyzers: Iterable[str]) -> list[GroupMatch]:
        """The groups of single words and of phrases, without duplicates."""
        matches: dict[GroupMatch, None] = {}
        for analyzer in analyzers:
            translated = analyzer != ENGLISH
            keys = [self._query_keys(analyzer, word) for word in words]
            for position, word_keys in enumerate(keys):
                groups = sorted(key for key in word_keys if not key.startswith("="))
                matches |= dict.fromkeys(
                    GroupMatch(group, (position,), False, translated) for group in groups
                )
            starts = self._tables.phrases[analyzer]
            phrases = dict.fromkeys(phrase for key in chain(*keys) for phrase in starts.get(key, ()))
            for phrase in phrases:
                if positions := _match_positions(phrase, keys):
                    matches[GroupMatch(phrase.group, positions, True, translated)] = None
        return list(matches)

    def _query_keys(self, analyzer: str, word: str) -> frozenset[str]:
        stems = _analyze(self._analyzers[analyzer], word)
        return frozenset().union(*(self._tables.word_keys(analyzer, stem) for stem in stems))

    def unspaced_terms(self, folded: str) -> tuple[list[tuple[str, set[str]]], str]:
        """The terms in a text without spaces, the longest first; and the text that remains without them."""
        terms = []
        for term, groups in self._tables.unspaced.items():
            if term in folded:
                terms.append((term, groups))
                folded = folded.replace(term, " ")
        return terms, folded


def _match_positions(phrase: _Phrase, keys: list[frozenset[str]]) -> tuple[int, ...]:
    """The positions of distinct words that match all words of the phrase; empty without a match."""
    positions: list[int] = []
    for phrase_word in phrase.words:
        matching = (at for at, word in enumerate(keys) if at not in positions and word & phrase_word)
        position = next(matching, None)
        if position is None:
            return ()
        positions.append(position)
    return tuple(sorted(positions))
