"""The synonym groups that the words of a query belong to (conf/synonyms.toml).

    synonyms = Synonyms(stems)
    synonyms.groups_of(("werbung", "blockieren"), ("english", "german"))
        -> [GroupMatch("ads", (0,), False, True), GroupMatch("adblock", (0, 1), True, True), ...]
    synonyms.english("ads")          -> (("ad",), ("advert",), ...)  its English terms, stemmed
    synonyms.dense_terms("広告ブロック") -> [("広告ブロック", {"adblock"})]

A term of several words is met by words that are its own or of a group of one of its own, in any
order: `blocking advertisements` is the `block ads` of the group `adblock`. One thread: stemmers keep state.
The groups are analyzed once a process, because that takes a tenth of a second and every new index asks.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple

from conf.locales import ANALYZERS
from conf.locales import analyzer as analyzer_of
from conf.synonyms import GROUPS, LOCALES
from index.text import analysis

_ENGLISH: Final = "english"  # also for languages without an analyzer of their own

Terms = tuple[tuple[str, ...], ...]


class GroupMatch(NamedTuple):
    group: str
    places: tuple[int, ...]  # of the words that say it
    is_phrase: bool  # several words together: more surely meant than a single one
    is_translated: bool  # said in a language that is not English


class _Phrase(NamedTuple):
    group: str
    words: tuple[frozenset[str], ...]  # for each of its words, the keys that meet it


class _Tables:
    """The groups as an analyzer leaves them."""

    def __init__(self) -> None:
        # By analyzer; by stem, and by a key of the first word.
        self.words: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.phrases: dict[str, dict[str, list[_Phrase]]] = defaultdict(lambda: defaultdict(list))
        self.dense: dict[str, set[str]] = defaultdict(set)  # the longest terms first
        self.english: dict[str, Terms] = {}
        stems = {analyzer: analysis.Stems(analyzer) for analyzer in ANALYZERS.values()}
        several: list[tuple[str, str, tuple[str, ...]]] = []
        for name, group in GROUPS.items():
            self.english[name] = tuple(
                dict.fromkeys(filter(None, (_read(stems[_ENGLISH], term) for term in group.english)))
            )
            for language, terms in group.terms.items():
                for term in terms:
                    if analysis.is_dense(term):
                        self.dense[analysis.fold(term)].add(name)
                        continue
                    analyzer = analyzer_of(LOCALES[language]) or _ENGLISH
                    words = _read(stems[analyzer], term)
                    if len(words) == 1:
                        self.words[analyzer][words[0]].add(name)
                    elif words:
                        several.append((analyzer, name, words))
        self.dense = dict(sorted(self.dense.items(), key=lambda item: -len(item[0])))
        for analyzer, name, words in several:
            phrase = _Phrase(name, tuple(self.keys(analyzer, word) for word in words))
            for key in phrase.words[0]:
                self.phrases[analyzer][key].append(phrase)

    def keys(self, analyzer: str, stem: str) -> frozenset[str]:
        """What a word is met by: itself, with a sign that no group has, and its groups."""
        return frozenset(("=" + stem, *self.words[analyzer].get(stem, ())))


_tables = cache(_Tables)


def _read(stems: analysis.Stems, text: str) -> tuple[str, ...]:
    return tuple(stems.terms(text).split())


class Synonyms:
    def __init__(self, stems: Mapping[str, analysis.Stems]) -> None:
        self._stems = stems
        self._tables = _tables()

    def english(self, group: str) -> Terms:
        return self._tables.english[group]

    def groups_of(self, words: tuple[str, ...], analyzers: Iterable[str]) -> list[GroupMatch]:
        """Of each word and of words together, each once."""
        matches: dict[GroupMatch, None] = {}
        for analyzer in analyzers:
            translated = analyzer != _ENGLISH
            keys = [
                frozenset().union(
                    *(self._tables.keys(analyzer, stem) for stem in _read(self._stems[analyzer], word))
                )
                for word in words
            ]
            for place, word_keys in enumerate(keys):
                groups = sorted(key for key in word_keys if not key.startswith("="))
                matches |= dict.fromkeys(GroupMatch(group, (place,), False, translated) for group in groups)
            phrases = {
                phrase: None
                for met in keys
                for key in met
                for phrase in self._tables.phrases[analyzer].get(key, ())
            }
            for phrase in phrases:
                if places := _meet(phrase, keys):
                    matches[GroupMatch(phrase.group, places, True, translated)] = None
        return list(matches)

    def dense_terms(self, folded: str) -> tuple[list[tuple[str, set[str]]], str]:
        """Terms in a text of a script without spaces, the longest first; and what is left of the text."""
        terms = []
        for term, groups in self._tables.dense.items():
            if term in folded:
                terms.append((term, groups))
                folded = folded.replace(term, " ")
        return terms, folded


def _meet(phrase: _Phrase, keys: list[frozenset[str]]) -> tuple[int, ...]:
    """The places of different words that meet all of the phrase's; empty where they do not."""
    places: list[int] = []
    for wanted in phrase.words:
        place = next((at for at, met in enumerate(keys) if at not in places and met & wanted), None)
        if place is None:
            return ()
        places.append(place)
    return tuple(sorted(places))
