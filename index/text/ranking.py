"""The clauses of a text query and their boosts.

    ranking = Ranking(names)
    ranking.use(searcher)
    ranking.clauses(query)        -> a match has any of them, and their scores add up
    ranking.tiers(query, 90.0)    -> the same by tier, beside a relaxed query whose full matches score 90
    ranking.phrases(query)        -> for the rescoring window

contract/search.md 7 in one table of boosts, with a tier of our own on top: a name equal as
written outranks everything, popularity included (the engine multiplies scores by that, a
factor of 1 to 127). Clauses on names have constant scores, because popularity should tell
names apart, not BM25. All other name clauses add up to a few times the score of a text with
all words, so that a similar name with hardly any users stays below popular add-ons, whichever
field of those matches. User text becomes single terms, it is never parsed as a query language.
Partial and fuzzy matches are in relaxation.py and fuzzy.py.

Event loop only.
"""

import math
from functools import lru_cache
from itertools import chain
from typing import Final

from tantivy import Occur, Query, Searcher

from index.text import name_forms
from index.text.analysis import is_unspaced
from index.text.fuzzy_dictionary import FuzzyDictionary
from index.text.queries import (
    MAX_CACHED,
    BooleanClauses,
    all_of,
    any_of,
    best_of,
    scored,
    term_query,
    word_query,
)
from index.text.query_parser import QueryTerms, TextQuery
from index.text.schema import SCHEMA, TEXTS, text_field

_SHOULD: Final = Occur.Should

Alternatives = tuple[tuple[float, Query], ...]  # ways to match a word, each with its boost

BOOSTS: Final = {
    # A tier of its own: more than 127 times the sum of all others.
    "same name": 1e10,
    # All others are multiplied by popularity: spelling alone puts nobody above popular add-ons.
    "same letters": 450.0,
    "same words in another number or order": 400.0,
    # A single-word query, for add-ons with exactly that word: above all names with a longer one.
    "whole word": 120.0,
    # For each word of the query; the name must have all of them.
    "name": 120.0,
    "stem in name": 60.0,
    "prefix in name": 40.0,
    "stop word in name": 20.0,
    # For the query as a whole.
    "two words as one": 240.0,
    "name prefix": 90.0,
    "joined prefix": 20.0,
    "name phrase": 40.0,
    # Times BM25. A boost costs time for each match, so the longest posting lists have none.
    "summary": 1.5,
    "description": 1.0,
}
# What _NOMINAL_SCORE of the name clauses above becomes, in scores of a text with all words: of BM25, or of a
# relaxed query. Add-ons with 7 users lose a factor of three against those with 700, and a similar name must
# not make up for more than that.
_NAME_TO_TEXT: Final = 2.5
_NAME_TO_RELAXED: Final = 1.4
_SINGLE_WORD: Final = 7.0  # times more, because its plural is nearly the name as written
_NOMINAL_SCORE: Final = 1000.0
PHRASE_SLOP: Final = 1
RESCORE_SLOP: Final = 10

MIN_JOINED: Final = 4  # letters of a query that whole names are matched with
# With so many names that start with the word, prefixes of joined names add nothing.
_MANY_PREFIXED: Final = 50
# A word in more descriptions than these, and than this share of all, is not searched in descriptions.
_COMMON: Final = 10_000
_COMMON_SHARE: Final = 0.25


class Ranking:
    def __init__(self, names: FuzzyDictionary) -> None:
        self._names = names
        self._alternatives = lru_cache(maxsize=MAX_CACHED)(self._find_alternatives)
        self._idf = lru_cache(maxsize=MAX_CACHED)(self._find_idf)

    def use(self, searcher: Searcher) -> None:
        """Take document frequencies from this searcher."""
        self.size = searcher.num_docs
        self.count = lru_cache(maxsize=MAX_CACHED)(searcher.doc_freq)
        # In a large catalogue, words that are common in descriptions would cost most of
        # the time of a search without changing its result.
        common = max(_COMMON, searcher.num_docs * _COMMON_SHARE)
        self._max_counts = {"summary": math.inf, "description": common}
        self._alternatives.cache_clear()
        self._idf.cache_clear()

    def clauses(self, query: TextQuery) -> BooleanClauses:
        """Empty where nothing in the index can match."""
        return list(chain(*self.tiers(query).values()))

    def tiers(self, query: TextQuery, full_score: float = 0.0) -> dict[str, BooleanClauses]:
        """The clauses by tier: what an add-on of the tier has, in words. `full_score` is that of a relaxed
        query beside them.
        """
        names: BooleanClauses = []
        words: BooleanClauses = []
        texts: BooleanClauses = []
        if query.joined:
            texts, text_score = self._in_texts(query)
            name_score = _NAME_TO_RELAXED * full_score if full_score else _NAME_TO_TEXT * text_score
            if len(query.typed) == 1:
                name_score *= _SINGLE_WORD
            scale = min(name_score / _NOMINAL_SCORE, 1.0) if name_score else 1.0
            self._add_full_names(names, query, scale)
            self._add_name_words(words, query, scale)
        elif query.exact:
            names.append(scored(BOOSTS["same name"], term_query("exact", query.exact)))
        return {
            "the name is nearly that": names,
            "all words in a name": words,
            "all words in summary or description": texts,
        }

    def _add_full_names(self, clauses: BooleanClauses, query: TextQuery, scale: float) -> None:
        if self._names.may_contain(query.joined):
            clauses.append(scored(BOOSTS["same name"], term_query("exact", query.exact)))
            clauses.append(scored(scale * BOOSTS["same letters"], term_query("joined", query.joined)))
        if is_unspaced(query.joined):
            return
        variants = name_forms.variants(query.typed)
        known = self._names.known(variants)
        if known:
            any_variant = any_of([(_SHOULD, term_query("joined", name)) for name in known])
            clauses.append(scored(scale * BOOSTS["same words in another number or order"], any_variant))
        if len(query.typed) == 2:
            compounds = [word for word in sorted(variants | {query.joined}) if self.count("names", word)]
            if compounds:
                any_compound = any_of([(_SHOULD, word_query("names", word)) for word in compounds])
                clauses.append(scored(scale * BOOSTS["two words as one"], any_compound))

    def _add_name_words(self, clauses: BooleanClauses, query: TextQuery, scale: float) -> None:
        """Looks up frequencies first: most words are in no name, and a count is cheaper than a search."""
        several = len(query.typed) > 1
        words = [self._word_in_name(query, position, scale) for position in range(len(query.words))]
        is_long = len(query.start) > name_forms.MAX_EDGE
        prefixed = 1 if is_long else self.count("edges", query.start)
        if not several and not query.last_is_prefix:
            prefixed = 0
        if several:
            if all(words):
                clauses.append(self._all_in_name(query, [any_of(word) for word in words], scale))
        else:
            clauses += words[0]
            if self.count("whole", query.words[0]):
                clauses.append(scored(scale * BOOSTS["whole word"], word_query("whole", query.words[0])))
            if prefixed and not is_long:
                clauses.append(scored(scale * BOOSTS["name prefix"], word_query("edges", query.start)))
        if len(query.joined) >= MIN_JOINED and (prefixed if several else prefixed < _MANY_PREFIXED):
            joined_prefix = Query.phrase_prefix_query(SCHEMA, "joined", [query.joined])
            boost = BOOSTS["name prefix" if several else "joined prefix"]
            clauses.append(scored(scale * boost, joined_prefix))

    def _word_in_name(self, query: TextQuery, position: int, scale: float) -> BooleanClauses:
        """A word as typed, stemmed, and as a prefix if it may be unfinished."""
        is_prefix = position == len(query.words) - 1 and query.last_is_prefix
        alternatives = self._alternatives(query.words[position], query.stems[position], is_prefix)
        return [scored(boost * scale, alternative) for boost, alternative in alternatives]

    def _find_alternatives(self, word: str, stems: QueryTerms, is_prefix: bool) -> Alternatives:
        alternatives = [(BOOSTS["name"], word_query("names", word))] if self.count("names", word) else []
        alternatives += [
            (BOOSTS["stem in name"], word_query("names", form)) for form in stems if self.count("names", form)
        ]
        if is_prefix and (prefix := self.word_prefix(word)):
            alternatives.append((BOOSTS["prefix in name"], prefix))
        return tuple(alternatives)

    def word_prefix(self, word: str) -> Query | None:
        """For names in which a word has this prefix; None without any."""
        if len(word) > name_forms.MAX_EDGE:
            return Query.phrase_prefix_query(SCHEMA, "names", [word])
        return word_query("edges", word) if self.count("edges", word) else None

    def _all_in_name(self, query: TextQuery, words: list[Query], scale: float) -> tuple[Occur, Query]:
        """All words in a name; stop words and the phrase are optional and add to the score."""
        clauses = [(Occur.Must, word) for word in words]
        stop_boost = scale * BOOSTS["stop word in name"]
        clauses += [scored(stop_boost, word_query("edges", stop)) for stop in query.stop_words]
        if all(self.count("names", word) for word in query.typed):
            phrase = Query.phrase_query(SCHEMA, "names", list(query.typed), PHRASE_SLOP)
            clauses.append(scored(scale * BOOSTS["name phrase"], phrase))
        return _SHOULD, any_of(clauses)

    def _in_texts(self, query: TextQuery) -> tuple[BooleanClauses, float]:
        """All words in one text field, and an estimate of the score for that."""
        clauses: BooleanClauses = []
        score = 0.0
        for text in TEXTS:
            boost = BOOSTS[text]
            fields = []
            for field, terms in self._text_fields(query, text, self._max_counts[text]):
                fields.append(all_of([word_query(field, term) for term in terms]))
                score = max(score, boost * sum([self._idf(field, term) for term in terms]))
            if fields:
                best = best_of(fields)
                clauses.append((_SHOULD, best if boost == 1.0 else Query.boost_query(best, boost)))
        return clauses, score

    def _find_idf(self, field: str, term: str) -> float:
        """Also the BM25 score of a term that occurs once in a text of average length."""
        count = self.count(field, term)
        return math.log(1 + (self.size - count + 0.5) / (count + 0.5))

    def _text_fields(
        self, query: TextQuery, text: str, max_count: float = math.inf
    ) -> list[tuple[str, QueryTerms]]:
        """Fields in which every term occurs (not necessarily in one add-on), the rarest of them in at most
        `max_count` add-ons.
        """
        fields = [(text_field(text, analyzer), terms) for analyzer, terms in query.terms if terms]
        counts = [min([self.count(field, term) for term in terms]) for field, terms in fields]
        return [field for field, count in zip(fields, counts, strict=True) if 0 < count <= max_count]

    def phrases(self, query: TextQuery) -> list[tuple[Query, float]]:
        """Queries with their boosts, for rescoring (contract/search.md 7.2); none for a single word."""
        return [
            (Query.phrase_query(SCHEMA, field, list(terms), RESCORE_SLOP), BOOSTS[text])
            for text in TEXTS
            for field, terms in self._text_fields(query, text)
            if len(terms) > 1
        ]
