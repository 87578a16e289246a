"""The drills' own instruments: what must be noticed is noticed, and the unwell Basket is unwell."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.drills import checks
from tests.drills.report import Outcome, percentile, table
from tests.drills.service import Service, number_of
from tests.fake_basket import Arrival, Basket


@pytest.fixture
def basket() -> Iterator[Basket]:
    with closing(Basket()) as basket:
        yield basket


def post(basket: Basket) -> int:
    """The status it answers one sync with, body read to its end."""
    address = basket.url.removeprefix("http://")
    with closing(http.client.HTTPConnection(address, timeout=0.5)) as connection:
        connection.request("POST", "/amo-sync/addon/", b'{"id": 7, "slug": "drill-7-1"}')
        with connection.getresponse() as answer:
            answer.read()
            return answer.status


@pytest.mark.parametrize(
    ("ill", "fault"),
    [
        ("refuses", ConnectionRefusedError),
        ("hangs", TimeoutError),
        ("answers garbage", http.client.BadStatusLine),
        ("closes mid-answer", http.client.HTTPException),
    ],
)
def test_an_unwell_basket_gives_no_answer_and_gets_well(
    basket: Basket, ill: str, fault: type[Exception]
) -> None:
    basket.be(ill)
    with pytest.raises(fault):
        post(basket)
    assert not any(arrival.accepted for arrival in basket.arrivals)
    basket.be(None)
    assert post(basket) == 200
    assert [arrival.accepted for arrival in basket.sent()[7]][-1]


@pytest.mark.parametrize("ill", ["500", "429"])
def test_an_unwell_basket_says_so(basket: Basket, ill: str) -> None:
    basket.be(ill)
    assert post(basket) == int(ill)
    assert [arrival.accepted for arrival in basket.arrivals] == [False]


@pytest.mark.parametrize(("numbers", "found"), [([1, 2, 2, 5], 0), ([1, 3, 2], 1)])
def test_an_older_state_after_a_newer_one_is_noticed(
    basket: Basket, tmp_path: Path, numbers: list[int], found: int
) -> None:
    for number in numbers:
        body = {"id": 7, "slug": f"drill-7-{number}"}
        basket.arrivals.append(Arrival("/amo-sync/addon/", "drill", body, 0.0, True))
    assert len(checks.out_of_order(Service(tmp_path, basket))) == found


def test_a_row_that_does_not_hold_shows_and_counts() -> None:
    outcome = Outcome("mongod killed", "twice")
    outcome.add("reads are answered", True, "0 of 10")
    outcome.add("writes are kept", False, "1 of 10")
    assert [check.asked for check in outcome.failed] == ["writes are kept"]
    assert table([outcome]).splitlines()[2:] == [
        "| mongod killed | twice | reads are answered | yes | 0 of 10 |",
        "|  |  | writes are kept | **no** | 1 of 10 |",
    ]


def test_percentiles_are_of_the_values_there_are() -> None:
    assert [percentile(range(1, 101), share) for share in (0.5, 0.95, 1.0)] == [51, 96, 100]
    assert percentile([], 0.99) == 0.0
    assert number_of("drill-7-12") == 12
