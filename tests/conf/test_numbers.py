"""Whole numbers as callers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conf.numbers import MAX_NUMBER, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("7", 7, id="a digit"),
        pytest.param("007", 7, id="leading zeros"),
        pytest.param("0" * 30 + "7", 7, id="many leading zeros"),
        pytest.param("0", 0, id="zero"),
        pytest.param("0" * 30, 0, id="many zeros"),
        pytest.param("9" * 18, 999_999_999_999_999_999, id="as many digits as fit"),
        pytest.param(str(MAX_NUMBER - 1), MAX_NUMBER - 1, id="the largest that is told apart"),
        pytest.param(str(MAX_NUMBER), MAX_NUMBER, id="the largest"),
        pytest.param(str(MAX_NUMBER + 1), MAX_NUMBER, id="one more"),
        pytest.param("9" * 1000, MAX_NUMBER, id="many digits"),
        pytest.param("9" * 1001, None, id="too many to be a number"),
        pytest.param("", None, id="empty"),
        pytest.param(" 7", None, id="blank"),
        pytest.param("-7", None, id="negative"),
        pytest.param("+7", None, id="sign"),
        pytest.param("7.0", None, id="decimal"),
        pytest.param("1e3", None, id="exponent"),
        pytest.param("1_000", None, id="underscore"),
        pytest.param("²", None, id="superscript"),
        pytest.param("１２", None, id="digits of another script"),
        pytest.param("7\n", None, id="line end"),
        pytest.param("0x7", None, id="hexadecimal"),
    ],
)
def test_read_number(text: str, number: int | None) -> None:
    assert read_number(text) == number


@given(st.integers(0, MAX_NUMBER * 4) | st.integers(0, 10**30), st.integers(0, 30))
def test_every_number_is_itself_or_the_largest(number: int, zeros: int) -> None:
    assert read_number("0" * zeros + str(number)) == min(number, MAX_NUMBER)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    number = read_number(text)
    assert number is None or 0 <= number <= MAX_NUMBER
