"""Application versions: the table of contract/search.md 4.1 and what order means.

Rules: contract/search.md 4.3.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conf.appversion import search_range, version_number

NUMBERS = {
    "10.0": 10000000200100,
    "46.0": 46000000200100,
    "46.0a": 46000000000100,
    "46.0a1": 46000000001100,
    "46.0b3": 46000000103100,
    "46.0.1": 46000100200100,
    "46.*": 46999999200100,
    "115.0.*": 115009999200100,
    "3.6.13pre": 3061300200000,
    "57.0b2pre4": 57000000102004,
    "52.9.0esr": 52090000200100,
    "1.2.3.4": 1020304200100,
    "1.2.300": 1029900200100,
    "*": 65535999999200100,
    "65535": 65535000000200100,
    "99999": 65535000000200100,
    "9999": 9999000000200100,
    "abc": 200100,
    "": 200100,
}
parts = st.integers(0, 99)
majors = st.integers(0, 65534)


@pytest.mark.parametrize(("version", "number"), NUMBERS.items(), ids=[v or "empty" for v in NUMBERS])
def test_string_has_the_integer_of_the_table(version: str, number: int) -> None:
    assert version_number(version) == number


@pytest.mark.parametrize(
    ("version", "same_as"),
    [
        pytest.param("46", "46.0", id="missing parts are 0"),
        pytest.param("46.*", "46.*.*.*", id="missing parts after a star are stars"),
        pytest.param("46.*.5", "46.*.5.0", id="a number ends the star"),
        pytest.param("1.2.3.4.5", "1.2.3.4", id="a fifth part is ignored"),
        pytest.param("046.00", "46.0", id="leading zeros"),
        pytest.param("46.0b007", "46.0b7", id="leading zeros of the alpha number"),
        pytest.param("46.0a500", "46.0a99", id="alpha number is capped"),
        pytest.param("46.0rc1", "46.0", id="rest that does not fit is ignored"),
        pytest.param(" 46.0", "", id="parsed from the very start"),
        pytest.param("１２.0", "", id="digits are ASCII digits"),
        pytest.param("1" * 5000, "65535", id="more digits than int takes"),
        pytest.param("1.0a" + "9" * 5000, "1.0a99", id="long alpha number"),
    ],
)
def test_lenient_spelling(version: str, same_as: str) -> None:
    assert version_number(version) == version_number(same_as)


@given(st.text())
def test_every_string_has_a_number_that_fits_64_bits(text: str) -> None:
    assert 0 <= version_number(text) < 2**63


@given(st.text(alphabet="0123456789.*abpre", max_size=80))
def test_every_version_like_string_has_a_number(text: str) -> None:
    assert 0 <= version_number(text) < 2**63


@given(st.tuples(majors, parts, parts, parts), st.tuples(majors, parts, parts, parts))
def test_numbers_order_as_the_parts_do(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    first, second = (version_number(".".join(map(str, version))) for version in (one, other))
    assert (first < second) == (one < other)


@given(majors, parts, st.integers(1, 98))
def test_stages_of_one_version_order_as_they_are_released(major: int, minor: int, stage: int) -> None:
    version = f"{major}.{minor}"
    stages = [
        "a",
        f"a{stage}pre",
        f"a{stage}",
        f"a{stage + 1}",
        "b",
        f"b{stage}",
        "pre",
        "pre1",
        "",
        ".1",
        ".*",
    ]
    numbers = [version_number(version + suffix) for suffix in stages]
    assert numbers == sorted(set(numbers))


@given(majors, parts)
def test_star_is_above_every_version_it_stands_for(major: int, minor: int) -> None:
    assert (
        version_number(f"{major}.{minor}.5b2")
        < version_number(f"{major}.*")
        < version_number(f"{major + 1}.0a")
    )


@pytest.mark.parametrize(
    ("appversion", "bounds"),
    [
        pytest.param("46.0", (46000000200100, 46000000000100), id="high is the first alpha"),
        pytest.param("46.0a1", (46000000001100, 46000000001100), id="an alpha stays what it is"),
        pytest.param("10.0", (10000000200100, 10000000000100), id="10.0 is the smallest"),
        pytest.param("9.9", None, id="below 10.0"),
        pytest.param("10.0a", None, id="alpha of 10.0 is below it"),
        pytest.param("abc", None, id="no version"),
        pytest.param("", None, id="empty"),
    ],
)
def test_search_range(appversion: str, bounds: tuple[int, int] | None) -> None:
    assert search_range(appversion) == bounds
