"""Text search over the public add-ons: a tantivy index, in a folder or in memory.

    engine = Engine(folder)                      # with what is there; None: in memory
    engine.add(engine.text(addon, entry))        # any number, writer thread
    engine.commit()                              # writer thread
    engine.refresh()                             # event loop: now searches see it
    hits = engine.search("tab tree", "en-US", (AnyOf(("app:firefox",)),), limit=25)

What was typed is searched first. Only when that leaves room on the first page is the
query relaxed (relaxation.py, fuzzy.py), so most searches never pay for it.

`text`, `add`, `apply` and `commit` belong to one writer thread; the rest to the event
loop. A search sees all of a commit or nothing of it.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

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
from index.text.filter_queries import narrowing
from index.text.fuzzy import FuzzyNames
from index.text.near_words import Lookalikes
from index.text.query import QueryParser, TextQuery
from index.text.ranking import BooleanClauses, Ranking, any_of, term
from index.text.relaxation import Relaxation
from index.text.schema import SCHEMA, IndexText, Writer, register_tokenizers
from index.text.suggestion import Spellings
from index.text.synonyms import Synonyms

AddonIds = npt.NDArray[np.int64]
TextScores = npt.NDArray[np.float64]

_FEW: Final = 25  # exact matches, a usual page: with fewer, the query is relaxed
_MOST_RELAXED: Final = 200  # no list is longer than that where exact matches are few
_RESCORED: Final = 10
_SPARE: Final = 8  # hits fetched beyond those wanted, to see where ties end
# Seconds after each changed add-on in which the event loop has the interpreter to itself: a search lets go
# of it ten times and more, and each time would have to wait until it comes back.
_BREATH: Final = 0.001
_HEAP: Final = 256 * 1024 * 1024  # taken as needed; some hundred thousand add-ons make one segment
_MANY: Final = 500  # hits that numpy sorts faster than Python
_COMPLETIONS: Final = 4_000_000  # bytes of the names kept that single words become
_COMPLETED: Final = 2_000  # of one word, more or less
_DEEP: Final = 1_000  # a page beyond that is cut from the whole order, which is kept
_REMEMBERED: Final = 500_000  # matches in whole orders kept
_MATCH: Final = 16  # bytes of one


@dataclass(frozen=True, slots=True)
class Hits:
    """The best matches, best first: score descending, then id ascending."""

    ids: list[int]
    scores: list[float]
    count: int  # all matches, at least where they were not to be counted


_NOTHING: Final = Hits([], [], 0)


class _Order(NamedTuple):
    """All matches in the order of their relevance."""

    ids: AddonIds
    scores: TextScores


class Engine:
    def __init__(self, folder: Path | None = None) -> None:
        """Raises OSError, and ValueError for a folder that cannot be used."""
        if folder is not None:
            folder.mkdir(mode=0o700, exist_ok=True)
        self._index = tantivy.Index(SCHEMA, path=str(folder) if folder else None)
        register_tokenizers(self._index)
        # Tantivy's own threads are started in it, at the beginning and by each commit.
        self._background = background_thread("index-commit")
        # One thread, so that a bulk load makes one segment in the order it was given.
        run = self._background.submit
        self._index_writer = run(self._index.writer, heap_size=_HEAP, num_threads=1).result()
        # What a killed process left of a commit has the name that the next one's files get.
        run(self._index_writer.garbage_collect_files).result()
        # Names the last commit; known in a folder from one process to the next.
        self.commit_number: int = self._index_writer.commit_opstamp
        self._writer = Writer()
        self._names = Lookalikes()
        self._words = Lookalikes()
        self._reader = QueryParser()
        self._ranking = Ranking(self._names)
        self._fuzzy = FuzzyNames(self._names, self._words)
        synonyms = Synonyms(self._reader.stems)
        self._relaxation = Relaxation(self._reader, self._ranking, self._fuzzy, synonyms)
        self._spellings = Spellings(self._reader, self._ranking, self._fuzzy, synonyms)
        self._completion = Completion(self._ranking)
        self._orders: BoundedCache[_Order] = BoundedCache(_REMEMBERED)
        self._completed: BoundedCache[Hits] = BoundedCache(_COMPLETIONS)
        self.refresh()

    def __len__(self) -> int:
        return self._searcher.num_docs

    def close(self) -> None:
        """Let go of the folder."""
        self._background.shutdown()
        del self._index_writer

    @property
    def memory(self) -> list[dict[str, Any]]:
        """What is known of the words beside the folder."""
        return [vars(self._names), vars(self._words)]

    def restore(self) -> None:
        """Know the words of what the folder has; before anybody else uses it, in any thread."""
        for field, near in (("joined", self._names), ("whole", self._words)):
            near.add(name for name, _ in self._searcher.terms_with_prefix(field, ""))
            near.settle()

    # -- changes: writer thread

    def text(self, addon: AddonDoc, entry: Entry) -> IndexText:
        """What is to be searched of an add-on, ready for `add`; changes nothing here."""
        return self._writer.text(addon, entry)

    def add(self, text: IndexText) -> None:
        """Add an add-on that is not there yet; seen after `commit` and `refresh`."""
        self._index_writer.add_json(text.document)
        self._names.add(text.joined)
        self._words.add(text.words)

    def apply(self, puts: Iterable[tuple[AddonDoc, Entry]], drops: Iterable[int]) -> dict[int, Exception]:
        """Insert or replace some add-ons and drop others (unknown ids too), in one commit.

        What went wrong with which add-ons: they are dropped, too.
        """
        faults: dict[int, Exception] = {}
        for addon_id in drops:
            self.drop(addon_id)
        for addon, entry in puts:
            self.drop(entry.id)
            try:
                self.add(self.text(addon, entry))
            except Exception as error:  # the commit is for all of them
                faults[entry.id] = error
            time.sleep(_BREATH)
        self.commit()
        return faults

    def commit(self) -> None:
        # The writer itself goes on naming the commit that it was opened at.
        self.commit_number = self._background.submit(self._index_writer.commit).result()
        self._index.reload()
        self._writer.forget_words()
        self._names.settle()
        self._words.settle()

    def drop(self, addon_id: int) -> None:
        """Take out an add-on; an unknown id is no error. What is added later stays."""
        self._index_writer.delete_documents_by_term("terms", f"id:{addon_id}")

    # -- reads: event loop

    def refresh(self) -> None:
        """Search what the last commit left."""
        self._searcher = self._index.searcher()
        self._ranking.use(self._searcher)
        self._relaxation.use()
        self._orders.clear()
        self._completed.clear()

    def search(
        self, q: str, locale: str, clauses: Sequence[Clause], limit: int, rescore: bool = True
    ) -> Hits:
        """The best `limit` add-ons that match the text and all clauses, and how many do.

        `q` is user text of any kind, matched in the language of `locale`
        (contract/search.md 7). Pages cut from growing limits fit together.
        """
        question = self._reader.read(q, locale)
        if limit > _DEEP:
            order = self._order(question, tuple(clauses))
            hits = Hits(order.ids[:limit].tolist(), order.scores[:limit].tolist(), len(order.ids))
        else:
            hits = self._find(question, clauses, max(limit, _RESCORED))
        if rescore:
            hits = self._rescore(question, hits)
        return Hits(hits.ids[:limit], hits.scores[:limit], hits.count)

    def complete(self, q: str, locale: str, clauses: Sequence[Clause], limit: int) -> Hits:
        """The best `limit` for a text that may go on (contract/search.md 7.6), not counted."""
        question, clauses = self._reader.read(q, locale, True), tuple(clauses)
        hits = self._names_going_on(question, clauses, limit)
        if len(hits.ids) < limit:
            filters, enough = narrowing(clauses), max(limit, _RESCORED)
            more = self._best(self._ranking.clauses(question), filters, enough, counted=False)
            if len(more.ids) < enough:
                more = self._relaxed(question, filters, more, enough + len(hits.ids))
            hits = _below(hits, self._rescore(question, more))
        return Hits(hits.ids[:limit], hits.scores[:limit], len(hits.ids))

    def _names_going_on(self, question: TextQuery, clauses: tuple[Clause, ...], limit: int) -> Hits:
        """Names with a word that begins as the one word asked for, else with its letters inside.

        Remembered, because it is the same in every language.
        """
        if len(question.typed) != 1:
            return _NOTHING
        key = (question.exact, question.joined, question.typed, clauses, limit)
        hits = self._completed.get(key)
        if hits is None:
            filters = narrowing(clauses)
            hits = self._best(self._completion.beginnings(question), filters, limit, counted=False)
            if len(hits.ids) < limit:
                inside = self._completion.inside(question)
                hits = _below(hits, self._best(inside, filters, limit, counted=False))
            self._completed.put(key, hits, memory_size(clauses) + _COMPLETED)
        return hits

    def suggest(self, q: str, locale: str, clauses: Sequence[Clause]) -> str | None:
        """What the text may have been meant for, where nothing has all of it (contract/search.md 7.7)."""
        filters = narrowing(clauses)

        def has_matches(text: str) -> bool:
            wanted = self._ranking.clauses(self._reader.read(text, locale))
            return bool(self._best(wanted, filters, 1, counted=False).ids)

        if has_matches(q):
            return None
        spellings = self._spellings.of(q, locale)
        return next(filter(has_matches, spellings), next(iter(spellings), None))

    def matches(self, q: str, locale: str, clauses: Sequence[Clause]) -> tuple[AddonIds, TextScores]:
        """Everything `search` counts, best first: for sorts that relevance has a part in."""
        return self._order(self._reader.read(q, locale), tuple(clauses))

    def ids(self, q: str, locale: str, clauses: Sequence[Clause]) -> AddonIds:
        """Everything `search` counts, by id: for sorts without relevance, at half the cost of `matches`."""
        question = self._reader.read(q, locale)
        hits = self._all_exact(question, clauses, order_by_field="id", order=Order.Asc)
        if len(hits) >= _FEW:
            return np.array([one for one, _ in hits], np.int64)
        return np.sort(self._order(question, tuple(clauses)).ids)

    def _order(self, question: TextQuery, clauses: tuple[Clause, ...]) -> _Order:
        """All matches; the last orders are kept, as who asks for page 50 asks for 51."""
        key = (question.text, question.analyzers, clauses)
        order = self._orders.get(key)
        if order is None:
            order = self._find_order(question, clauses)
            self._orders.put(key, order, len(order.ids) + memory_size(clauses) // _MATCH + 100)
        return order

    def _find_order(self, question: TextQuery, clauses: tuple[Clause, ...]) -> _Order:
        hits = self._all_exact(question, clauses, weight_by_field="weight")
        if len(hits) < _FEW:
            found = self._find(question, clauses, max(len(self), 1))
            return _Order(np.array(found.ids, np.int64), np.array(found.scores, np.float64))
        ids, scores = np.array(self._ids(hits), np.int64), np.array([score for score, _ in hits], np.float64)
        order = np.lexsort((ids, -scores))
        return _Order(ids[order], scores[order])

    def _all_exact(self, question: TextQuery, clauses: Sequence[Clause], **order: Any) -> list[Any]:
        wanted = self._ranking.clauses(question)
        if not wanted or not len(self):
            return []
        query = _narrowed(wanted, narrowing(clauses))
        return self._searcher.search(query, len(self), count=False, **order).hits

    def explanation(self, q: str, locale: str, clauses: Sequence[Clause]) -> Explanation:
        """What an add-on earns by the text, whether the clauses let it through or not."""
        question, filters = self._reader.read(q, locale), narrowing(clauses)
        exact = self._best(self._ranking.clauses(question), filters, _FEW)
        relaxed = (self._relaxation, self._fuzzy, bool(exact.ids)) if exact.count < _FEW else None
        return Explanation(self._searcher, question, self._ranking, relaxed)

    def holders(self, name: str, without: str = "") -> list[int]:
        """The ids of all add-ons that have a term and not the other one."""
        clauses = [(Occur.Must, term("terms", name)), (Occur.MustNot, term("terms", without))]
        hits: Any = self._searcher.search(Query.boolean_query(clauses), max(len(self), 1), count=False)
        return self._ids(hits.hits) if hits.hits else []

    # -- how matches are found

    def _find(self, question: TextQuery, clauses: Sequence[Clause], limit: int) -> Hits:
        """At least the first `limit`: exact matches; where they are few, what has some of the words too."""
        filters = narrowing(clauses)
        exact = self._best(self._ranking.clauses(question), filters, max(limit, _FEW))
        if exact.count >= _FEW:
            return exact
        # All, where the count has to say which exact matches are not among them.
        return self._relaxed(question, filters, exact, _MOST_RELAXED if exact.ids else limit)

    def _relaxed(self, question: TextQuery, filters: BooleanClauses, exact: Hits, limit: int) -> Hits:
        """The first `limit` of all that has some of the words, the `exact` matches among them."""
        some, whole = self._relaxation.clauses(question, mends=not exact.ids)
        clauses = [
            *(self._ranking.clauses(question, whole) if exact.ids else ()),
            *self._fuzzy.clauses(question, beside=bool(exact.ids), whole=whole),
            *some,
        ]
        limit = min(limit, _MOST_RELAXED)
        hits = self._best(clauses, filters, limit, counted=limit < _MOST_RELAXED)
        count = min(hits.count, _MOST_RELAXED)  # there are no pages beyond them
        if count > len(exact.ids):
            rest = sorted(set(exact.ids).difference(hits.ids)) if len(hits.ids) == count else []
            return _below(Hits(hits.ids, hits.scores, count), Hits(rest, [0.0] * len(rest), len(rest)))
        return _below(hits, self._best(self._fuzzy.last_resort(question), filters, _MOST_RELAXED))

    def _best(
        self, wanted: BooleanClauses, filters: BooleanClauses, limit: int, counted: bool = True
    ) -> Hits:
        """The first `limit`: fetched on while scores are equal at the end, as ties go by id."""
        if not wanted:
            return _NOTHING
        query = _narrowed(wanted, filters)
        fetched = limit + _SPARE
        while True:
            result: Any = self._searcher.search(query, fetched, counted, weight_by_field="weight")
            hits = result.hits
            if len(hits) < fetched or len(hits) == result.count or hits[limit - 1][0] != hits[-1][0]:
                break
            fetched *= 4
        if not hits:
            return _NOTHING
        ids, scores = self._ids(hits), [score for score, _ in hits]
        if len(set(scores)) < len(scores):
            ids, scores = _tidy(ids, scores)
        return Hits(ids[:limit], scores[:limit], result.count if counted else len(hits))

    def _ids(self, hits: list[tuple[Any, tantivy.DocAddress]]) -> list[int]:
        return cast(list[int], self._searcher.fast_field_values("id", [address for _, address in hits]))

    def _rescore(self, question: TextQuery, found: Hits) -> Hits:
        """Extra points for the first ten where words stand together (contract/search.md 7.2)."""
        phrases = self._ranking.phrases(question) if len(found.ids) > 1 else []
        if not phrases:
            return found
        ids, scores = found.ids[:_RESCORED], found.scores[:_RESCORED]
        hits = self._searcher.search(_among(ids, phrases), _RESCORED, count=False).hits
        if not hits:
            return found
        points = dict(zip(self._ids(hits), [score for score, _ in hits], strict=True))
        raised = [score + points.get(one, 0.0) for one, score in zip(ids, scores, strict=True)]
        ids, scores = _tidy(ids, raised)
        return Hits(ids + found.ids[_RESCORED:], scores + found.scores[_RESCORED:], found.count)


def _tidy(ids: list[int], scores: list[float]) -> tuple[list[int], list[float]]:
    """By score descending, then id."""
    if len(ids) < _MANY:
        hits = sorted([(-score, one) for one, score in zip(ids, scores, strict=True)])
        return [one for _, one in hits], [-score for score, _ in hits]
    found, worth = np.array(ids, np.int64), np.array(scores, np.float64)
    order = np.lexsort((found, -worth))
    return found[order].tolist(), worth[order].tolist()


def _among(ids: list[int], phrases: list[tuple[Query, float]]) -> Query:
    """These add-ons, with the points of these phrases.

    Each phrase is optional by itself: a union of them would be evaluated over whole
    stretches of the index, so they are looked up in the few add-ons alone.
    """
    few = Query.boolean_query([(Occur.Should, term("terms", f"id:{one}")) for one in ids])
    query = Query.const_score_query(few, 0.0)
    for phrase, boost in phrases:
        query = Query.boolean_query([(Occur.Must, query), (Occur.Should, Query.boost_query(phrase, boost))])
    return query


def _narrowed(wanted: BooleanClauses, filters: BooleanClauses) -> Query:
    """Where something else must hold, one of `wanted` has to be said to as well."""
    if any(occur == Occur.Must for occur, _ in filters):
        return Query.boolean_query([(Occur.Must, any_of(wanted)), *filters])
    return Query.boolean_query([*wanted, *filters])


def _below(hits: Hits, more: Hits) -> Hits:
    """`more` after `hits`, without those already there, scores scaled to stay below."""
    known = set(hits.ids)
    pairs = zip(more.scores, more.ids, strict=True)
    rest = [(score, addon_id) for score, addon_id in pairs if addon_id not in known]
    if not rest:
        return hits
    top = hits.scores[-1] / 2 if hits.scores else rest[0][0]
    scale = min(1.0, top / max(rest[0][0], top)) if top else 0.0
    scores = [*hits.scores, *(score * scale for score, _ in rest)]
    return Hits([*hits.ids, *(addon_id for _, addon_id in rest)], scores, hits.count + len(rest))
