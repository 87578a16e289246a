"""The C library's heap (glibc): empty pages go back to the system. Elsewhere nothing happens.

Any thread.
"""

import ctypes
from typing import Final

_M_TRIM_THRESHOLD: Final = -1
_M_TOP_PAD: Final = -2
_M_MMAP_THRESHOLD: Final = -3
_LARGE: Final = 256 * 1024  # bytes
_SPARE: Final = 8 * 1024 * 1024


def return_memory() -> None:
    """Give back the pages that building or many changes left empty."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def give_back_large_blocks() -> None:
    """Once, at start: blocks from _LARGE on get pages of their own, and give them back when freed.

    Left alone, glibc keeps room for the largest block it has seen: whole lists of language tools,
    a megabyte each, would leave holes of that size. The end of the heap keeps _SPARE: else each answer of
    100 kB would return its pages to the system and have them back for the next, several times over.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_M_MMAP_THRESHOLD, _LARGE)
        set_option(_M_TRIM_THRESHOLD, _SPARE)
        set_option(_M_TOP_PAD, _SPARE // 8)
