"""Sorted orders of the whole table, kept for the sorts that are asked for.

An order is every row in use, sorted. It is made once and then patched: rows
that changed are taken out and put in again by binary search when the order is
next read, so a change costs the sorts in use and a burst of changes is one
patch. A large table cannot be sorted within the event loop's patience: there
`get` has a copy of the columns sorted in a thread, and gives None until then.

Event loop only.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from index.cache import BoundedCache
from index.columns.table import Rows, Table
from index.criteria.sorting import Sort

MAX_ORDERS: Final = 12
# Rows that are sorted by three keys in some 25 ms; more are sorted in a thread.
SORTED_AT_ONCE: Final = 120_000
# Orders sorted in threads at once, unless somebody waits for them.
_MAX_COMING: Final = 2
# Above this share of the rows a new sort is cheaper than a patch of so many.
_PATCHED_SHARE: Final = 1 / 64
_PATCHED_AT_LEAST: Final = 256


class _Order:
    __slots__ = ("changed", "rows")

    def __init__(self, rows: Rows | None) -> None:
        self.rows = rows  # None while a thread is sorting
        self.changed: set[int] = set()  # rows written or dropped since


class Orders:
    def __init__(self, table: Table, at_once: int) -> None:
        """`at_once`: rows that may be sorted while everybody waits."""
        self._table = table
        self._at_once = at_once
        self._orders: BoundedCache[_Order] = BoundedCache(MAX_ORDERS)
        self._coming: dict[Sort, asyncio.Task[None]] = {}

    def touch(self, row: int) -> None:
        """Note that a row was written or dropped."""
        for order in self._orders:
            order.changed.add(row)

    def get(self, sort: Sort) -> Rows | None:
        """All rows in the order of `sort`; None while a large table is being sorted."""
        order = self._orders.get(sort)
        if order is not None and order.rows is not None and not self._refresh(order, sort):
            self._orders.drop(sort)
            order = None
        if order is None:
            if len(self._table) > self._at_once:
                if len(self._coming) < _MAX_COMING:
                    self._start(sort)
                return None
            order = _Order(_sorted(*self._snapshot(sort)))
            self._orders.put(sort, order)
        return order.rows

    async def prepare(self, sort: Sort) -> None:
        """Wait until `get` has the order; callers that ask at once share the work."""
        if self.get(sort) is None:
            self._start(sort)
            await asyncio.shield(self._coming[sort])

    def _start(self, sort: Sort) -> None:
        """Have an order sorted in a thread, if there is an event loop to bring it back to."""
        if sort in self._coming:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        task = loop.create_task(self._sort_aside(sort))
        self._coming[sort] = task
        task.add_done_callback(lambda done: self._coming.pop(sort, None))

    async def _sort_aside(self, sort: Sort) -> None:
        order = _Order(None)
        self._orders.put(sort, order)
        snapshot = self._snapshot(sort)
        try:
            order.rows = await asyncio.to_thread(_sorted, *snapshot)
        finally:
            if order.rows is None and self._orders.get(sort) is order:
                self._orders.drop(sort)

    def _snapshot(self, sort: Sort) -> tuple[Rows, list[npt.NDArray[Any]]]:
        """The rows in use and copies of their keys, most important first, the id last."""
        rows = np.array(self._table.rows.to_array(), np.int32)
        keys = [self._table.ascending(key, rows) for key in sort]
        return rows, [*keys, self._table.ids[rows]]

    def _refresh(self, order: _Order, sort: Sort) -> bool:
        """Patch the changed rows in; False when there are too many of them."""
        assert order.rows is not None
        if not order.changed:
            return True
        limit = max(_PATCHED_AT_LEAST, len(self._table) * _PATCHED_SHARE)
        if len(order.changed) > limit:
            return False
        changed, order.changed = order.changed, set()
        unchanged = np.ones(self._table.capacity, np.bool_)
        unchanged[list(changed)] = False
        rows = order.rows[unchanged.take(order.rows)]
        key = self._table.row_key(sort)
        fresh = sorted((row for row in changed if row in self._table.rows), key=key)
        spots = [bisect_left(rows, key(row), key=key) for row in fresh]
        order.rows = np.insert(rows, spots, fresh) if fresh else rows
        return True


def _sorted(rows: Rows, keys: Sequence[npt.NDArray[Any]]) -> Rows:
    return rows[np.lexsort(keys[::-1])]
