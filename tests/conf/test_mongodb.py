"""Which MongoDB is said to be out of support, and when."""

from datetime import date

import pytest

from conf.mongodb import support_warning

NOW = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("version", "day", "words"),
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
def test_it_is_said_from_the_day_after(version: str, day: date, words: str | None) -> None:
    said = support_warning(version, day)
    assert (words is None and said is None) or (words and said and words in said)
