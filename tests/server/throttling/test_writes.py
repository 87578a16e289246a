"""Windows that slide, budgets that are shared, and what passes without being counted."""

from typing import Any

import pytest

from conf.limits import DAY, HOUR, MINUTE, THROTTLES
from server.throttling.writes import Throttles
from tests.factories import make_user

ANN, BOB = make_user(_id=7), make_user(_id=8, username="bob")
ADDRESS, OTHER_ADDRESS = "192.0.2.1", "192.0.2.2"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Counting:
    """Throttles with a clock that a test moves."""

    def __init__(self, **options: Any) -> None:
        self.clock = Clock()
        self.throttles = Throttles(clock=self.clock, **options)

    def hit(self, scope: str, user: Any = ANN, address: str = ADDRESS, after: float = 0.0) -> int:
        self.clock.now += after
        return self.throttles.hit(scope, user, address)


@pytest.mark.parametrize(
    ("scope", "rate"),
    [pytest.param(scope, rates[0], id=scope) for scope, rates in THROTTLES.items()],
)
def test_the_first_window_lets_its_limit_pass_and_no_more(scope: str, rate: Any) -> None:
    counting = Counting()
    assert [counting.hit(scope) for _ in range(rate.limit)] == [0] * rate.limit
    assert counting.hit(scope) == rate.seconds


def test_a_window_slides() -> None:
    counting = Counting()
    assert [counting.hit("submission", after=20) for _ in range(3)] == [0, 0, 0]
    assert counting.hit("submission", after=10) == 10  # 30 s after the second, 50 s after the first
    assert counting.hit("submission", after=9.5) == 1
    assert counting.hit("submission", after=0.5) == 0


def test_a_clock_that_is_set_back_keeps_nobody_out() -> None:
    counting = Counting()
    for _ in range(3):
        assert counting.hit("submission") == 0
    assert counting.hit("submission", after=-DAY) == MINUTE
    assert counting.hit("submission", after=MINUTE) == 0


def test_hits_from_a_host_whose_clock_is_ahead_count_from_now_on() -> None:
    counting = Counting()
    counting.throttles.merge([("submission", 0, "user:7", counting.clock.now + HOUR)] * 3)
    assert counting.hit("submission") == MINUTE
    assert counting.hit("submission", after=MINUTE) == 0


def test_what_one_window_refuses_the_others_count() -> None:
    counting = Counting()
    for _ in range(3):
        assert counting.hit("submission") == 0
    for _ in range(7):  # refused by the minute, counted by the hour: ten of ten
        assert counting.hit("submission") == MINUTE
    assert counting.hit("submission", after=MINUTE) == HOUR - MINUTE


def test_the_longest_wait_is_told() -> None:
    counting = Counting()
    for _ in range(24):
        assert counting.hit("rating_post", after=MINUTE) == 0
    assert counting.hit("rating_post") == DAY - 23 * MINUTE


def test_waits_are_whole_seconds_from_one_up() -> None:
    counting = Counting()
    counting.hit("rating_reply")
    assert counting.hit("rating_reply", after=4.9999) == 1
    assert counting.hit("rating_reply", after=0.0002) == 0


@pytest.mark.parametrize(
    ("scope", "second", "waits"),
    [
        pytest.param("rating_reply", (BOB, ADDRESS), False, id="another-user-has-a-budget-of-their-own"),
        pytest.param("rating_reply", (ANN, OTHER_ADDRESS), True, id="a-user-is-one-from-any-address"),
        pytest.param("rating_reply", (None, ADDRESS), False, id="strangers-are-counted-by-address"),
        pytest.param("rating_post", (BOB, ADDRESS), True, id="an-address-window-counts-users-together"),
        pytest.param("rating_post", (BOB, OTHER_ADDRESS), False, id="another-user-elsewhere"),
    ],
)
def test_who_is_counted_together(scope: str, second: tuple[Any, str], waits: bool) -> None:
    counting = Counting()
    assert counting.hit(scope) == 0
    assert bool(counting.hit(scope, *second)) is waits


def test_strangers_share_the_budget_of_their_address() -> None:
    counting = Counting()
    assert counting.hit("rating_reply", None) == 0
    assert counting.hit("rating_reply", None) == 5


def test_scopes_do_not_share_a_budget() -> None:
    counting = Counting()
    assert counting.hit("rating_reply") == 0
    assert counting.hit("rating_post") == 0


@pytest.mark.parametrize("permission", ["API:BypassThrottling", "API:*", "*:*"])
def test_who_may_bypass_is_not_counted(permission: str) -> None:
    counting = Counting()
    robot = make_user(permissions=[permission])
    assert [counting.hit("rating_reply", robot) for _ in range(5)] == [0] * 5
    assert len(counting.throttles) == 0


def test_the_setting_turns_all_of_it_off() -> None:
    counting = Counting(enabled=False)
    assert [counting.hit("rating_reply") for _ in range(5)] == [0] * 5


def test_memory_is_bounded_and_the_least_recent_goes_first() -> None:
    counting = Counting(limit=10)
    for number in range(1000):
        counting.hit("rating_reply", make_user(_id=number + 1))
        assert len(counting.throttles) <= 10
    assert counting.hit("rating_reply", make_user(_id=1000)) == 5
    assert counting.hit("rating_reply", make_user(_id=1)) == 0


def test_an_unknown_scope_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        Throttles().hit("nothing", ANN, ADDRESS)
