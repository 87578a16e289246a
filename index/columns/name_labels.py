"""Names as integers that sort like the names: order maintenance by labels.

The label of a name is a 64-bit integer between those of its neighbours, with gaps left
for new names, so inserting one relabels nothing. Sorting by name is thus sorting by a
number, like every other sort. Equal names share a label.

Event loop only, except `load`, which fills a new instance in any thread.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]

_STEP: Final = 2**32  # gap after a load: it can be halved some thirty times
_LIMIT: Final = 2**62


class NameLabels:
    def __init__(self) -> None:
        self._names: list[str] = []  # distinct, in code-point order
        self._labels = array("q")

    def __len__(self) -> int:
        return len(self._names)

    def load(self, names: Sequence[str]) -> Labels:
        """Replace all names by these; returns a label for each, in their order."""
        self._spread(sorted(set(names)))
        by_name = dict(zip(self._names, self._labels, strict=True))
        return np.fromiter((by_name[name] for name in names), np.int64, len(names))

    def label(self, name: str) -> int | None:
        """The label of a name, added if it is new; None where the gap is used up: `respread` first."""
        position = bisect_left(self._names, name)
        if position < len(self._names) and self._names[position] == name:
            return self._labels[position]
        label = self._between(position)
        if label is not None:
            self._names.insert(position, name)
            self._labels.insert(position, label)
        return label

    def respread(self, used: Labels) -> tuple[Labels, Labels]:
        """Relabel with even gaps, and forget the names whose labels are not `used`.

        Returns the used labels, ascending, and the new labels that replace them in the same order.
        """
        before = np.unique(used)
        positions = np.searchsorted(np.array(self._labels, np.int64), before)
        self._spread(self._names[position] for position in positions.tolist())
        return before, np.array(self._labels, np.int64)

    def _spread(self, names: Iterable[str]) -> None:
        self._names = list(names)
        self._labels = array("q", range(0, len(self._names) * _STEP, _STEP))

    def _between(self, position: int) -> int | None:
        labels = self._labels
        if not labels:
            return 0
        if position == 0:
            label = labels[0] - _STEP
        elif position == len(labels):
            label = labels[-1] + _STEP
        else:
            label = (labels[position - 1] + labels[position]) // 2
            if label == labels[position - 1]:
                return None
        return label if -_LIMIT < label < _LIMIT else None
