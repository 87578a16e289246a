"""The garbage collector, paused while documents are read and applied.

    with gc_paused():
        ...         # any thread; nested and concurrent uses count as one

Documents are trees, which reference counts free: the collector would walk each new one again and
again, tens of milliseconds during which nothing else runs, and find nothing.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_holders = 0


def pause_gc() -> None:
    """Until `resume_gc` was called as often."""
    global _holders
    with _lock:
        _holders += 1
        gc.disable()


def resume_gc() -> None:
    global _holders
    with _lock:
        _holders -= 1
        if not _holders:
            gc.enable()


@contextmanager
def gc_paused() -> Iterator[None]:
    pause_gc()
    try:
        yield
    finally:
        resume_gc()


@contextmanager
def gc_paused_then_frozen() -> Iterator[None]:
    """`gc_paused`; whatever exists at the end is left out of every later collection."""
    with gc_paused():
        try:
            yield
        finally:
            gc.freeze()
