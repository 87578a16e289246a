"""The public catalogue as columns: filters and exact sorts without a text query.

    columns = Columns()
    columns.put(entry)
    ids, count = columns.page(query.clauses, query.sort, 0, 25)

Terms have posting lists (postings.py), numbers are arrays (table.py), sorts have
cached orders (orders.py). The matches of a search's clauses are cached until the next
change. Every result is exact and ties are broken by id, so consecutive pages add up to
the whole result.

Event loop only, except `restore`, which fills a new instance in any thread.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from index.cache import BoundedCache
from index.columns.facets import count_values
from index.columns.orders import SORTED_INLINE, Orders
from index.columns.postings import Postings
from index.columns.table import Ids, Rows, Table, descending, to_bitmap, to_rows
from index.columns.window import Items, KeyFunction, window
from index.criteria.clauses import AnyOf, Between, Clause, Fits, NoneOf, memory_size
from index.criteria.facets import Facet
from index.criteria.sorting import KEYS, RELEVANCE, Sort, random_seed
from index.entry import MISSING, Entry

Clauses = tuple[Clause, ...]
Scores = npt.NDArray[np.floating]

_STRIDE: Final = 256  # rows of an order scanned before the matches are counted again
# Bytes that caches may hold, the clauses in their keys included.
_BITMAP_CACHE_BYTES: Final = 2_000_000
_BITMAP_BYTES: Final = 10_000
_ROW_CACHE_BYTES: Final = 8_000_000


class Limits(NamedTuple):
    """Sizes at which another algorithm takes over, as measured. They never change a result."""

    few: int = 64  # so few matches are sorted by Python faster than by numpy, and not worth caching
    scan: int = 4096  # rows of an order scanned one by one, before all matches are marked instead
    sorted_inline: int = SORTED_INLINE  # the most rows that are sorted in the event loop


_DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class StoredRows:
    """Add-ons as a snapshot has them: parallel lists, because those are cheapest for many thousands."""

    ids: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    numbers: list[bytes] = field(default_factory=list)  # index/entry.py: pack_numbers
    unique: list[tuple[str, ...]] = field(default_factory=list)  # terms that no other add-on has
    shared: list[bytes] = field(default_factory=list)  # the other terms, as 32-bit vocabulary numbers


class Columns:
    def __init__(self, limits: Limits = _DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._table = Table()
        self._postings = Postings()
        self._orders = Orders(self._table, limits.sorted_inline)
        self._matches: BoundedCache[BitMap] = BoundedCache(_BITMAP_CACHE_BYTES)
        self._ranked: BoundedCache[Rows] = BoundedCache(_ROW_CACHE_BYTES)
        self._by_id: tuple[Rows, Ids] | None = None  # all rows by id, their ids

    def __len__(self) -> int:
        return len(self._table)

    def __contains__(self, addon_id: int) -> bool:
        return self._postings.row(f"id:{addon_id}") is not None

    @property
    def memory(self) -> list[dict[str, Any]]:
        """The whole state, for an image of it."""
        return [vars(self._table), vars(self._postings)]

    # -- changes

    def restore(self, rows: StoredRows, vocabulary: Sequence[str]) -> None:
        """Fill a new instance; `vocabulary` has the terms by number. Raises IndexError for unknown ones."""
        self._table.restore(rows.ids, rows.names, rows.numbers)
        self._postings.restore(rows.unique, rows.shared, vocabulary)

    def put(self, entry: Entry) -> None:
        """Insert or replace an add-on."""
        row = self._table.put(self._postings.row(f"id:{entry.id}"), entry)
        self._postings.put(row, entry.terms)
        self._invalidate(row)

    def drop(self, addon_id: int) -> None:
        """Remove an add-on; an unknown id is no error."""
        row = self._postings.row(f"id:{addon_id}")
        if row is not None:
            self._postings.drop(row)
            self._table.drop(row)
            self._invalidate(row)

    def _invalidate(self, row: int) -> None:
        self._orders.mark_changed(row)
        self._matches.clear()
        self._ranked.clear()
        self._by_id = None

    def release(self) -> None:
        """Free a replaced instance; in a thread, because freeing a large one takes a while."""
        self._postings.release()

    # -- filters

    def ids(self, clauses: Clauses) -> Ids:
        """The ids of all matches, ascending."""
        return np.sort(self._table.ids[to_rows(self._matching_rows(clauses))])

    def facet_counts(
        self, facets: Iterable[Facet], clauses: Clauses, ids: Ids | None = None
    ) -> dict[str, list[tuple[str, int]]]:
        """The counts of each facet's values over all matches; `ids` are the matches of a text query."""
        if ids is None:
            matches = self._matching_rows(clauses)
        else:
            rows, exist = self._find_rows(ids)
            matches = to_bitmap(rows[exist])
        return {facet.name: count_values(self._postings, matches, facet) for facet in facets}

    def fitting(self, fits: Fits) -> AnyOf:
        """`fits` as a clause, from the compatibility ranges that add-ons have now."""
        return self._postings.ranges.fitting(fits)

    def _matching_rows(self, clauses: Clauses) -> BitMap:
        """The rows that match every clause. Read only: it may be a stored bitmap."""
        if not clauses:
            return self._table.rows
        matches = self._matches.get(clauses)
        if matches is None:
            matches = self._evaluate(clauses)
            if len(matches) > self._limits.few:
                self._matches.put(clauses, matches, _BITMAP_BYTES + memory_size(clauses))
        return matches

    def _evaluate(self, clauses: Clauses) -> BitMap:
        required = [self._clause_rows(clause) for clause in clauses if not isinstance(clause, NoneOf)]
        excluded = [self._postings.any_of(clause.terms) for clause in clauses if isinstance(clause, NoneOf)]
        if len(required) > 1:
            matches = BitMap.intersection(*required)
        else:
            matches = required[0] if required else self._table.rows
        return BitMap.difference(matches, *excluded) if excluded else matches

    def _clause_rows(self, clause: AnyOf | Between) -> BitMap:
        if isinstance(clause, AnyOf):
            return self._postings.any_of(clause.terms)
        rows = self._matches.get(clause)
        if rows is None:
            rows = self._range_rows(clause)
            self._matches.put(clause, rows, _BITMAP_BYTES)
        return rows

    def _range_rows(self, clause: Between) -> BitMap:
        """The rows within a range; an add-on without a value is in no range."""
        column = self._table.columns[clause.column]
        low = clause.low
        if np.issubdtype(column.dtype, np.integer):
            low = MISSING + 1 if low is None else max(low, MISSING + 1)
        inside = np.ones(len(column), np.bool_) if low is None else column >= low
        if clause.high is not None:
            inside &= column <= clause.high
        # A bitmap of the smaller side is the cheaper one to build.
        if np.count_nonzero(inside) * 2 > len(inside):
            return self._table.rows - to_bitmap(np.flatnonzero(~inside))
        return to_bitmap(np.flatnonzero(inside)) & self._table.rows

    # -- pages

    async def prepare(self, sort: Sort) -> None:
        """Wait until the order of a sort is ready.

        Optional: until a thread has sorted it, pages of a large catalogue are selected from
        all matches instead. `()` is the order by id, in which `sort_ids` looks up ids.
        """
        if all(key in KEYS for key in sort):
            await self._orders.prepare(sort)

    def page(self, clauses: Clauses, sort: Sort, start: int, stop: int) -> tuple[list[int], int]:
        """The ids `start` (inclusive) to `stop` (exclusive) of the sorted matches, and the total.

        `sort` is one of index/criteria/sorting.py, without relevance.
        """
        matches = self._matching_rows(clauses)
        stop = min(stop, len(matches))
        if start >= stop:
            return [], len(matches)
        rows = self._slice(matches, clauses, sort, start, stop)
        return self._table.ids[rows].tolist(), len(matches)

    def _slice(
        self, matches: BitMap, clauses: Clauses, sort: Sort, start: int, stop: int
    ) -> Rows | list[int]:
        random = random_seed(sort[0]) is not None
        if len(matches) <= self._limits.few and not random:
            return sorted(matches, key=self._table.row_key(sort))[start:stop]
        order = None if random else self._orders.get(sort)
        if order is None:
            return window(self._keys(sort), to_rows(matches), start, stop)
        if len(matches) == len(order):
            return order[start:stop]
        return self._filter_order(matches, order, (clauses, sort), start, stop)

    def _filter_order(
        self, matches: BitMap, order: Rows, query: tuple[Clauses, Sort], start: int, stop: int
    ) -> Rows | list[int]:
        """The matches in an order: a scan soon has the first of many; for the others all are marked."""
        ranked = self._ranked.get(query)
        if ranked is None:
            scan = self._limits.scan
            if stop * len(order) <= len(matches) * scan // 2:
                first = _scan(matches, order[:scan], stop)
                if len(first) >= stop:
                    return first[start:stop]
            mask = np.zeros(self._table.capacity, np.bool_)
            mask[to_rows(matches)] = True
            ranked = order.take(np.flatnonzero(mask.take(order)))
            self._ranked.put(query, ranked, ranked.nbytes + memory_size(query[0]))
        return ranked[start:stop]

    def _keys(self, sort: Sort) -> list[KeyFunction]:
        keys: list[KeyFunction] = [partial(self._table.ascending, key) for key in sort]
        return [*keys, self._table.ids.take]

    # -- matches of a text query

    def sort_ids(
        self, ids: Ids, scores: Scores | None, sort: Sort, start: int, stop: int
    ) -> tuple[list[int], list[float] | None]:
        """Sort the matches of a text query; returns ids `start` to `stop`, and their scores.

        `scores` belong to `ids`. Where `sort` is without relevance, the result has None for
        them. Ids that the catalogue no longer has are left out.
        """
        rows, exist = self._find_rows(ids)
        keys: list[KeyFunction] = []
        for key in sort:
            if key != RELEVANCE:
                keys.append(partial(self._ascending_values, key, rows))
            elif scores is not None:
                keys.append(descending(scores).take)
        chosen = window([*keys, ids.take], np.flatnonzero(exist), start, stop)
        ranked = scores is not None and RELEVANCE in sort
        return ids[chosen].tolist(), scores[chosen].tolist() if ranked and scores is not None else None

    def _ascending_values(self, key: str, rows: Rows, items: Items) -> npt.NDArray[Any]:
        return self._table.ascending(key, rows[items])

    def _find_rows(self, ids: Ids) -> tuple[Rows, npt.NDArray[np.bool_]]:
        """The row of each id, and whether it has one."""
        if self._by_id is None:
            order = self._orders.get(())
            if order is None:
                order = to_rows(self._table.rows)
                order = order[np.argsort(self._table.ids[order], kind="stable")]
            self._by_id = order, self._table.ids[order]
        rows, sorted_ids = self._by_id
        if not len(rows):
            return np.zeros(len(ids), np.int32), np.zeros(len(ids), np.bool_)
        positions = np.minimum(np.searchsorted(sorted_ids, ids), len(rows) - 1)
        return rows[positions], sorted_ids[positions] == ids


def _scan(matches: BitMap, order: Rows, stop: int) -> list[int]:
    """The first `stop` matching rows of an order, or fewer where it has fewer."""
    matched: list[int] = []
    for start in range(0, len(order), _STRIDE):
        matched += [row for row in order[start : start + _STRIDE].tolist() if row in matches]
        if len(matched) >= stop:
            break
    return matched
