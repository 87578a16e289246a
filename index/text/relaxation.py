"""Query relaxation: partial matches, where few add-ons match the whole query (contract/search.md 7.4).

    relaxation = Relaxation(parser, ranking, fuzzy, synonyms)
    relaxation.clauses(query, correct=True)
        -> clauses, of which a match has any and whose scores add up; and the score of a full match

Each word of the query is a concept. An add-on matches it by the word itself, by a spelling correction,
by the word joined with its neighbour, or by a synonym in any language, in its name, tags, categories,
summary or description. Rare concepts score higher, and all or most of the concepts score a bonus.
Popularity multiplies the sum (ranking.py), so spelling alone puts nobody above popular add-ons.

The boosts were fitted to graded queries (tests/bench/relevance.py): nDCG changes by a hundredth when
one of them changes by a third. Event loop only.
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from typing import Final, NamedTuple

from tantivy import Occur, Query

from index.text import analysis
from index.text.fuzzy import FuzzyNames
from index.text.queries import BooleanClauses, all_of, any_of, scored, word_query
from index.text.query_parser import QueryParser, QueryTerms, TextQuery
from index.text.ranking import Ranking
from index.text.schema import text_field
from index.text.synonyms import Synonyms

BOOSTS: Final = {"names": 2.5, "labels": 1.6, "summary": 2.0, "description": 0.8}
# Weights of what matches instead of the word itself: a synonym of one word, a synonym of several words,
# one that is not English (so that texts in the caller's language come first), a spelling correction.
_SYNONYM: Final = 0.9
_PHRASE: Final = 1.3
_TRANSLATED: Final = 0.6
_CORRECTED: Final = 0.9
_TIE_BREAKER: Final = 0.2  # share of the scores of all alternatives but the best one
_IDF_POWER: Final = 1.3
_ALL_BONUS, _MOST_BONUS = 4.0, 1.0  # times the concepts, where all or two thirds of them match
# The weight of words that say little about what a question is for. They still count: a name may have them.
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
_MAX_COMBINATIONS: Final = 6  # of concepts, of which a match has one
_MAX_CACHED: Final = 4096
_MAX_CONCEPTS: Final = 24  # a hundred characters without spaces are more words than anybody means
# Postings that one query may read: this share of all add-ons, within these bounds. With fewer, nDCG falls;
# the upper bound takes some 20 ms.
MAX_POSTINGS: Final = (50_000, 150_000)
_MAX_POSTINGS_SHARE: Final = 0.8
# A word in more descriptions than these, and than this share of all, is not searched in descriptions: nDCG
# is the same without, even if descriptions are the only texts.
_COMMON: Final = 3_000
_COMMON_SHARE: Final = 0.05

_SHOULD: Final = Occur.Should


class Alternative(NamedTuple):
    """A way to match a concept."""

    boost: float
    query: Query
    frequency: int  # add-ons that match it, more or less


class Concept(NamedTuple):
    alternatives: tuple[Alternative, ...]
    frequency: int  # that of its most frequent alternative
    weight: float = 1.0
    is_filler: bool = False

    def weighted(self, weight: float) -> list[Alternative]:
        return [Alternative(boost * weight, query, count) for boost, query, count in self.alternatives]


class Relaxation:
    def __init__(self, parser: QueryParser, ranking: Ranking, fuzzy: FuzzyNames, synonyms: Synonyms) -> None:
        self._parser = parser
        self._ranking = ranking
        self._fuzzy = fuzzy
        self._synonyms = synonyms
        self._word_concept = lru_cache(maxsize=_MAX_CACHED)(self._find_word_concept)
        self._group_concept = lru_cache(maxsize=_MAX_CACHED)(self._find_group_concept)

    def clear_caches(self) -> None:
        """For a new searcher, which has other frequencies."""
        self._word_concept.cache_clear()
        self._group_concept.cache_clear()

    def clauses(self, query: TextQuery, *, correct: bool) -> tuple[BooleanClauses, float]:
        """`correct`: unknown words match by their spelling corrections."""
        is_unspaced = analysis.is_unspaced(query.exact)
        concepts = self._unspaced_concepts(query) if is_unspaced else self._concepts(query, correct)
        concepts = limit_postings(concepts[:_MAX_CONCEPTS], self._ranking.size)
        clauses: BooleanClauses = [(_SHOULD, self._query(concept)) for concept in concepts]
        content = [clause for clause, concept in zip(clauses, concepts, strict=True) if not concept.is_filler]
        count = len(content)
        bonuses = {count: _ALL_BONUS * count}  # by the number of concepts that must match
        most = math.ceil(count * 2 / 3)
        bonuses[most] = bonuses.get(most, 0.0) + _MOST_BONUS * count
        full_score = sum(
            [max([boost for boost, *_ in concept.alternatives]) * self._idf(concept) for concept in concepts]
        )
        clauses += [scored(bonus, at_least(least, content)) for least, bonus in bonuses.items() if least > 1]
        return clauses, full_score + (sum(bonuses.values()) if count > 1 else 0.0)

    def _concepts(self, query: TextQuery, correct: bool) -> list[Concept]:
        """One for each distinct word."""
        groups = self._synonyms.match_groups(query.words, query.analyzers)
        concepts = []
        for position, word in enumerate(query.words):
            if word in query.words[:position]:
                continue
            literal = self._word_concept(word, query.stems[position], query.analyzers)
            alternatives, count = list(literal.alternatives), literal.frequency
            is_filler = self._is_filler(word, query.analyzers)
            for first in (position - 1, position):
                pair = query.words[max(first, 0) : first + 2]
                if len(pair) == 2:
                    alternatives += self._word_concept("".join(pair), (), query.analyzers).alternatives
            is_known = alternatives or is_filler or any(position in match.positions for match in groups)
            if correct and not is_known:
                for correction in self._fuzzy.corrections(word):
                    corrected = self._word_concept(correction, (), query.analyzers)
                    alternatives += corrected.weighted(_CORRECTED)
                    count = max(count, corrected.frequency)
            word_count = count
            for match in groups:
                if position in match.positions:
                    synonym = self._group_concept(match.group)
                    weight = _PHRASE if match.is_phrase else _SYNONYM
                    alternatives += synonym.weighted(weight * (_TRANSLATED if match.is_translated else 1.0))
                    count = count if word_count else max(count, synonym.frequency)
            concepts.append(Concept(tuple(alternatives), count, _FILLER if is_filler else 1.0, is_filler))
        return concepts

    def _is_filler(self, word: str, analyzers: QueryTerms) -> bool:
        """A word of questions, or a stop word of the caller's language."""
        searched = {analyzer for analyzer, _ in self._parser.text_terms(word, analyzers)}
        return word in _FILLERS or len(searched) < len(analyzers)

    def _unspaced_concepts(self, query: TextQuery) -> list[Concept]:
        """Of a text without spaces: the synonyms in it, then the character pairs of what remains."""
        terms, remaining = self._synonyms.unspaced_terms(analysis.fold(query.exact))
        concepts = []
        for term, groups in terms:
            synonyms = [self._group_concept(group) for group in sorted(groups)]
            alternatives = [*self._pairs_in_fields(tuple(analysis.words(term)), query.analyzers)]
            for synonym in synonyms:
                alternatives += synonym.weighted(_TRANSLATED)
            concepts.append(Concept(tuple(alternatives), max(synonym.frequency for synonym in synonyms)))
        pairs = [word for word in analysis.words(remaining) if len(word) > 1]
        return concepts + [self._word_concept(pair, (), query.analyzers) for pair in pairs]

    def _idf(self, concept: Concept) -> float:
        """The inverse document frequency, times the concept's weight."""
        return math.log(1 + self._ranking.size / (1 + concept.frequency)) ** _IDF_POWER * concept.weight

    def _query(self, concept: Concept) -> Query:
        """Scores the best alternative, and a little for the others."""
        idf = self._idf(concept)
        queries = [Query.const_score_query(query, boost * idf) for boost, query, _ in concept.alternatives]
        return Query.disjunction_max_query(queries, _TIE_BREAKER)

    def _find_word_concept(self, word: str, stems: QueryTerms, analyzers: QueryTerms) -> Concept:
        common = max(_COMMON, self._ranking.size * _COMMON_SHARE)
        fields = [("names", form, BOOSTS["names"], math.inf) for form in (word, *stems)]
        for analyzer, term in self._parser.text_terms(word, analyzers):
            fields.append(("labels", term, BOOSTS["labels"], math.inf))
            fields.append((text_field("summary", analyzer), term, BOOSTS["summary"], math.inf))
            fields.append((text_field("description", analyzer), term, BOOSTS["description"], common))
        known, rare = [], []
        for field, term, boost, max_count in fields:
            if count := self._ranking.count(field, term):
                known.append(Alternative(boost, word_query(field, term), count))
                if count <= max_count:
                    rare.append(known[-1])
        return Concept(tuple(rare or known), max([alternative.frequency for alternative in known], default=0))

    def _find_group_concept(self, group: str) -> Concept:
        """By the English terms of a synonym group, because most add-ons are described in English."""
        alternatives, max_count = [], 0
        for field, boost in BOOSTS.items():
            queries: BooleanClauses = []
            total = 0
            for term in self._synonyms.english_terms[group]:
                count = min(self._ranking.count(field, word) for word in term)
                if count:
                    max_count = max(max_count, count)
                    total += count
                    queries.append((_SHOULD, all_of([word_query(field, word) for word in term])))
            if queries:
                alternatives.append(Alternative(boost, any_of(queries), total))
        return Concept(tuple(alternatives), max_count)

    def _pairs_in_fields(self, pairs: QueryTerms, analyzers: QueryTerms) -> Iterator[Alternative]:
        """All character pairs of a term in one field."""
        fields = {"names": BOOSTS["names"]}
        fields |= {text_field("summary", analyzer): BOOSTS["summary"] for analyzer in analyzers}
        for field, boost in fields.items():
            if count := min(self._ranking.count(field, pair) for pair in pairs):
                yield Alternative(boost, all_of([word_query(field, pair) for pair in pairs]), count)


def at_least(least: int, clauses: BooleanClauses) -> Query:
    """At least so many clauses match; few combinations as intersections, which are cheaper than counting."""
    if math.comb(len(clauses), least) > _MAX_COMBINATIONS:
        return Query.boolean_query(clauses, minimum_number_should_match=least)
    intersections = [all_of([query for _, query in chosen]) for chosen in combinations(clauses, least)]
    return any_of([(_SHOULD, query) for query in intersections])


def limit_postings(concepts: list[Concept], size: int) -> list[Concept]:
    """The concepts that have matches, without the most frequent alternatives where all of them together
    have too many postings for an index of this size.
    """
    limit = min(max(size * _MAX_POSTINGS_SHARE, MAX_POSTINGS[0]), MAX_POSTINGS[1])
    frequencies = sorted(frequency for concept in concepts for *_, frequency in concept.alternatives)
    postings = sum(frequencies)
    while len(frequencies) > 1 and postings > limit:
        postings -= frequencies.pop()
    max_frequency = frequencies[-1] if frequencies else 0
    return [
        concept._replace(alternatives=rare)
        for concept in concepts
        if (rare := tuple(alt for alt in concept.alternatives if alt.frequency <= max_frequency))
    ]
