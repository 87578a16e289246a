"""Which MongoDB is said to be out of support, and when."""

from datetime import date

import pytest

from conf.mongodb import support_warning

NOW = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("version", "day", "expected"),
    [
        ("6.0.5", NOW, "6.0.5 is out of support since July 2025"),
        ("6.0.5", date(2025, 7, 31), None),
        ("4.4.29", NOW, "4.4.29 is out of support:"),
        ("5.0.1", NOW, "out of support"),
        ("7.0.28", NOW, None),
        ("7.0.28", date(2027, 9, 1), "since August 2027"),
        ("8.0.4-rc0", NOW, None),
        ("8.1.1", NOW, None),
        ("8.2.1", NOW, "8.2.1 is out of support since July 2026"),
        ("10.0.0", NOW, None),
    ],
)
def test_it_is_said_from_the_day_after(version: str, day: date, expected: str | None) -> None:
    warning = support_warning(version, day)
    assert (expected is None and warning is None) or (expected and warning and expected in warning)
