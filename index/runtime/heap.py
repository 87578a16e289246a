"""glibc's heap: empty pages go back to the system. With other C libraries nothing happens.

Any thread.
"""

import ctypes
from typing import Final

_M_TRIM_THRESHOLD: Final = -1
_M_TOP_PAD: Final = -2
_M_MMAP_THRESHOLD: Final = -3
_LARGE: Final = 256 * 1024  # bytes
_SPARE: Final = 8 * 1024 * 1024


def trim_heap() -> None:
    """Return the pages to the system that a build or many changes left empty."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def tune_malloc() -> None:
    """Once, at the start: blocks from _LARGE on get pages of their own, which freeing them returns.

    By default glibc raises that threshold to the largest block freed: lists of language tools, a megabyte
    each, would leave holes of that size. _SPARE stays at the heap's end, because otherwise every response of
    100 kB would return its pages to the system and request them again for the next.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_M_MMAP_THRESHOLD, _LARGE)
        set_option(_M_TRIM_THRESHOLD, _SPARE)
        set_option(_M_TOP_PAD, _SPARE // 8)
