"""The garbage collector, held off while documents are read and taken over.

    with held_off():
        ...         # in any thread, within each other, beside each other

Documents are trees: the collector would walk each new one again and again, tens of milliseconds
in which nothing else runs, and find nothing. They go when the last one looks away from them.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_holders = 0


def hold_off() -> None:
    """Until as many have called `let_go`."""
    global _holders
    with _lock:
        _holders += 1
        gc.disable()


def let_go() -> None:
    global _holders
    with _lock:
        _holders -= 1
        if not _holders:
            gc.enable()


@contextmanager
def held_off() -> Iterator[None]:
    hold_off()
    try:
        yield
    finally:
        let_go()


@contextmanager
def kept_out() -> Iterator[None]:
    """As `held_off`; what there is at the end is left out of every later collection."""
    with held_off():
        try:
            yield
        finally:
            gc.freeze()
