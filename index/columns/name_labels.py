"""Names as numbers that sort as the names do.

A name's label is a 64-bit number between those of its neighbours, with room for
others in between, so a new name moves nothing. Sorting by name is then sorting
by a number, like every other sort. Equal names share a label.

Event loop only, except `load`, which fills a new instance in any thread.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]

_STEP: Final = 2**32  # between neighbours after a load: some thirty names fit between any two
_LIMIT: Final = 2**62


class Names:
    def __init__(self) -> None:
        self._names: list[str] = []  # distinct, in code-point order
        self._labels = array("q")

    def __len__(self) -> int:
        return len(self._names)

    def load(self, names: Sequence[str]) -> Labels:
        """Take these names in place of all others; a label for each, in their order."""
        self._spread(sorted(set(names)))
        by_name = dict(zip(self._names, self._labels, strict=True))
        return np.fromiter((by_name[name] for name in names), np.int64, len(names))

    def label(self, name: str) -> int | None:
        """The label of a name, new or known; None when there is no room for it before a `respread`."""
        spot = bisect_left(self._names, name)
        if spot < len(self._names) and self._names[spot] == name:
            return self._labels[spot]
        label = self._between(spot)
        if label is not None:
            self._names.insert(spot, name)
            self._labels.insert(spot, label)
        return label

    def respread(self, used: Labels) -> tuple[Labels, Labels]:
        """Make room everywhere and forget the names whose labels are not `used`.

        Returns the labels in use, ascending, and those that take their place: the
        order between names stays as it was.
        """
        before = np.unique(used)
        spots = np.searchsorted(np.array(self._labels, np.int64), before)
        self._spread(self._names[spot] for spot in spots.tolist())
        return before, np.array(self._labels, np.int64)

    def _spread(self, names: Iterable[str]) -> None:
        self._names = list(names)
        self._labels = array("q", range(0, len(self._names) * _STEP, _STEP))

    def _between(self, spot: int) -> int | None:
        labels = self._labels
        if not labels:
            return 0
        if spot == 0:
            label = labels[0] - _STEP
        elif spot == len(labels):
            label = labels[-1] + _STEP
        else:
            label = (labels[spot - 1] + labels[spot]) // 2
            if label == labels[spot - 1]:
                return None
        return label if -_LIMIT < label < _LIMIT else None
