"""Query relaxation: who has some of what was asked, where few have all of it (contract/search.md 7.4).

    relaxation = Relaxation(parser, ranking, fuzzy, synonyms)
    relaxation.clauses(query)     -> any of them makes a match, their scores add up; and what all of it earns

Each word of the query is a notion, and an add-on has it by the word itself, by what it was mistyped
for, joined with its neighbour, or by a synonym in any language, in its name, tags, categories, summary
or description. A notion is worth more the rarer it is; all notions, or most, are worth extra points.
Popularity multiplies the sum (ranking.py), so nobody stands above the much-used by spelling alone.

Points were fitted to graded questions (tests/bench/relevance.py); a third more or less of each
changes the result by a hundredth. Event loop only.
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from typing import Final, NamedTuple

from tantivy import Occur, Query

from index.text import analysis
from index.text.fuzzy import FuzzyNames
from index.text.query import QueryParser, QueryTerms, TextQuery
from index.text.ranking import BooleanClauses, Ranking, all_of, any_of, word_term, worth
from index.text.schema import text_field
from index.text.synonyms import Synonyms

POINTS: Final = {"names": 2.5, "labels": 1.6, "summary": 2.0, "description": 0.8}
_SYNONYM: Final = 0.9  # of the points of the word itself, for one that a single word says
_PHRASE: Final = 1.3  # and for one that several words say together
_TRANSLATED: Final = 0.6  # and for one in another language, so that texts in the caller's own come first
_MISTYPED: Final = 0.9
_EVERYWHERE: Final = 0.2  # of the points in other fields, beside those of the best
_RARITY: Final = 1.3  # power of the inverse document frequency
_ALL, _MOST = 4.0, 1.0  # points for each notion where all, or two thirds, are there
# Words of questions that say little of what is asked; kept, as a name may be made of them.
_FILLER: Final = 0.35
_FILLER_WORDS: Final = (
    "add addon addons all also always am an any anything at been being browser browsers can could did"
    " do does easily every everything extension extensions firefox from get give had has have help"
    " helps her him his how i instead into its just keep let lets like make makes many me more most my"
    " myself need once one only onto our out over plugin plugins please program see she should so some"
    " someone something stuff than them thing things those tool tools too try up us use uses using"
    " very want way we what when where whether which while who why would you your"
)
_FILLERS: Final = frozenset(_FILLER_WORDS.split())
_FEW_WAYS: Final = 6  # to have some of the notions
_REMEMBERED: Final = 4096
_MOST_NOTIONS: Final = 24  # a hundred characters without spaces are more words than anybody means
# Add-ons that are looked through for one query, each as often as something of it finds it, in a share of all:
# with less, graded questions are answered worse. The upper bound takes some 20 ms.
MOST_FOUND: Final = (50_000, 150_000)
_FOUND_SHARE: Final = 0.8
# Descriptions with a word, and their share of all, above which they are not asked for it: graded questions
# are answered as well without, also where descriptions are all there is to search.
_COMMON: Final = 3_000
_COMMON_SHARE: Final = 0.05

_SHOULD: Final = Occur.Should


class Way(NamedTuple):
    points: float
    query: Query  # what earns them
    frequency: int  # add-ons it finds, more or less


class Notion(NamedTuple):
    ways: tuple[Way, ...]
    frequency: int  # add-ons that have it by its commonest way
    factor: float = 1.0  # of all its points
    is_filler: bool = False  # it says little

    def scaled(self, factor: float) -> list[Way]:
        return [Way(points * factor, query, frequency) for points, query, frequency in self.ways]


class Relaxation:
    def __init__(self, parser: QueryParser, ranking: Ranking, fuzzy: FuzzyNames, synonyms: Synonyms) -> None:
        self._parser = parser
        self._ranking = ranking
        self._fuzzy = fuzzy
        self._synonyms = synonyms
        self._of_word = lru_cache(maxsize=_REMEMBERED)(self._find_word)
        self._of_group = lru_cache(maxsize=_REMEMBERED)(self._find_group)

    def use(self) -> None:
        """Another searcher: counts are others."""
        self._of_word.cache_clear()
        self._of_group.cache_clear()

    def clauses(self, question: TextQuery, *, mends: bool) -> tuple[BooleanClauses, float]:
        """`mends`: unknown words stand for those they may have been mistyped for."""
        is_dense = analysis.is_dense(question.exact)
        notions = self._dense_notions(question) if is_dense else self._notions(question, mends)
        notions = affordable(notions[:_MOST_NOTIONS], self._ranking.size)
        clauses: BooleanClauses = [(_SHOULD, self._query(notion)) for notion in notions]
        telling = [clause for clause, notion in zip(clauses, notions, strict=True) if not notion.is_filler]
        count = len(telling)
        points = {count: _ALL * count}  # by how many there have to be
        most = math.ceil(count * 2 / 3)
        points[most] = points.get(most, 0.0) + _MOST * count
        whole = sum([max([way.points for way in one.ways]) * self._rarity(one) for one in notions])
        clauses += [worth(sum, at_least(least, telling)) for least, sum in points.items() if least > 1]
        return clauses, whole + (sum(points.values()) if count > 1 else 0.0)

    def _notions(self, question: TextQuery, mends: bool) -> list[Notion]:
        """What each word asks for."""
        groups = self._synonyms.groups_of(question.words, question.analyzers)
        notions = []
        for place, word in enumerate(question.words):
            if word in question.words[:place]:
                continue
            own = self._of_word(word, question.stems[place], question.analyzers)
            ways, count = list(own.ways), own.frequency
            is_filler = self._is_filler(word, question.analyzers)
            for first in (place - 1, place):
                pair = question.words[max(first, 0) : first + 2]
                if len(pair) == 2:
                    ways += self._of_word("".join(pair), (), question.analyzers).ways
            is_known = ways or is_filler or any(place in match.places for match in groups)
            if mends and not is_known:
                for near in self._fuzzy.near_words(word):
                    mistyped = self._of_word(near, (), question.analyzers)
                    ways += mistyped.scaled(_MISTYPED)
                    count = max(count, mistyped.frequency)
            known = count
            for match in groups:
                if place in match.places:
                    notion = self._of_group(match.group)
                    factor = _PHRASE if match.is_phrase else _SYNONYM
                    ways += notion.scaled(factor * (_TRANSLATED if match.is_translated else 1.0))
                    count = count if known else max(count, notion.frequency)
            notions.append(Notion(tuple(ways), count, _FILLER if is_filler else 1.0, is_filler))
        return notions

    def _is_filler(self, word: str, analyzers: QueryTerms) -> bool:
        """A word of questions, or one that the caller's language leaves out of texts."""
        kept = {analyzer for analyzer, _ in self._parser.text_terms(word, analyzers)}
        return word in _FILLERS or len(kept) < len(analyzers)

    def _dense_notions(self, question: TextQuery) -> list[Notion]:
        """Of a script without spaces: the terms of synonym groups in it, then its other pairs."""
        terms, rest = self._synonyms.dense_terms(analysis.fold(question.exact))
        notions = []
        for term, groups in terms:
            found = [self._of_group(group) for group in sorted(groups)]
            pairs = tuple(analysis.words(term))
            ways = [*self._together(pairs, question.analyzers)]
            ways += [way for one in found for way in one.scaled(_TRANSLATED)]
            notions.append(Notion(tuple(ways), max(one.frequency for one in found)))
        pairs_left = [word for word in analysis.words(rest) if len(word) > 1]
        return notions + [self._of_word(pair, (), question.analyzers) for pair in pairs_left]

    def _rarity(self, notion: Notion) -> float:
        """What the points of its ways are multiplied by."""
        return math.log(1 + self._ranking.size / (1 + notion.frequency)) ** _RARITY * notion.factor

    def _query(self, notion: Notion) -> Query:
        """The best of its ways, worth its points by the rarity of the notion."""
        rarity = self._rarity(notion)
        return Query.disjunction_max_query(
            [Query.const_score_query(query, points * rarity) for points, query, _ in notion.ways], _EVERYWHERE
        )

    def _find_word(self, word: str, stems: QueryTerms, analyzers: QueryTerms) -> Notion:
        count, common = self._ranking.count, max(_COMMON, self._ranking.size * _COMMON_SHARE)
        places = [("names", one, POINTS["names"], math.inf) for one in (word, *stems)]
        for analyzer, one in self._parser.text_terms(word, analyzers):
            places.append(("labels", one, POINTS["labels"], math.inf))
            places.append((text_field("summary", analyzer), one, POINTS["summary"], math.inf))
            places.append((text_field("description", analyzer), one, POINTS["description"], common))
        counted = [(count(field, one), field, one, points, most) for field, one, points, most in places]
        there = [
            (Way(points, word_term(field, one), often), most)
            for often, field, one, points, most in counted
            if often
        ]
        ways = [way for way, most in there if way.frequency <= most] or [way for way, _ in there]
        return Notion(tuple(ways), max([way.frequency for way, _ in there], default=0))

    def _find_group(self, group: str) -> Notion:
        """By any of its English terms, which most add-ons describe themselves with."""
        ways, most = [], 0
        for field, points in POINTS.items():
            queries: BooleanClauses = []
            total = 0
            for term in self._synonyms.english(group):
                count = min(self._ranking.count(field, word) for word in term)
                if count:
                    most = max(most, count)
                    total += count
                    queries.append((_SHOULD, all_of([word_term(field, word) for word in term])))
            if queries:
                ways.append(Way(points, any_of(queries), total))
        return Notion(tuple(ways), most)

    def _together(self, pairs: QueryTerms, analyzers: QueryTerms) -> Iterator[Way]:
        """All of the pairs of a term in one field."""
        fields = {"names": POINTS["names"]}
        fields |= {text_field("summary", analyzer): POINTS["summary"] for analyzer in analyzers}
        for field, points in fields.items():
            if count := min(self._ranking.count(field, pair) for pair in pairs):
                yield Way(points, all_of([word_term(field, pair) for pair in pairs]), count)


def at_least(least: int, clauses: BooleanClauses) -> Query:
    """That many of them: of few as intersections, which cost less than to count for each add-on."""
    if math.comb(len(clauses), least) > _FEW_WAYS:
        return Query.boolean_query(clauses, minimum_number_should_match=least)
    together = [all_of([query for _, query in some]) for some in combinations(clauses, least)]
    return any_of([(_SHOULD, query) for query in together])


def affordable(notions: list[Notion], size: int) -> list[Notion]:
    """Those that anything finds, without their commonest ways where all would find too much of an index
    of this size.
    """
    least, most = MOST_FOUND
    limit = min(max(size * _FOUND_SHARE, least), most)
    frequencies = sorted(way.frequency for notion in notions for way in notion.ways)
    found = sum(frequencies)
    if found <= limit:
        return [notion for notion in notions if notion.ways]
    while len(frequencies) > 1 and found > limit:
        found -= frequencies.pop()
    rest = [
        notion._replace(ways=tuple(way for way in notion.ways if way.frequency <= frequencies[-1]))
        for notion in notions
    ]
    return [notion for notion in rest if notion.ways]
