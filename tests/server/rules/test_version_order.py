"""Numbers of versions are ordered as browsers order them."""

from itertools import pairwise

import pytest

from server.rules.version_order import order

# Each less than the next; those of one line are equal.
ORDER = [
    ["0.9"],
    ["1pre", "0+"],
    ["1.-1"],
    ["1.0a1"],
    ["1.0b1"],
    ["1.0b2"],
    ["1.0b10"],
    ["1", "1.", "1.0", "1.0.0"],
    ["1.1pre", "1.1pre0", "1.0+"],
    ["1.1"],
    ["1.9"],
    ["1.10"],
    ["1.*"],
    ["2.0"],
    ["20240101.1"],
    ["*"],
]


@pytest.mark.parametrize(("less", "more"), list(pairwise(ORDER)), ids=lambda line: line[0])
def test_order(less: list[str], more: list[str]) -> None:
    for one in less:
        assert order(one) == order(less[0])
        for other in more:
            assert order(one) < order(other)


@pytest.mark.parametrize("odd", ["", "x", "+", "-", "_", "1" * 255, "1.é", "--1"])
def test_any_text_has_a_place(odd: str) -> None:
    assert order(odd) == order(odd)
    assert (order(odd) < order("1.0")) != (order(odd) >= order("1.0"))
