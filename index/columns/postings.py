"""Which rows have a term.

Most terms (every id, slug and guid) belong to one add-on: such a term holds the
row itself, so a list of guids costs one dict look-up each. Terms of a few
add-ons, as most authors have, hold a tuple, the others a compressed bitmap.

`ranges` knows the terms of compatible versions that anybody has (index/criteria/compatibility.py),
`open_terms` those of facets whose values no table has (index/criteria/facets.py).

Event loop only, except `restore` and `release`. The bitmaps handed out are the
stored ones: read them, and not past the next change.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from index.criteria.compatibility import RANGE, RangeTerms
from index.criteria.facets import OPEN, OpenTerms

Holders = int | tuple[int, ...] | BitMap

_NOTED: Final = (RANGE, *OPEN)  # beginnings of the terms of which it is known which there are
_FEW: Final = 12  # a bitmap of so few rows would take more memory


class Postings:
    def __init__(self) -> None:
        self._holders: dict[str, Holders] = {}
        # By row: its terms, none where no add-on has it. Until it changes, a row of a snapshot has further
        # ones, as numbers of the vocabulary: `_counts` of them from `_starts` on.
        self._terms: list[Sequence[str]] = []
        self._numbers = np.zeros(0, np.uint32)
        self._starts = self._counts = np.zeros(0, np.int64)
        self._vocabulary: Sequence[str] = ()
        self.ranges = RangeTerms()
        self.open_terms = OpenTerms()

    def restore(
        self, own: Sequence[Sequence[str]], shared: Sequence[bytes], vocabulary: Sequence[str]
    ) -> None:
        """Fill an empty instance: of rows 0, 1, 2, ... the terms that each has alone, and the 32-bit numbers
        of others.

        Raises IndexError for a number that `vocabulary` has not.
        """
        self._terms, self._vocabulary = list(own), vocabulary
        self._counts = np.fromiter(map(len, shared), np.int64, len(shared)) // 4
        self._starts = np.cumsum(self._counts) - self._counts
        self._numbers = np.frombuffer(b"".join(shared), np.uint32)
        rows = np.repeat(np.arange(len(shared), dtype=np.uint32), self._counts)
        rows = rows[np.argsort(self._numbers, kind="stable")]
        counts = np.bincount(self._numbers, minlength=len(vocabulary))
        ends = np.cumsum(counts)
        self._holders = {
            vocabulary[number]: _holders(rows[end - count : end])
            for number, (count, end) in enumerate(zip(counts.tolist(), ends.tolist(), strict=True))
            if count > 1
        }
        alone = np.flatnonzero(counts == 1)
        terms = map(vocabulary.__getitem__, alone.tolist())
        self._holders |= zip(terms, rows[ends[alone] - 1].tolist(), strict=True)
        for term in vocabulary:
            if term.startswith(_NOTED) and term in self._holders:
                self._enter(term)
        for row, row_terms in enumerate(own):
            for term in row_terms:
                if self._holders.setdefault(term, row) != row:
                    self._add(term, row)

    def release(self) -> None:
        """Empty a replaced instance bit by bit; any thread, and no other is held up for long."""
        while self._holders:
            self._holders.popitem()
        while self._terms:
            self._terms.pop()

    def row(self, term: str) -> int | None:
        """The row of a term that one add-on has at most, such as `id:7`."""
        holders = self._holders.get(term)
        return holders if holders is None or isinstance(holders, int) else min(holders)

    def put(self, row: int, terms: tuple[str, ...]) -> None:
        """Give a row these terms in place of those it has."""
        if row >= len(self._terms):
            self._terms.extend([()] * (row + 1 - len(self._terms)))
        before = {*self._terms[row], *self._shared(row)}
        self._terms[row] = terms
        if row < len(self._counts):
            self._counts[row] = 0
        for term in before.difference(terms):
            self._discard(term, row)
        for term in set(terms).difference(before):
            self._add(term, row)

    def _shared(self, row: int) -> Iterator[str]:
        """The terms that a row still has as numbers."""
        if row >= len(self._counts):
            return iter(())
        start = self._starts[row]
        return map(self._vocabulary.__getitem__, self._numbers[start : start + self._counts[row]].tolist())

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

    def count(self, term: str, rows: BitMap) -> int:
        """How many of the rows have a term."""
        holders = self._holders.get(term, ())
        if isinstance(holders, BitMap):
            return int(holders.intersection_cardinality(rows))
        return int(holders in rows) if isinstance(holders, int) else sum(row in rows for row in holders)

    def _enter(self, term: str) -> None:
        """A noted term that nobody had."""
        if term.startswith(RANGE):
            self.ranges.add(term)
        else:
            self.open_terms.add(term)

    def _add(self, term: str, row: int) -> None:
        holders = self._holders.get(term)
        if holders is None:
            self._holders[term] = row
            if term.startswith(_NOTED):
                self._enter(term)
        elif isinstance(holders, int):
            self._holders[term] = (holders, row)
        elif not isinstance(holders, tuple):
            holders.add(row)
        elif len(holders) < _FEW:
            self._holders[term] = (*holders, row)
        else:
            self._holders[term] = BitMap((*holders, row))

    def _discard(self, term: str, row: int) -> None:
        holders = self._holders[term]
        if isinstance(holders, int):
            del self._holders[term]
            if term.startswith(RANGE):
                self.ranges.discard(term)
            elif term.startswith(OPEN):
                self.open_terms.discard(term)
        elif isinstance(holders, tuple):
            remaining = tuple(holder for holder in holders if holder != row)
            self._holders[term] = remaining if len(remaining) > 1 else remaining[0]
        else:
            holders.discard(row)
            if len(holders) <= _FEW // 2:  # well below the limit, so as not to go to and fro
                self._holders[term] = tuple(holders)


def _holders(rows: npt.NDArray[np.uint32]) -> Holders:
    if len(rows) == 1:
        return int(rows[0])
    return tuple(rows.tolist()) if len(rows) <= _FEW else BitMap(array("I", rows.tobytes()))
