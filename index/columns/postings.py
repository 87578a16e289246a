"""The inverted index of the columns: the rows that have a term.

Most terms (every id, slug and guid) belong to one add-on. The posting list of such a
term is the row itself, so a list of guids costs one dict look-up each. Terms with a few
add-ons, as most authors have, keep a tuple; all others keep a compressed bitmap.

`ranges` has the compatibility terms in use (index/criteria/compatibility.py), `open_terms`
those of facets whose values are not known beforehand (index/criteria/facets.py).

Event loop only, except `restore` and `release`. Callers get the stored bitmaps themselves:
they must not write to them, nor keep them past the next change.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from index.columns.table import to_bitmap
from index.criteria.compatibility import RANGE, RangeTerms
from index.criteria.facets import OPEN_PREFIXES, OpenTerms

PostingList = int | tuple[int, ...] | BitMap

_REGISTERED: Final = (RANGE, *OPEN_PREFIXES)  # prefixes of the terms in `ranges` and `open_terms`
_MAX_TUPLE: Final = 12  # up to this many rows, a bitmap would take more memory


class Postings:
    def __init__(self) -> None:
        self._lists: dict[str, PostingList] = {}
        # Terms by row; an unused row has none. Until it changes, a row restored from a snapshot has more
        # terms, as numbers into the vocabulary: `_counts` of them, from `_starts` on.
        self._terms: list[Sequence[str]] = []
        self._numbers = np.zeros(0, np.uint32)
        self._starts = self._counts = np.zeros(0, np.int64)
        self._vocabulary: Sequence[str] = ()
        self.ranges = RangeTerms()
        self.open_terms = OpenTerms()

    def restore(
        self, unique: Sequence[Sequence[str]], shared: Sequence[bytes], vocabulary: Sequence[str]
    ) -> None:
        """Fill an empty instance. Rows 0, 1, 2, ... have `unique` terms, which no other row has, and
        `shared` ones, as 32-bit numbers into `vocabulary`.

        Raises IndexError for a number outside the vocabulary.
        """
        self._terms, self._vocabulary = list(unique), vocabulary
        self._counts = np.fromiter(map(len, shared), np.int64, len(shared)) // 4
        self._starts = np.cumsum(self._counts) - self._counts
        self._numbers = np.frombuffer(b"".join(shared), np.uint32)
        rows = np.repeat(np.arange(len(shared), dtype=np.uint32), self._counts)
        rows = rows[np.argsort(self._numbers, kind="stable")]
        counts = np.bincount(self._numbers, minlength=len(vocabulary))
        ends = np.cumsum(counts)
        self._lists = {
            vocabulary[number]: _posting_list(rows[end - count : end])
            for number, (count, end) in enumerate(zip(counts.tolist(), ends.tolist(), strict=True))
            if count > 1
        }
        single = np.flatnonzero(counts == 1)
        terms = map(vocabulary.__getitem__, single.tolist())
        self._lists |= zip(terms, rows[ends[single] - 1].tolist(), strict=True)
        for term in vocabulary:
            if term.startswith(_REGISTERED) and term in self._lists:
                self._registry(term).add(term)
        for row, row_terms in enumerate(unique):
            for term in row_terms:
                if self._lists.setdefault(term, row) != row:
                    self._add(term, row)

    def release(self) -> None:
        """Empty a replaced instance item by item, so that no other thread is held up for long. Any thread."""
        while self._lists:
            self._lists.popitem()
        while self._terms:
            self._terms.pop()

    def row(self, term: str) -> int | None:
        """The row of a unique term, such as `id:7`."""
        postings = self._lists.get(term)
        return postings if postings is None or isinstance(postings, int) else min(postings)

    def put(self, row: int, terms: tuple[str, ...]) -> None:
        """Replace the terms of a row."""
        if row >= len(self._terms):
            self._terms.extend([()] * (row + 1 - len(self._terms)))
        before = {*self._terms[row], *self._shared_terms(row)}
        self._terms[row] = terms
        if row < len(self._counts):
            self._counts[row] = 0
        for term in before.difference(terms):
            self._discard(term, row)
        for term in set(terms).difference(before):
            self._add(term, row)

    def _shared_terms(self, row: int) -> Iterator[str]:
        """The terms that a row still has as vocabulary numbers."""
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
        # A browser sends a hundred guids, ninety of which the catalogue does not have.
        for postings in [known for known in map(self._lists.get, terms) if known is not None]:
            if isinstance(postings, int):
                rows.append(postings)
            elif isinstance(postings, tuple):
                rows += postings
            else:
                bitmaps.append(postings)
        if not bitmaps:
            return BitMap(rows)
        union = bitmaps[0] if len(bitmaps) == 1 else BitMap.union(*bitmaps)
        return union | BitMap(rows) if rows else union

    def count(self, term: str, rows: BitMap) -> int:
        """How many of the rows have a term."""
        postings = self._lists.get(term, ())
        if isinstance(postings, BitMap):
            return int(postings.intersection_cardinality(rows))
        return int(postings in rows) if isinstance(postings, int) else sum(row in rows for row in postings)

    def _registry(self, term: str) -> RangeTerms | OpenTerms:
        """What lists a term with a prefix of _REGISTERED."""
        return self.ranges if term.startswith(RANGE) else self.open_terms

    def _add(self, term: str, row: int) -> None:
        postings = self._lists.get(term)
        if postings is None:
            self._lists[term] = row
            if term.startswith(_REGISTERED):
                self._registry(term).add(term)
        elif isinstance(postings, int):
            self._lists[term] = (postings, row)
        elif not isinstance(postings, tuple):
            postings.add(row)
        elif len(postings) < _MAX_TUPLE:
            self._lists[term] = (*postings, row)
        else:
            self._lists[term] = BitMap((*postings, row))

    def _discard(self, term: str, row: int) -> None:
        postings = self._lists[term]
        if isinstance(postings, int):
            del self._lists[term]
            if term.startswith(_REGISTERED):
                self._registry(term).discard(term)
        elif isinstance(postings, tuple):
            remaining = tuple(other for other in postings if other != row)
            self._lists[term] = remaining if len(remaining) > 1 else remaining[0]
        else:
            postings.discard(row)
            if len(postings) <= _MAX_TUPLE // 2:  # well below the limit, so as not to flip back and forth
                self._lists[term] = tuple(postings)


def _posting_list(rows: npt.NDArray[np.uint32]) -> PostingList:
    return tuple(rows.tolist()) if len(rows) <= _MAX_TUPLE else to_bitmap(rows)
