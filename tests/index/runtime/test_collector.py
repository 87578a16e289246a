"""The collector is off while anybody wants it off, in whatever thread, and on again after the last."""

import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from index.runtime.collector import gc_paused, gc_paused_then_frozen, pause_gc, resume_gc


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    assert gc.isenabled()
    yield
    assert gc.isenabled()


def test_within_each_other() -> None:
    with gc_paused():
        pause_gc()
        with gc_paused():
            assert not gc.isenabled()
        resume_gc()
        assert not gc.isenabled()


def test_a_failure_lets_go() -> None:
    with pytest.raises(KeyError), gc_paused():
        raise KeyError


def test_many_threads_at_once() -> None:
    start = threading.Barrier(4)

    def work() -> list[bool]:
        start.wait()
        states = []
        for _ in range(2000):
            with gc_paused():
                states.append(gc.isenabled())
        return states

    with ThreadPoolExecutor(4) as pool:
        states_by_thread = [future.result() for future in [pool.submit(work) for _ in range(4)]]
    assert not any(map(any, states_by_thread))


def test_what_is_kept_out_is_frozen() -> None:
    before = gc.get_freeze_count()
    with gc_paused_then_frozen():
        made = [[number] for number in range(100)]
    assert gc.get_freeze_count() >= before + len(made)
    gc.unfreeze()
