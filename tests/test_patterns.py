"""No regular expression of the program takes more than linear time, whatever it is given."""

import re
import time
from typing import Final

import pytest

from tests.hard_patterns import Pattern, find_patterns, hard_texts

# Characters. What grows exponentially would not come back from a long text; its square shows only there.
SIZES: Final = (20, 30, 40, 50, 500, 8_000)
LARGEST: Final = 32_000  # four times as many as before, which take a square sixteen times as long
_SQUARE: Final = 9  # times as long: between four and sixteen
NOISE: Final = 0.002  # seconds
# Seconds a character; the slowest of the good ones takes a tenth of it.
MOST: Final = 2e-6
_TRIES: Final = 3  # of what looks like a square: a machine that others use stops at odd moments


@pytest.fixture(scope="module")
def patterns() -> list[Pattern]:
    """Not for the module's import: they take a second, in each process that collects tests."""
    return list(find_patterns())


def grows(pattern: Pattern) -> str | None:
    """A text that takes more time than its length explains, in short; None without any."""
    for size in SIZES:
        for text in hard_texts(pattern.compiled, size):
            spent = _time(pattern, text)
            if spent > NOISE + MOST * size:
                return f"{size} characters {text[:40]!r}… take {spent:.4f} s"
    texts = zip(hard_texts(pattern.compiled, SIZES[-1]), hard_texts(pattern.compiled, LARGEST), strict=True)
    for text, longer in texts:
        if all(_is_square(pattern, text, longer) for _ in range(_TRIES)):
            return f"{LARGEST} characters {text[:40]!r}… take {_SQUARE} times as long as {SIZES[-1]}"
    return None


def _is_square(pattern: Pattern, text: str, longer: str) -> bool:
    return _time(pattern, longer) > NOISE + _SQUARE * _time(pattern, text)


def _time(pattern: Pattern, text: str) -> float:
    started = time.thread_time()
    pattern.run(text)
    return time.thread_time() - started


def test_time_grows_with_the_length(patterns: list[Pattern]) -> None:
    slow = {f"{each.place} {each.method}": text for each in patterns if (text := grows(each))}
    assert slow == {}


@pytest.mark.parametrize(
    ("source", "method"),
    [
        (r"[a-z][a-z0-9+.-]*://", "search"),
        (r"<br\s*/?\s*>", "sub"),
        (r"From: [^@]+@x", "search"),
        (r"https?://[a-z0-9.-]*outgoing[a-z0-9.-]*/v1/", "sub"),
        (r"(?:a|b|ab)+$", "fullmatch"),
        (r"(x+x+)+y", "match"),
    ],
)
def test_one_that_does_not_is_found(source: str, method: str) -> None:
    assert grows(Pattern("here", re.compile(source), method))


def test_all_are_looked_at(patterns: list[Pattern]) -> None:
    places = {pattern.place for pattern in patterns}
    assert len(places) > 40
    assert {
        "server/rules/values/links.py _LINK",
        "index/shapes/html.py PROSE",
        "server/intake/texts.py _OUTGOING",
    } <= places


# What reads texts of any script, or hides too much where in doubt.
OF_ANY_SCRIPT: Final = (
    "index/text/",
    "index/shapes/html.py",
    "server/mail/",
    "server/rules/values/links.py",
    "server/rules/ratings.py",
)


def test_digits_and_letters_in_any_case_are_those_of_ascii(patterns: list[Pattern]) -> None:
    r"""`\d` has 660 digits, and `K` in any case is the sign of Kelvin too: no number, no guid."""
    assert [each.place for each in patterns if _takes_other_scripts(each)] == []


def _takes_other_scripts(pattern: Pattern) -> bool:
    source, flags = pattern.compiled.pattern, pattern.compiled.flags
    if flags & re.ASCII or source.startswith("(?a") or pattern.place.startswith(OF_ANY_SCRIPT):
        return False
    return r"\d" in source or bool(flags & re.IGNORECASE) or "(?i" in source
