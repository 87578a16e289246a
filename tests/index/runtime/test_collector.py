"""The collector is off while anybody wants it off, in whatever thread, and on again after the last."""

import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from index.runtime.collector import held_off, hold_off, kept_out, let_go


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    assert gc.isenabled()
    yield
    assert gc.isenabled()


def test_within_each_other() -> None:
    with held_off():
        hold_off()
        with held_off():
            assert not gc.isenabled()
        let_go()
        assert not gc.isenabled()


def test_a_failure_lets_go() -> None:
    with pytest.raises(KeyError), held_off():
        raise KeyError


def test_many_threads_at_once() -> None:
    start = threading.Barrier(4)

    def work() -> list[bool]:
        start.wait()
        seen = []
        for _ in range(2000):
            with held_off():
                seen.append(gc.isenabled())
        return seen

    with ThreadPoolExecutor(4) as pool:
        found = [future.result() for future in [pool.submit(work) for _ in range(4)]]
    assert not any(map(any, found))


def test_what_is_kept_out_is_frozen() -> None:
    before = gc.get_freeze_count()
    with kept_out():
        made = [[number] for number in range(100)]
    assert gc.get_freeze_count() >= before + len(made)
    gc.unfreeze()
