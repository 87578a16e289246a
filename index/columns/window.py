"""A slice of a sorted list, without sorting what lies outside the slice.

    window(keys, items, 25, 50)  -> the 26th to 50th of `items`

Exact, ties included: selection finds the first and last value that the slice has of the
first key, and only items with those values need the next key. Pure.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Items = npt.NDArray[Any]
# Maps items to their sort values; smaller ones come first.
KeyFunction = Callable[[Items], npt.NDArray[Any]]

_SORTED_DIRECTLY: Final = 256


def window(keys: Sequence[KeyFunction], items: Items, start: int, stop: int) -> Items:
    """`items` sorted by `keys`, most important first, from `start` to `stop`.

    The last key must be unique. `stop` may be beyond the end.
    """
    stop = min(stop, len(items))
    if start >= stop or len(items) == 1:
        return items[start:stop]
    if len(items) <= _SORTED_DIRECTLY or (stop - start) * 4 > len(items):
        return _sorted(keys, items)[start:stop]
    values = keys[0](items)
    edges = np.partition(values, (start, stop - 1))
    low, high = edges[start], edges[stop - 1]
    before = int(np.count_nonzero(values < low))
    start, stop = start - before, stop - before
    first = items[values == low]
    if low == high:
        return window(keys[1:], first, start, stop)
    middle = items[(values > low) & (values < high)]
    left = stop - len(first) - len(middle)
    return np.concatenate(
        (
            window(keys[1:], first, start, len(first)),
            _sorted(keys, middle),
            window(keys[1:], items[values == high], 0, left),
        )
    )


def _sorted(keys: Sequence[KeyFunction], items: Items) -> Items:
    return items[np.lexsort([key(items) for key in reversed(keys)])]
