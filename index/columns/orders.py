"""Cached orders: all rows of the table, sorted, for the sorts that searches use.

An order is sorted once and then patched: when it is next read, rows that changed are
removed and inserted again by binary search, so a burst of changes costs one patch for
each sort in use. Sorting a large table would block the event loop for too long, so
`get` has a thread sort a copy of the columns, and returns None until that is done.

Event loop only.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from index.cache import BoundedCache
from index.columns.table import Rows, Table, to_rows
from index.criteria.sorting import Sort

MAX_ORDERS: Final = 12
# Sorting so many rows by three keys takes some 25 ms; more rows are sorted in a thread.
SORTED_INLINE: Final = 120_000
# Orders that threads sort at the same time; those in `prepare` come on top.
_MAX_PENDING: Final = 2
# Sorting anew is cheaper than patching more than this share of all rows.
_MAX_PATCH_SHARE: Final = 1 / 64
_MIN_PATCH: Final = 256  # rows that are patched whatever their share


class _Order:
    __slots__ = ("changed", "rows")

    def __init__(self, rows: Rows | None) -> None:
        self.rows = rows  # None while a thread is sorting
        self.changed: set[int] = set()  # rows written or dropped since


class Orders:
    def __init__(self, table: Table, sorted_inline: int) -> None:
        """`sorted_inline`: the most rows that are sorted in the event loop."""
        self._table = table
        self._sorted_inline = sorted_inline
        self._orders: BoundedCache[_Order] = BoundedCache(MAX_ORDERS)
        self._pending: dict[Sort, asyncio.Task[None]] = {}

    def mark_changed(self, row: int) -> None:
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
            if len(self._table) > self._sorted_inline:
                if len(self._pending) < _MAX_PENDING:
                    self._start_sort(sort)
                return None
            order = _Order(_sorted(*self._snapshot(sort)))
            self._orders.put(sort, order)
        return order.rows

    async def prepare(self, sort: Sort) -> None:
        """Wait until `get` has the order; concurrent callers share the work."""
        if self.get(sort) is None:
            self._start_sort(sort)
            await asyncio.shield(self._pending[sort])

    def _start_sort(self, sort: Sort) -> None:
        """Have a thread sort an order; without a running event loop there is nobody to take the result."""
        if sort in self._pending:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        task = loop.create_task(self._sort_in_thread(sort))
        self._pending[sort] = task
        task.add_done_callback(lambda done: self._pending.pop(sort, None))

    async def _sort_in_thread(self, sort: Sort) -> None:
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
        rows = to_rows(self._table.rows)
        keys = [self._table.ascending(key, rows) for key in sort]
        return rows, [*keys, self._table.ids[rows]]

    def _refresh(self, order: _Order, sort: Sort) -> bool:
        """Patch the order with the changed rows; False when there are too many of them."""
        assert order.rows is not None
        if not order.changed:
            return True
        limit = max(_MIN_PATCH, len(self._table) * _MAX_PATCH_SHARE)
        if len(order.changed) > limit:
            return False
        changed, order.changed = order.changed, set()
        unchanged = np.ones(self._table.capacity, np.bool_)
        unchanged[list(changed)] = False
        rows = order.rows[unchanged.take(order.rows)]
        key = self._table.row_key(sort)
        present = sorted((row for row in changed if row in self._table.rows), key=key)
        positions = [bisect_left(rows, key(row), key=key) for row in present]
        order.rows = np.insert(rows, positions, present) if present else rows
        return True


def _sorted(rows: Rows, keys: Sequence[npt.NDArray[Any]]) -> Rows:
    return rows[np.lexsort(keys[::-1])]
