"""Text search over the public add-ons: a tantivy index, in a folder or in memory.

    engine = Engine(folder)                      # opens the index in it; None: in memory
    engine.add(engine.document(addon, entry))    # any number, writer thread
    engine.commit()                              # writer thread
    engine.refresh()                             # event loop: now searches see it
    hits = engine.search("tab tree", "en-US", (AnyOf(("app:firefox",)),), limit=25)

A search starts with exact matches. Only if they do not fill the first page is the query
relaxed (relaxation.py, fuzzy.py), so most searches never pay for that.

`document`, `add`, `apply` and `commit` belong to one writer thread, all others to the event
loop. A search sees a commit as a whole or not at all.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import tantivy
from tantivy import Occur, Order, Query

from conf.model.addons import AddonDoc
from index.cache import BoundedCache
from index.criteria.clauses import Clause, memory_size
from index.entry import Entry
from index.runtime.background import background_thread
from index.text.completion import Completion
from index.text.explanation import Explanation
from index.text.filter_queries import filter_clauses
from index.text.fuzzy import FuzzyNames
from index.text.fuzzy_dictionary import FuzzyDictionary
from index.text.queries import BooleanClauses, any_of, hit_ids, rescore_query, scores_by_id, term_query
from index.text.query_parser import QueryParser, TextQuery
from index.text.ranking import Ranking
from index.text.relaxation import Relaxation
from index.text.schema import SCHEMA, DocumentBuilder, IndexDocument, register_tokenizers
from index.text.suggestion import Spellings
from index.text.synonyms import Synonyms

AddonIds = npt.NDArray[np.int64]
TextScores = npt.NDArray[np.float64]

_RELAXED_BELOW: Final = 25  # exact matches: the default page size
_MAX_RELAXED: Final = 200  # hits of a relaxed query
_RESCORE_WINDOW: Final = 10
_OVERFETCH: Final = 8  # hits fetched beyond the limit, to see where ties end
# Seconds of sleep after each changed add-on. A search releases the interpreter lock ten times and more, and
# would otherwise have to wait for the writer each time.
_PAUSE: Final = 0.001
_HEAP: Final = 256 * 1024 * 1024  # allocated as needed; a segment has some hundred thousand add-ons
_NUMPY_FROM: Final = 500  # so many hits are sorted by numpy faster than by Python
_COMPLETION_CACHE_BYTES: Final = 4_000_000
_COMPLETION_BYTES: Final = 2_000  # of one completion, more or less
_DEEP_PAGE: Final = 1_000  # hits beyond these come from the cached ranking of all matches
_CACHED_MATCHES: Final = 500_000  # in all cached rankings
_MATCH_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Hits:
    """The top matches: score descending, then id ascending."""

    ids: list[int]
    scores: list[float]
    count: int  # of all matches; a lower bound where they were not counted


_NO_HITS: Final = Hits([], [], 0)


class _Ranked(NamedTuple):
    """All matches by relevance."""

    ids: AddonIds
    scores: TextScores


class Engine:
    def __init__(self, folder: Path | None = None) -> None:
        """Raises OSError, and ValueError for a folder that cannot be used."""
        if folder is not None:
            folder.mkdir(mode=0o700, exist_ok=True)
        self._index = tantivy.Index(SCHEMA, path=str(folder) if folder else None)
        register_tokenizers(self._index)
        # The opening and each commit start tantivy's own threads, which inherit this one's priority.
        self._background = background_thread("index-commit")
        # One thread, so that a bulk load becomes one segment in the order of its documents.
        run = self._background.submit
        self._index_writer = run(self._index.writer, heap_size=_HEAP, num_threads=1).result()
        # Files that a killed process left of a commit have the names that the next commit will use.
        run(self._index_writer.garbage_collect_files).result()
        # Identifies the last commit, also after the folder is opened again.
        self.commit_number: int = self._index_writer.commit_opstamp
        self._builder = DocumentBuilder()
        self._names = FuzzyDictionary()
        self._words = FuzzyDictionary()
        self._parser = QueryParser()
        self._ranking = Ranking(self._names)
        self._fuzzy = FuzzyNames(self._names, self._words)
        synonyms = Synonyms(self._parser.analyzers)
        self._relaxation = Relaxation(self._parser, self._ranking, self._fuzzy, synonyms)
        self._spellings = Spellings(self._parser, self._ranking, self._fuzzy, synonyms)
        self._completion = Completion(self._ranking)
        self._rankings: BoundedCache[_Ranked] = BoundedCache(_CACHED_MATCHES)
        self._completed: BoundedCache[Hits] = BoundedCache(_COMPLETION_CACHE_BYTES)
        self.refresh()

    def __len__(self) -> int:
        return self._searcher.num_docs

    def close(self) -> None:
        """Release the folder."""
        self._background.shutdown()
        del self._index_writer

    @property
    def memory(self) -> list[dict[str, Any]]:
        """The state that is not in the folder."""
        return [vars(self._names), vars(self._words)]

    def restore(self) -> None:
        """Fill the dictionaries from the folder; any thread, before any other use."""
        for field, dictionary in (("joined", self._names), ("whole", self._words)):
            dictionary.add(word for word, _ in self._searcher.terms_with_prefix(field, ""))
            dictionary.commit()

    # -- changes: writer thread

    def document(self, addon: AddonDoc, entry: Entry) -> IndexDocument:
        """The index document of an add-on, for `add`; changes nothing here."""
        return self._builder.document(addon, entry)

    def add(self, document: IndexDocument) -> None:
        """Add a new add-on; searches see it after `commit` and `refresh`."""
        self._index_writer.add_json(document.json)
        self._names.add(document.joined)
        self._words.add(document.words)

    def apply(self, puts: Iterable[tuple[AddonDoc, Entry]], drops: Iterable[int]) -> dict[int, Exception]:
        """Insert or replace some add-ons and drop others (unknown ids are no error), in one commit.

        Returns the errors by id; these add-ons are dropped, too.
        """
        faults: dict[int, Exception] = {}
        for addon_id in drops:
            self.drop(addon_id)
        for addon, entry in puts:
            self.drop(entry.id)
            try:
                self.add(self.document(addon, entry))
            except Exception as error:  # the other add-ons still need the commit
                faults[entry.id] = error
            time.sleep(_PAUSE)
        self.commit()
        return faults

    def commit(self) -> None:
        # The writer's own `commit_opstamp` stays that of its opening.
        self.commit_number = self._background.submit(self._index_writer.commit).result()
        self._index.reload()
        self._builder.clear_caches()
        self._names.commit()
        self._words.commit()

    def drop(self, addon_id: int) -> None:
        """Remove an add-on; an unknown id is no error. It may be added again before the commit."""
        self._index_writer.delete_documents_by_term("terms", f"id:{addon_id}")

    # -- reads: event loop

    def refresh(self) -> None:
        """Let searches see the last commit."""
        self._searcher = self._index.searcher()
        self._ranking.use(self._searcher)
        self._relaxation.clear_caches()
        self._rankings.clear()
        self._completed.clear()

    def search(
        self, q: str, locale: str, clauses: Sequence[Clause], limit: int, rescore: bool = True
    ) -> Hits:
        """The top `limit` add-ons that match the text and all clauses, and the number of all.

        `q` is arbitrary user text, analyzed in the language of `locale` (contract/search.md 7).
        A greater limit only appends hits.
        """
        query = self._parser.parse(q, locale)
        if limit > _DEEP_PAGE:
            ranked = self._ranked(query, tuple(clauses))
            hits = Hits(ranked.ids[:limit].tolist(), ranked.scores[:limit].tolist(), len(ranked.ids))
        else:
            hits = self._top_or_relaxed(query, clauses, max(limit, _RESCORE_WINDOW))
        if rescore:
            hits = self._rescore(query, hits)
        return Hits(hits.ids[:limit], hits.scores[:limit], hits.count)

    def complete(self, q: str, locale: str, clauses: Sequence[Clause], limit: int) -> Hits:
        """The top `limit` for the prefix of a text (contract/search.md 7.6), not counted."""
        query, clauses = self._parser.parse(q, locale, True), tuple(clauses)
        hits = self._complete_names(query, clauses, limit)
        if len(hits.ids) < limit:
            filters, fetched = filter_clauses(clauses), max(limit, _RESCORE_WINDOW)
            more = self._top(self._ranking.clauses(query), filters, fetched, counted=False)
            if len(more.ids) < fetched:
                more = self._relaxed(query, filters, more, fetched + len(hits.ids))
            hits = _append(hits, self._rescore(query, more))
        return Hits(hits.ids[:limit], hits.scores[:limit], len(hits.ids))

    def _complete_names(self, query: TextQuery, clauses: tuple[Clause, ...], limit: int) -> Hits:
        """Names in which a word starts with the single word of the query, then names that contain it.

        Cached, because the result does not depend on the language.
        """
        if len(query.typed) != 1:
            return _NO_HITS
        key = (query.exact, query.joined, query.typed, clauses, limit)
        hits = self._completed.get(key)
        if hits is None:
            filters = filter_clauses(clauses)
            hits = self._top(self._completion.prefix_clauses(query), filters, limit, counted=False)
            if len(hits.ids) < limit:
                infixes = self._completion.infix_clauses(query)
                hits = _append(hits, self._top(infixes, filters, limit, counted=False))
            self._completed.put(key, hits, memory_size(clauses) + _COMPLETION_BYTES)
        return hits

    def suggest(self, q: str, locale: str, clauses: Sequence[Clause]) -> str | None:
        """Another spelling of a text without exact matches, "did you mean" (contract/search.md 7.7)."""
        filters = filter_clauses(clauses)

        def has_matches(text: str) -> bool:
            scoring = self._ranking.clauses(self._parser.parse(text, locale))
            return bool(self._top(scoring, filters, 1, counted=False).ids)

        if has_matches(q):
            return None
        spellings = self._spellings.candidates(q, locale)
        return next(filter(has_matches, spellings), next(iter(spellings), None))

    def matches(self, q: str, locale: str, clauses: Sequence[Clause]) -> tuple[AddonIds, TextScores]:
        """All matches of `search`, best first: for sorts with relevance as one of their keys."""
        return self._ranked(self._parser.parse(q, locale), tuple(clauses))

    def ids(self, q: str, locale: str, clauses: Sequence[Clause]) -> AddonIds:
        """All matches of `search`, by id: for sorts without relevance, at half the cost of `matches`."""
        query = self._parser.parse(q, locale)
        hits = self._exact_hits(query, clauses, order_by_field="id", order=Order.Asc)
        if len(hits) >= _RELAXED_BELOW:
            return np.array([id_ for id_, _ in hits], np.int64)
        return np.sort(self._ranked(query, tuple(clauses)).ids)

    def _ranked(self, query: TextQuery, clauses: tuple[Clause, ...]) -> _Ranked:
        """All matches; cached, because callers that read page 50 go on to page 51."""
        key = (query.text, query.analyzers, clauses)
        ranked = self._rankings.get(key)
        if ranked is None:
            ranked = self._rank(query, clauses)
            self._rankings.put(key, ranked, len(ranked.ids) + memory_size(clauses) // _MATCH_BYTES + 100)
        return ranked

    def _rank(self, query: TextQuery, clauses: tuple[Clause, ...]) -> _Ranked:
        exact = self._exact_hits(query, clauses, weight_by_field="weight")
        if len(exact) < _RELAXED_BELOW:
            hits = self._top_or_relaxed(query, clauses, max(len(self), 1))
            return _Ranked(np.array(hits.ids, np.int64), np.array(hits.scores, np.float64))
        ids = np.array(hit_ids(self._searcher, exact), np.int64)
        return _Ranked(*_sort_arrays(ids, np.array([score for score, _ in exact], np.float64)))

    def _exact_hits(self, query: TextQuery, clauses: Sequence[Clause], **order: Any) -> list[Any]:
        scoring = self._ranking.clauses(query)
        if not scoring or not len(self):
            return []
        filtered = _filtered(scoring, filter_clauses(clauses))
        return self._searcher.search(filtered, len(self), count=False, **order).hits

    def explanation(self, q: str, locale: str, clauses: Sequence[Clause]) -> Explanation:
        """Explains the scores of add-ons, whether they match the clauses or not."""
        query, filters = self._parser.parse(q, locale), filter_clauses(clauses)
        exact = self._top(self._ranking.clauses(query), filters, _RELAXED_BELOW)
        is_exact = exact.count >= _RELAXED_BELOW
        tiers = self._ranking.tiers(query) if is_exact else self._relaxed_tiers(query, bool(exact.ids))
        return Explanation(self._searcher, tiers, self._ranking.phrases(query))

    def ids_with_term(self, term: str, without: str | None = None) -> list[int]:
        """The ids of all add-ons with a term, except those with the term `without`."""
        query = term_query("terms", term)
        if without is not None:
            query = Query.boolean_query([(Occur.Must, query), (Occur.MustNot, term_query("terms", without))])
        return list(scores_by_id(self._searcher, query, max(len(self), 1)))

    # -- exact and relaxed hits

    def _top_or_relaxed(self, query: TextQuery, clauses: Sequence[Clause], limit: int) -> Hits:
        """At least the top `limit` exact matches; where those are few, hits of the relaxed query."""
        filters = filter_clauses(clauses)
        exact = self._top(self._ranking.clauses(query), filters, max(limit, _RELAXED_BELOW))
        if exact.count >= _RELAXED_BELOW:
            return exact
        # All of them, because exact matches that are not among them have to be counted as well.
        return self._relaxed(query, filters, exact, _MAX_RELAXED if exact.ids else limit)

    def _relaxed(self, query: TextQuery, filters: BooleanClauses, exact: Hits, limit: int) -> Hits:
        """The top `limit` of the relaxed query, which the `exact` matches are among."""
        scoring = list(chain(*self._relaxed_tiers(query, bool(exact.ids)).values()))
        limit = min(limit, _MAX_RELAXED)
        hits = self._top(scoring, filters, limit, counted=limit < _MAX_RELAXED)
        count = min(hits.count, _MAX_RELAXED)  # there are no pages beyond them
        if count > len(exact.ids):
            missing = sorted(set(exact.ids).difference(hits.ids)) if len(hits.ids) == count else []
            more = Hits(missing, [0.0] * len(missing), len(missing))
            return _append(Hits(hits.ids, hits.scores, count), more)
        return _append(hits, self._top(self._fuzzy.fallback_clauses(query), filters, _MAX_RELAXED))

    def _relaxed_tiers(self, query: TextQuery, has_exact: bool) -> dict[str, BooleanClauses]:
        partial, full_score = self._relaxation.clauses(query, correct=not has_exact)
        return {
            **(self._ranking.tiers(query, full_score) if has_exact else {}),
            "spelled likewise": self._fuzzy.clauses(query, has_exact=has_exact, full_score=full_score),
            "some of the words, or synonyms": partial,
        }

    def _top(
        self, scoring: BooleanClauses, filters: BooleanClauses, limit: int, counted: bool = True
    ) -> Hits:
        """The top `limit`. Ties go by id, so more are fetched while the last scores are equal."""
        if not scoring:
            return _NO_HITS
        query = _filtered(scoring, filters)
        fetched = limit + _OVERFETCH
        while True:
            result: Any = self._searcher.search(query, fetched, counted, weight_by_field="weight")
            hits = result.hits
            if len(hits) < fetched or len(hits) == result.count or hits[limit - 1][0] != hits[-1][0]:
                break
            fetched *= 4
        ids, scores = hit_ids(self._searcher, hits), [score for score, _ in hits]
        if len(set(scores)) < len(scores):
            ids, scores = _sort_hits(ids, scores)
        return Hits(ids[:limit], scores[:limit], result.count if counted else len(hits))

    def _rescore(self, query: TextQuery, hits: Hits) -> Hits:
        """Add phrase scores to the hits in the rescoring window (contract/search.md 7.2)."""
        phrases = self._ranking.phrases(query) if len(hits.ids) > 1 else []
        if not phrases:
            return hits
        ids, scores = hits.ids[:_RESCORE_WINDOW], hits.scores[:_RESCORE_WINDOW]
        phrase_scores = scores_by_id(self._searcher, rescore_query(ids, phrases), _RESCORE_WINDOW)
        rescored = [score + phrase_scores.get(id_, 0.0) for id_, score in zip(ids, scores, strict=True)]
        ids, scores = _sort_hits(ids, rescored)
        return Hits(ids + hits.ids[_RESCORE_WINDOW:], scores + hits.scores[_RESCORE_WINDOW:], hits.count)


def _sort_hits(ids: list[int], scores: list[float]) -> tuple[list[int], list[float]]:
    """By score descending, then id."""
    if len(ids) < _NUMPY_FROM:
        hits = sorted([(-score, id_) for id_, score in zip(ids, scores, strict=True)])
        return [id_ for _, id_ in hits], [-score for score, _ in hits]
    sorted_ids, sorted_scores = _sort_arrays(np.array(ids, np.int64), np.array(scores, np.float64))
    return sorted_ids.tolist(), sorted_scores.tolist()


def _sort_arrays(ids: AddonIds, scores: TextScores) -> tuple[AddonIds, TextScores]:
    order = np.lexsort((ids, -scores))
    return ids[order], scores[order]


def _filtered(scoring: BooleanClauses, filters: BooleanClauses) -> Query:
    """Beside a Must clause Should clauses are optional, so their union becomes a Must clause, too."""
    if any(occur == Occur.Must for occur, _ in filters):
        return Query.boolean_query([(Occur.Must, any_of(scoring)), *filters])
    return Query.boolean_query([*scoring, *filters])


def _append(hits: Hits, more: Hits) -> Hits:
    """`hits`, then those of `more` that are new, their scores scaled to stay below."""
    known = set(hits.ids)
    pairs = zip(more.scores, more.ids, strict=True)
    new = [(score, addon_id) for score, addon_id in pairs if addon_id not in known]
    if not new:
        return hits
    top = hits.scores[-1] / 2 if hits.scores else new[0][0]
    scale = min(1.0, top / max(new[0][0], top)) if top else 0.0
    scores = [*hits.scores, *(score * scale for score, _ in new)]
    return Hits([*hits.ids, *(addon_id for _, addon_id in new)], scores, hits.count + len(new))
