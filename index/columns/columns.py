"""The public catalogue as columns: filters and exact sorts without a text query.

    columns = Columns()
    columns.put(entry)
    ids, count = columns.page(query.clauses, query.sort, 0, 25)

Terms are bitmaps (postings.py), numbers arrays (table.py), sorts kept orders
(orders.py). What the clauses of a search leave is remembered until the next
change. Every answer is exact, and ties are broken by id, so pages joined are
the whole.

Event loop only, except `restore`, which fills a new instance in any thread.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from index.cache import BoundedCache
from index.columns.facets import count_values
from index.columns.orders import SORTED_AT_ONCE, Orders
from index.columns.postings import Postings
from index.columns.table import Ids, Rows, Table, descending
from index.columns.window import Items, KeyFunction, window
from index.criteria.clauses import AnyOf, Between, Clause, Fits, NoneOf, size_of
from index.criteria.facets import Facet
from index.criteria.sorting import KEYS, RELEVANCE, Sort, random_seed
from index.entry import MISSING, Entry

Clauses = tuple[Clause, ...]
Scores = npt.NDArray[np.floating]

_STRIDE: Final = 256  # rows of an order looked at between two looks at how many matched
# Bytes of what is remembered, the clauses of its keys included.
_REMEMBERED_BITMAPS: Final = 2_000_000
_BITMAP: Final = 10_000
_REMEMBERED_ROWS: Final = 8_000_000


class Limits(NamedTuple):
    """Sizes at which the way to an answer changes, never the answer. As measured."""

    few: int = 64  # matches that Python sorts faster than numpy, and that are not worth remembering
    walk: int = 4096  # rows of an order looked at one by one, before all matches are marked instead
    sorted_at_once: int = SORTED_AT_ONCE  # rows sorted while everybody waits


_MEASURED: Final = Limits()


@dataclass(frozen=True, slots=True)
class StoredRows:
    """Add-ons as a snapshot has them, one place in each list: what thousands of them cost least as."""

    ids: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    numbers: list[bytes] = field(default_factory=list)  # index/entry.py: pack_numbers
    own: list[tuple[str, ...]] = field(default_factory=list)  # terms that no other add-on has
    shared: list[bytes] = field(default_factory=list)  # 32-bit numbers of further terms


class Columns:
    def __init__(self, limits: Limits = _MEASURED) -> None:
        self._limits = limits
        self._table = Table()
        self._postings = Postings()
        self._orders = Orders(self._table, limits.sorted_at_once)
        self._matches: BoundedCache[BitMap] = BoundedCache(_REMEMBERED_BITMAPS)
        self._ranked: BoundedCache[Rows] = BoundedCache(_REMEMBERED_ROWS)
        self._by_id: tuple[Rows, Ids] | None = None  # all rows by id, their ids

    def __len__(self) -> int:
        return len(self._table)

    def __contains__(self, addon_id: int) -> bool:
        return self._postings.row(f"id:{addon_id}") is not None

    @property
    def memory(self) -> list[dict[str, Any]]:
        """All that is known of the add-ons."""
        return [vars(self._table), vars(self._postings)]

    # -- changes

    def restore(self, rows: StoredRows, vocabulary: Sequence[str]) -> None:
        """Fill a new instance; `vocabulary` has the terms by number. Raises IndexError for one it has not."""
        self._table.restore(rows.ids, rows.names, rows.numbers)
        self._postings.restore(rows.own, rows.shared, vocabulary)

    def put(self, entry: Entry) -> None:
        """Insert or replace an add-on."""
        row = self._table.put(self._postings.row(f"id:{entry.id}"), entry)
        self._postings.put(row, entry.terms)
        self._changed(row)

    def drop(self, addon_id: int) -> None:
        """Remove an add-on; one that is not there is no error."""
        row = self._postings.row(f"id:{addon_id}")
        if row is not None:
            self._postings.drop(row)
            self._table.drop(row)
            self._changed(row)

    def _changed(self, row: int) -> None:
        self._orders.touch(row)
        self._matches.clear()
        self._ranked.clear()
        self._by_id = None

    def release(self) -> None:
        """Free a replaced instance; in a thread, as the memory of a large one takes a while to free."""
        self._postings.release()

    # -- filters

    def ids(self, clauses: Clauses) -> Ids:
        """The ids of all matches, ascending."""
        return np.sort(self._table.ids[_rows(self._match(clauses))])

    def facet_counts(
        self, facets: Iterable[Facet], clauses: Clauses, ids: Ids | None = None
    ) -> dict[str, list[tuple[str, int]]]:
        """By facet, how many of the matches have each value; `ids` are the matches of a text query."""
        if ids is None:
            matches = self._match(clauses)
        else:
            rows, exist = self._find_rows(ids)
            matches = _bitmap(rows[exist])
        return {facet.name: count_values(self._postings, matches, facet) for facet in facets}

    def fitting(self, fits: Fits) -> AnyOf:
        """What `fits` asks of the add-ons there are now."""
        return self._postings.ranges.fitting(fits)

    def _match(self, clauses: Clauses) -> BitMap:
        """The rows for which every clause holds. The bitmap may be a stored one: read only."""
        if not clauses:
            return self._table.rows
        matches = self._matches.get(clauses)
        if matches is None:
            matches = self._evaluate(clauses)
            if len(matches) > self._limits.few:
                self._matches.put(clauses, matches, _BITMAP + size_of(clauses))
        return matches

    def _evaluate(self, clauses: Clauses) -> BitMap:
        required = [self._holding(clause) for clause in clauses if not isinstance(clause, NoneOf)]
        excluded = [self._postings.any_of(clause.terms) for clause in clauses if isinstance(clause, NoneOf)]
        if len(required) > 1:
            matches = BitMap.intersection(*required)
        else:
            matches = required[0] if required else self._table.rows
        return BitMap.difference(matches, *excluded) if excluded else matches

    def _holding(self, clause: AnyOf | Between) -> BitMap:
        if isinstance(clause, AnyOf):
            return self._postings.any_of(clause.terms)
        rows = self._matches.get(clause)
        if rows is None:
            rows = self._between(clause)
            self._matches.put(clause, rows, _BITMAP)
        return rows

    def _between(self, clause: Between) -> BitMap:
        """Rows within a range; an add-on without a value is within none."""
        column = self._table.columns[clause.column]
        low = clause.low
        if np.issubdtype(column.dtype, np.integer):
            low = MISSING + 1 if low is None else max(low, MISSING + 1)
        inside = np.ones(len(column), np.bool_) if low is None else column >= low
        if clause.high is not None:
            inside &= column <= clause.high
        # The smaller half is the cheaper one to write down.
        if np.count_nonzero(inside) * 2 > len(inside):
            return self._table.rows - _bitmap(np.flatnonzero(~inside))
        return _bitmap(np.flatnonzero(inside)) & self._table.rows

    # -- pages

    async def prepare(self, sort: Sort) -> None:
        """Wait until a sort's order is ready.

        Nobody has to: a large catalogue is looked through for each page while its first
        use has the order sorted in a thread. `()` is the order by id, in which `sort_ids`
        looks up its ids.
        """
        if all(key in KEYS for key in sort):
            await self._orders.prepare(sort)

    def page(self, clauses: Clauses, sort: Sort, start: int, stop: int) -> tuple[list[int], int]:
        """The ids `start` (inclusive) to `stop` (exclusive) of the sorted matches, and how many match.

        `sort` as index/criteria/sorting.py gives it, without relevance.
        """
        matches = self._match(clauses)
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
            return window(self._keys(sort), _rows(matches), start, stop)
        if len(matches) == len(order):
            return order[start:stop]
        return self._in_order(matches, order, (clauses, sort), start, stop)

    def _in_order(
        self, matches: BitMap, order: Rows, query: tuple[Clauses, Sort], start: int, stop: int
    ) -> Rows | list[int]:
        """The matches among the rows of an order: the first of many are met soon, the rest marked."""
        ranked = self._ranked.get(query)
        if ranked is None:
            walk = self._limits.walk
            if stop * len(order) <= len(matches) * walk // 2:
                met = _walk(matches, order[:walk], stop)
                if len(met) >= stop:
                    return met[start:stop]
            mask = np.zeros(self._table.capacity, np.bool_)
            mask[_rows(matches)] = True
            ranked = order.take(np.flatnonzero(mask.take(order)))
            self._ranked.put(query, ranked, ranked.nbytes + size_of(query[0]))
        return ranked[start:stop]

    def _keys(self, sort: Sort) -> list[KeyFunction]:
        keys: list[KeyFunction] = [partial(self._table.ascending, key) for key in sort]
        return [*keys, self._table.ids.take]

    # -- matches of a text query

    def sort_ids(
        self, ids: Ids, scores: Scores | None, sort: Sort, start: int, stop: int
    ) -> tuple[list[int], list[float] | None]:
        """Matches of a text query in the order of `sort`, from `start` to `stop`, and their scores.

        `scores` go with `ids`; they are None in the answer when relevance takes no
        part in the order. Ids that are not in the catalogue any more are left out.
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
                order = _rows(self._table.rows)
                order = order[np.argsort(self._table.ids[order], kind="stable")]
            self._by_id = order, self._table.ids[order]
        rows, sorted_ids = self._by_id
        if not len(rows):
            return np.zeros(len(ids), np.int32), np.zeros(len(ids), np.bool_)
        spots = np.minimum(np.searchsorted(sorted_ids, ids), len(rows) - 1)
        return rows[spots], sorted_ids[spots] == ids


def _walk(matches: BitMap, order: Rows, stop: int) -> list[int]:
    """The first `stop` rows of an order that match, or fewer where they are far between."""
    met: list[int] = []
    for start in range(0, len(order), _STRIDE):
        met += [row for row in order[start : start + _STRIDE].tolist() if row in matches]
        if len(met) >= stop:
            break
    return met


def _rows(bitmap: BitMap) -> Rows:
    """The rows of a bitmap, ascending."""
    return np.array(bitmap.to_array(), np.int32)


def _bitmap(rows: npt.NDArray[np.integer]) -> BitMap:
    """A bitmap of rows; by way of `array`, as building one from numpy is ten times slower."""
    return BitMap(array("I", rows.astype(np.uint32).tobytes()))
