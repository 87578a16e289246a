"""Thresholds: values, spans and sides of contract/search.md 2.3."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conf.numbers import MAX_NUMBER
from index.criteria.clauses import Between
from server.search_params.ranges import CREATED, RATINGS, UPDATED, USERS, Threshold

DAY = 24 * 3600 * 1000
MAY_DAY = 1714521600000  # 2024-05-01T00:00:00Z
SECOND = 1714532645000  # 2024-05-01T03:04:05Z


@pytest.mark.parametrize(
    ("spelling", "low", "high"),
    [
        pytest.param("users", 25, 25, id="equal is a closed range"),
        pytest.param("users__lt", None, 24, id="below"),
        pytest.param("users__lte", None, 25, id="at most"),
        pytest.param("users__gt", 26, None, id="above"),
        pytest.param("users__gte", 25, None, id="at least"),
    ],
)
def test_sides_of_a_count(spelling: str, low: int | None, high: int | None) -> None:
    assert USERS.clause(spelling, "25") == Between("users", low, high)


@pytest.mark.parametrize(
    ("spelling", "low", "high"),
    [
        pytest.param("ratings", 4.5, 4.5, id="equal"),
        pytest.param("ratings__lt", None, math.nextafter(4.5, 0), id="below is the next smaller number"),
        pytest.param("ratings__lte", None, 4.5, id="at most"),
        pytest.param("ratings__gt", math.nextafter(4.5, 5), None, id="above is the next larger number"),
        pytest.param("ratings__gte", 4.5, None, id="at least"),
    ],
)
def test_sides_of_a_rating(spelling: str, low: float | None, high: float | None) -> None:
    assert RATINGS.clause(spelling, "4.5") == Between("average", low, high)


@pytest.mark.parametrize(
    ("spelling", "low", "high"),
    [
        pytest.param("created", MAY_DAY, MAY_DAY + DAY - 1, id="equality is the whole day"),
        pytest.param("created__lt", None, MAY_DAY - 1, id="lt is before the day"),
        pytest.param("created__lte", None, MAY_DAY + DAY - 1, id="lte is to the end of the day"),
        pytest.param("created__gt", MAY_DAY + DAY, None, id="gt is after the day"),
        pytest.param("created__gte", MAY_DAY, None, id="gte is from the start of the day"),
    ],
)
def test_bare_date_is_the_whole_day(spelling: str, low: int | None, high: int | None) -> None:
    assert CREATED.clause(spelling, "2024-05-01") == Between("created", low, high)


@pytest.mark.parametrize(
    ("value", "milliseconds"),
    [
        pytest.param("2024-05-01T03:04:05", SECOND, id="date-time with seconds"),
        pytest.param("2024-05-01T03:04:05Z", SECOND, id="as the API writes it"),
        pytest.param("2024-05-01T03:04", SECOND - 5000, id="date-time without seconds"),
        pytest.param(str(SECOND), SECOND, id="digits are milliseconds"),
        pytest.param("1714532645", 1714532645, id="ten digits are milliseconds too"),
        pytest.param("9" * 400, MAX_NUMBER, id="more than any date"),
    ],
)
def test_moment(value: str, milliseconds: int) -> None:
    assert UPDATED.clause("updated", value) == Between("updated", milliseconds, milliseconds)


@pytest.mark.parametrize(
    ("threshold", "value"),
    [
        *(
            pytest.param(USERS, value, id=f"users={value}")
            for value in ("1.5", "-1", "", "x", " 1", "１２", "1e3")
        ),
        *(
            pytest.param(RATINGS, value, id=f"ratings={value}")
            for value in ("", "nan", "inf", "1e3", "4,5", "4.", ".5", "+4", "--4", "४", "4.5 ")
        ),
        *(
            pytest.param(CREATED, value, id=f"created={value}")
            for value in (
                "", "2024-02-30", "2024-13-01", "2024-5-1", "20240501T", "2024-05-01T", "2024-05-01 03:04",
                "2024-05-01T25:00", "2024-05-01T03", "0000-01-01", "2024-05-0１", "-1", "now",
                "2024-05-01T03:04:05+01:00",
            )
        ),
    ],
)  # fmt: skip
def test_value_that_cannot_be_read(threshold: Threshold, value: str) -> None:
    assert threshold.clause(threshold.parameter, value) is None


@pytest.mark.parametrize(
    ("value", "rating"),
    [
        pytest.param("3", 3.0, id="integer"),
        pytest.param("4.5", 4.5, id="decimal"),
        pytest.param("-1.5", -1.5, id="negative"),
        pytest.param("9" * 400, math.inf, id="beyond floating point"),
    ],
)
def test_rating_values(value: str, rating: float) -> None:
    assert RATINGS.clause("ratings__gte", value) == Between("average", rating, None)


def test_spellings_come_in_the_order_of_evaluation() -> None:
    assert [*USERS.spellings()] == ["users__lt", "users__lte", "users__gt", "users__gte", "users"]


@given(st.sampled_from([RATINGS, USERS, CREATED, UPDATED]), st.text(max_size=40))
def test_any_text_is_read_or_refused(threshold: Threshold, value: str) -> None:
    for spelling in threshold.spellings():
        clause = threshold.clause(spelling, value)
        assert clause is None or clause.column == threshold.column
