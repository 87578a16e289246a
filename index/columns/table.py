"""The numbers of the public add-ons: an array for each column, a row for each add-on.

A row is reused once its add-on is gone, so outside this package add-ons go by their
id. Names are a column like the others (name_labels.py).

Event loop only, except `restore`, which fills a new instance in any thread.
"""

from array import array
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from index.columns.name_labels import NameLabels
from index.criteria.sorting import KEYS, Sort, random_seed
from index.entry import NUMBERS, Entry

Rows = npt.NDArray[np.int32]
Ids = npt.NDArray[np.int64]
Array = npt.NDArray[Any]
RowKey = Callable[[int], tuple[int | float, ...]]

_NAME: Final = "name"
_FIRST_CAPACITY: Final = 1024
# Unused names are dropped once they outnumber the add-ons by this many.
_MAX_UNUSED_NAMES: Final = 1000


class Table:
    def __init__(self) -> None:
        self.rows = BitMap()  # in use
        self.ids: Ids = np.zeros(0, np.int64)
        self.columns: dict[str, Array] = {name: np.zeros(0, kind) for name, kind in NUMBERS.items()}
        self.columns[_NAME] = np.zeros(0, np.int64)
        self._names = NameLabels()
        self._free: list[int] = []

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def capacity(self) -> int:
        return len(self.ids)

    def restore(self, ids: Sequence[int], names: Sequence[str], numbers: Sequence[bytes]) -> None:
        """Fill an empty table, from row 0 on. `numbers` are packed (index/entry.py)."""
        self.rows = BitMap(range(len(ids)))
        self.ids = np.array(ids, np.int64)
        rows = np.frombuffer(b"".join(numbers), np.dtype(list(NUMBERS.items())))
        for name in NUMBERS:
            self.columns[name] = rows[name].copy()
        self.columns[_NAME] = self._names.load(names)

    def put(self, row: int | None, entry: Entry) -> int:
        """Write an add-on to its row, or to a new one; returns the row."""
        label = self._label(entry.name)
        if row is None:
            row = self._new_row()
        self.ids[row] = entry.id
        for name, value in zip(NUMBERS, entry.numbers, strict=True):
            self.columns[name][row] = value
        self.columns[_NAME][row] = label
        return row

    def drop(self, row: int) -> None:
        self.rows.discard(row)
        self._free.append(row)

    def row_key(self, sort: Sort) -> RowKey:
        """A sort key for single rows: tuples that compare in the order of `sort`, ties broken by id."""
        keys = [(self.columns[KEYS[name].column], KEYS[name].descending) for name in sort]
        ids = self.ids

        def key(row: int) -> tuple[int | float, ...]:
            values = [-column.item(row) if down else column.item(row) for column, down in keys]
            return (*values, ids.item(row))

        return key

    def ascending(self, key: str, rows: Rows) -> Array:
        """The values of a sort key for these rows, negated where it descends: the smallest comes first."""
        seed = random_seed(key)
        if seed is not None:
            return _shuffled(self.ids[rows], seed)
        values = self.columns[KEYS[key].column][rows]
        return descending(values) if KEYS[key].descending else values

    def _new_row(self) -> int:
        row = self._free.pop() if self._free else len(self.rows)
        if row >= self.capacity:
            self._grow()
        self.rows.add(row)
        return row

    def _grow(self) -> None:
        capacity = max(_FIRST_CAPACITY, self.capacity * 5 // 4)
        self.ids = _grow_column(self.ids, capacity)
        self.columns = {name: _grow_column(column, capacity) for name, column in self.columns.items()}

    def _label(self, name: str) -> int:
        label = self._names.label(name)
        if label is None or len(self._names) > 2 * len(self.rows) + _MAX_UNUSED_NAMES:
            self._respread_names()
            label = self._names.label(name)
            assert label is not None, "a fresh spread has room between any two names"
        return label

    def _respread_names(self) -> None:
        column = self.columns[_NAME]
        rows = to_rows(self.rows)
        before, after = self._names.respread(column[rows])
        column[rows] = after[np.searchsorted(before, column[rows])]


def descending(values: Array) -> Array:
    """Values whose ascending order is the descending order of these.

    Integers are inverted bit by bit, because the smallest one has no negative.
    """
    return ~values if np.issubdtype(values.dtype, np.integer) else -values


def to_rows(bitmap: BitMap) -> Rows:
    """The rows of a bitmap, ascending."""
    return np.array(bitmap.to_array(), np.int32)


def to_bitmap(rows: npt.NDArray[np.integer]) -> BitMap:
    """A bitmap of rows; by way of `array`, because building one from numpy is ten times slower."""
    return BitMap(array("I", rows.astype(np.uint32).tobytes()))


def _grow_column(column: Array, capacity: int) -> Array:
    grown = np.zeros(capacity, column.dtype)
    grown[: len(column)] = column
    return grown


def _shuffled(ids: Ids, seed: int) -> npt.NDArray[np.uint64]:
    """A pseudo-random number for each id, which depends on nothing but id and seed (splitmix64)."""
    mixed = ids.astype(np.uint64) + np.uint64((seed * 0x9E3779B97F4A7C15) % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))
