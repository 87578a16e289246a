"""Which rows have a term.

Most terms (every id, slug and guid) belong to one add-on: such a term holds the
row itself, so a list of guids costs one dict look-up each. Terms of a few
add-ons, as most authors have, hold a tuple, the others a compressed bitmap.

`ranges` knows the terms of compatible versions that anybody has (compatibility.py).

Event loop only, except `load` and `release`. The bitmaps handed out are the
stored ones: read them, and not past the next change.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pyroaring import BitMap

from index.search_params.compatibility import RANGE, RangeTerms

Holders = int | tuple[int, ...] | BitMap

_FEW: Final = 12  # a bitmap of so few rows would take more memory


class Postings:
    def __init__(self) -> None:
        self._holders: dict[str, Holders] = {}
        self._terms: list[tuple[str, ...]] = []  # by row; () for a row not in use
        self.ranges = RangeTerms()

    def load(self, terms: Sequence[tuple[str, ...]]) -> None:
        """Fill an empty instance with the terms of rows 0, 1, 2, ...; any thread."""
        shared: dict[str, list[int]] = {}
        first: dict[str, Any] = {}  # rows, and in the end all holders
        for row, its in enumerate(terms):
            for term in its:
                other = first.setdefault(term, row)
                if other != row:
                    shared.setdefault(term, [other]).append(row)
        self._holders = first
        while shared:  # bit by bit: to free it in one go would hold up other threads
            term, rows = shared.popitem()
            self._holders[term] = tuple(rows) if len(rows) <= _FEW else BitMap(array("I", rows))
        self._terms = list(terms)
        for term in self._holders:
            if term.startswith(RANGE):
                self.ranges.add(term)

    def release(self) -> None:
        """Empty a replaced instance bit by bit; any thread, and no other is held up for long."""
        while self._holders:
            self._holders.popitem()
        while self._terms:
            self._terms.pop()

    def row(self, term: str) -> int | None:
        """The row of a term that one add-on has at most, such as `id:7`."""
        found = self._holders.get(term)
        return found if found is None or isinstance(found, int) else min(found)

    def put(self, row: int, terms: tuple[str, ...]) -> None:
        """Give a row these terms in place of those it has."""
        if row >= len(self._terms):
            self._terms.extend([()] * (row + 1 - len(self._terms)))
        before, self._terms[row] = self._terms[row], terms
        for term in set(before).difference(terms):
            self._discard(term, row)
        for term in set(terms).difference(before):
            self._add(term, row)

    def drop(self, row: int) -> None:
        self.put(row, ())

    def any_of(self, terms: Iterable[str]) -> BitMap:
        """The rows with at least one of the terms."""
        rows: list[int] = []
        bitmaps: list[BitMap] = []
        # Of a hundred guids that a browser sends, ninety are nobody's.
        for found in [holders for holders in map(self._holders.get, terms) if holders is not None]:
            if isinstance(found, int):
                rows.append(found)
            elif isinstance(found, tuple):
                rows += found
            else:
                bitmaps.append(found)
        if not bitmaps:
            return BitMap(rows)
        union = bitmaps[0] if len(bitmaps) == 1 else BitMap.union(*bitmaps)
        return union | BitMap(rows) if rows else union

    def _add(self, term: str, row: int) -> None:
        found = self._holders.get(term)
        if found is None:
            self._holders[term] = row
            if term.startswith(RANGE):
                self.ranges.add(term)
        elif isinstance(found, int):
            self._holders[term] = (found, row)
        elif not isinstance(found, tuple):
            found.add(row)
        elif len(found) < _FEW:
            self._holders[term] = (*found, row)
        else:
            self._holders[term] = BitMap((*found, row))

    def _discard(self, term: str, row: int) -> None:
        found = self._holders[term]
        if isinstance(found, int):
            del self._holders[term]
            if term.startswith(RANGE):
                self.ranges.discard(term)
        elif isinstance(found, tuple):
            rest = tuple(other for other in found if other != row)
            self._holders[term] = rest if len(rest) > 1 else rest[0]
        else:
            found.discard(row)
            if len(found) <= _FEW // 2:  # well below the limit, so as not to go to and fro
                self._holders[term] = tuple(found)
