"""What a text query asks of the index, and what each answer is worth.

    ranking = Ranking(names)
    ranking.use(searcher)
    ranking.clauses(question)   -> any of them makes a match, their scores add up
    ranking.clauses(question, 90.0)   beside texts that earn as many points with all of the query
    ranking.phrases(question)   -> extra points for the first ten

contract/search.md 7, in one table of boosts, with a tier of our own
above: a name as written outranks everything, popularity included (which the engine
multiplies in, a factor of 1 to 127). A name's clauses are worth a constant: BM25
would tell apart what popularity should. All that likeness of a name can earn is a few times
what a text with all words earns, so that a name hardly anybody uses stays below much-used
answers, whatever field has the words. User text becomes single terms, it is
never parsed. What has only some of the words, or resembles them, is
in relaxation.py and fuzzy.py.

Event loop only.
"""

import math
from functools import lru_cache
from typing import Final

from tantivy import Occur, Query, Searcher

from index.text import name_forms
from index.text.analysis import is_dense
from index.text.near_words import Lookalikes
from index.text.query import QueryTerms, TextQuery
from index.text.schema import SCHEMA, TEXTS, text_field

BooleanClauses = list[tuple[Occur, Query]]
Ways = tuple[tuple[float, Query], ...]  # to find a word, each with its points

BOOSTS: Final = {
    # A tier: more than 127 times what all below it can add up to.
    "same name": 1e10,
    # All below is multiplied by popularity: nobody stands above the much-used by spelling alone.
    "same letters": 450.0,
    "same words in another number or order": 400.0,
    # For each word of the query; all have to be in a name.
    # Of a single word, for the add-ons that have it as it stands: above all whose name only begins so.
    "whole word": 120.0,
    "name": 120.0,
    "stem in name": 60.0,
    "beginning in name": 40.0,
    "stop word in name": 20.0,
    # Once.
    "two words as one": 240.0,
    "name starts so": 90.0,
    "name's letters start so": 20.0,
    "name phrase": 40.0,
    # Times BM25. A boost costs time for each match, so the longest lists have none.
    "summary": 1.5,
    "description": 1.0,
}
# A thousand points of names in the points of a text that has all words, as BM25 gives them and in relaxed
# queries: 7 users count three times less than 700, and likeness has to outdo that no more than it must.
_OVER_TEXT: Final = 2.5
_OVER_RELAXED: Final = 1.4
_ONE_WORD: Final = 7.0  # times more: its plural or the same with a sign is nearly the name as written
_FULL: Final = 1000.0
PHRASE_SLOP: Final = 1
RESCORE_SLOP: Final = 10

MIN_JOINED: Final = 4  # letters, before whole names are looked through
_MANY: Final = 50  # names that start with a word; then the look through adds nothing
_COMMON: Final = 10_000  # descriptions with a word, and
_COMMON_SHARE: Final = 0.25  # their share of all, above which it says nothing

_TERMS: Final = 8_192  # queries and counts of single terms kept

_SHOULD: Final = Occur.Should
_MUST: Final = Occur.Must


def term(field: str, value: str) -> Query:
    return Query.term_query(SCHEMA, field, value, "basic")


@lru_cache(maxsize=_TERMS)
def word_term(field: str, value: str) -> Query:
    """As `term`, for what other questions ask for as well; worth more where it occurs more often."""
    return Query.term_query(SCHEMA, field, value, "freq")


def worth(score: float, query: Query) -> tuple[Occur, Query]:
    return _SHOULD, Query.const_score_query(query, score)


def any_of(clauses: BooleanClauses) -> Query:
    return clauses[0][1] if len(clauses) == 1 else Query.boolean_query(clauses)


def all_of(queries: list[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(_MUST, query) for query in queries])


class Ranking:
    def __init__(self, names: Lookalikes) -> None:
        self._names = names
        self._ways = lru_cache(maxsize=_TERMS)(self._find_ways)
        self._rarity = lru_cache(maxsize=_TERMS)(self._find_rarity)

    def use(self, searcher: Searcher) -> None:
        """Weigh words by what this searcher's index has."""
        self.size = searcher.num_docs
        self.count = lru_cache(maxsize=_TERMS)(searcher.doc_freq)
        # Words that much of a large catalogue has in its descriptions would be most
        # of the work of a search and decide nothing in it.
        common = max(_COMMON, searcher.num_docs * _COMMON_SHARE)
        self._most = {"summary": math.inf, "description": common}
        self._ways.cache_clear()
        self._rarity.cache_clear()

    def clauses(self, question: TextQuery, whole: float = 0.0) -> BooleanClauses:
        """None where nothing in the index can match. `whole` are the points of a relaxed query."""
        return [clause for clauses in self.tiers(question, whole).values() for clause in clauses]

    def tiers(self, question: TextQuery, whole: float = 0.0) -> dict[str, BooleanClauses]:
        """The same by what has to hold of an add-on, in words."""
        names: BooleanClauses = []
        words: BooleanClauses = []
        texts: BooleanClauses = []
        if question.joined:
            texts, points = self._in_any_text(question)
            full = _OVER_RELAXED * whole if whole else _OVER_TEXT * points
            if len(question.typed) == 1:
                full *= _ONE_WORD
            scale = min(full / _FULL, 1.0) if full else 1.0
            self._add_whole_names(names, question, scale)
            self._add_names(words, question, scale)
        elif question.exact:
            names.append(worth(BOOSTS["same name"], term("exact", question.exact)))
        return {
            "the name is nearly that": names,
            "all words in a name": words,
            "all words in summary or description": texts,
        }

    def _add_whole_names(self, clauses: BooleanClauses, question: TextQuery, scale: float) -> None:
        if self._names.may_have(question.joined):
            clauses.append(worth(BOOSTS["same name"], term("exact", question.exact)))
            clauses.append(worth(scale * BOOSTS["same letters"], term("joined", question.joined)))
        if is_dense(question.joined):
            return
        variants = name_forms.variants(question.typed)
        known = self._names.known(variants)
        if known:
            same = any_of([(_SHOULD, term("joined", name)) for name in known])
            clauses.append(worth(scale * BOOSTS["same words in another number or order"], same))
        if len(question.typed) == 2:
            one_word = [word for word in sorted(variants | {question.joined}) if self.count("names", word)]
            if one_word:
                either = any_of([(_SHOULD, word_term("names", word)) for word in one_word])
                clauses.append(worth(scale * BOOSTS["two words as one"], either))

    def _add_names(self, clauses: BooleanClauses, question: TextQuery, scale: float) -> None:
        """Most words are in no name: asking how many have one is cheaper than searching."""
        several = len(question.typed) > 1
        words = [self._in_names(question, place, scale) for place in range(len(question.words))]
        is_long = len(question.start) > name_forms.EDGE
        starting = 1 if is_long else self.count("edges", question.start)
        if not several and not question.is_ending:
            starting = 0
        if several:
            if all(words):
                clauses.append(self._in_one_name(question, [any_of(ways) for ways in words], scale))
        else:
            clauses += words[0]
            if self.count("whole", question.words[0]):
                clauses.append(worth(scale * BOOSTS["whole word"], word_term("whole", question.words[0])))
            if starting and not is_long:
                clauses.append(worth(scale * BOOSTS["name starts so"], word_term("edges", question.start)))
        if len(question.joined) >= MIN_JOINED and (starting if several else starting < _MANY):
            prefix = Query.phrase_prefix_query(SCHEMA, "joined", [question.joined])
            boost = BOOSTS["name starts so" if several else "name's letters start so"]
            clauses.append(worth(scale * boost, prefix))

    def _in_names(self, question: TextQuery, place: int, scale: float) -> BooleanClauses:
        """One of the words as it stands, stemmed, and if typed last as the beginning of a word."""
        ends = place == len(question.words) - 1 and question.is_ending
        ways = self._ways(question.words[place], question.stems[place], ends)
        return [worth(points * scale, query) for points, query in ways]

    def _find_ways(self, word: str, stems: QueryTerms, ends: bool) -> Ways:
        ways = [(BOOSTS["name"], word_term("names", word))] if self.count("names", word) else []
        ways += [
            (BOOSTS["stem in name"], word_term("names", one)) for one in stems if self.count("names", one)
        ]
        if ends and len(word) > name_forms.EDGE:
            longer = Query.phrase_prefix_query(SCHEMA, "names", [word])
            ways.append((BOOSTS["beginning in name"], longer))
        elif ends and self.count("edges", word):
            ways.append((BOOSTS["beginning in name"], word_term("edges", word)))
        return tuple(ways)

    def _in_one_name(self, question: TextQuery, words: list[Query], scale: float) -> tuple[Occur, Query]:
        """All words in a name; stop words and the same as a phrase for extra points."""
        clauses = [(_MUST, word) for word in words]
        stopped = scale * BOOSTS["stop word in name"]
        clauses += [worth(stopped, word_term("edges", stop)) for stop in question.stops]
        if all(self.count("names", word) for word in question.typed):
            phrase = Query.phrase_query(SCHEMA, "names", list(question.typed), PHRASE_SLOP)
            clauses.append(worth(scale * BOOSTS["name phrase"], phrase))
        return _SHOULD, any_of(clauses)

    def _in_any_text(self, question: TextQuery) -> tuple[BooleanClauses, float]:
        """All words in one field, and what that earns, more or less."""
        clauses: BooleanClauses = []
        points = 0.0
        for text in TEXTS:
            boost = BOOSTS[text]
            fields = []
            for field, terms in self._in_texts(question, text, self._most[text]):
                fields.append(all_of([word_term(field, one) for one in terms]))
                points = max(points, boost * sum([self._rarity(field, one) for one in terms]))
            if fields:
                query = fields[0] if len(fields) == 1 else Query.disjunction_max_query(fields)
                clauses.append((_SHOULD, query if boost == 1.0 else Query.boost_query(query, boost)))
        return clauses, points

    def _find_rarity(self, field: str, value: str) -> float:
        """BM25 of a term that stands once in a text of usual length."""
        count = self.count(field, value)
        return math.log(1 + (self.size - count + 0.5) / (count + 0.5))

    def _in_texts(
        self, question: TextQuery, text: str, most: float = math.inf
    ) -> list[tuple[str, QueryTerms]]:
        """Fields of a kind of text that have all the words (not in the same add-on perhaps), one
        of them in no more than `most` add-ons.
        """
        found = []
        for analyzer, terms in question.terms:
            field = text_field(text, analyzer)
            if terms and 0 < min([self.count(field, one) for one in terms]) <= most:
                found.append((field, terms))
        return found

    def phrases(self, question: TextQuery) -> list[tuple[Query, float]]:
        """Queries with their boosts, for rescoring (contract/search.md 7.2).

        None for a single word: a phrase of one says nothing new.
        """
        return [
            (Query.phrase_query(SCHEMA, field, list(terms), RESCORE_SLOP), BOOSTS[text])
            for text in TEXTS
            for field, terms in self._in_texts(question, text)
            if len(terms) > 1
        ]
