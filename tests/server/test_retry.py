"""Pauses that double, and a service that is left alone; with a clock of their own."""

import random
from itertools import islice

import pytest

from server.retry import Backoff, Breaker

LIMIT = 5


def test_pauses_double_up_to_the_longest_and_are_never_longer() -> None:
    pauses = list(islice(Backoff(0.1, 2.0), 1100))
    for failures, pause in enumerate(pauses, 1):
        whole = min(0.1 * 2 ** min(failures - 1, 10), 2.0)
        assert whole / 2 <= pause <= whole
    assert len(set(pauses)) > 1000, "processes do not march in step"


class TestBreaker:
    @pytest.fixture(autouse=True)
    def open(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(random, "uniform", lambda low, high: high)
        self.now = 1000.0
        self.breaker = Breaker(Backoff(5.0, 60.0), LIMIT, lambda: self.now)

    def fail(self, times: int = 1) -> list[bool]:
        return [self.breaker.record_failure() for _ in range(times)]

    def test_failures_with_successes_between_do_not_open(self) -> None:
        for _ in range(10):
            self.fail(LIMIT - 1)
            self.breaker.record_success()
        assert self.breaker.allows_call
        assert not self.breaker.is_open

    def test_open_admits_after_a_rest(self) -> None:
        self.fail(LIMIT)
        assert not self.breaker.allows_call
        self.now += 5.0
        assert self.breaker.allows_call

    def test_rests_grow_to_a_limit(self) -> None:
        self.fail(LIMIT)
        rests = []
        for _ in range(6):
            start = self.now
            while not self.breaker.allows_call:
                self.now += 0.5
            rests.append(self.now - start)
            self.fail()
        assert rests == [5.0, 10.0, 20.0, 40.0, 60.0, 60.0]

    def test_success_closes(self) -> None:
        self.fail(LIMIT)
        assert self.breaker.record_success()
        assert self.breaker.allows_call
        self.fail(LIMIT - 1)
        assert self.breaker.allows_call
        assert not self.breaker.record_success()

    def test_what_fails_together_is_one_failure_and_news_once(self) -> None:
        assert self.fail(LIMIT + 20) == [False] * (LIMIT - 1) + [True] + [False] * 20
        self.now += 5.0
        assert self.breaker.allows_call
        assert self.fail(20) == [False] * 20
        self.now += 10.0
        assert self.breaker.allows_call

    def test_a_service_that_asks_to_be_left_alone_is(self) -> None:
        self.breaker.hold_off(30.0)
        self.breaker.hold_off(3.0)
        self.breaker.record_success()
        self.now += 29.0
        assert not self.breaker.allows_call
        self.now += 1.0
        assert self.breaker.allows_call
