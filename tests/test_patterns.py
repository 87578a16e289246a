"""No regular expression of the program takes more than linear time, whatever it is given."""

import re
import time
from typing import Final

import pytest

from tests.hard_patterns import Pattern, find_patterns, hard_texts

PATTERNS: Final = list(find_patterns())
# Characters. What grows exponentially would not come back from a long text; its square shows only there.
SIZES: Final = (20, 30, 40, 50, 500, 2_000, 8_000, 32_000)
NOISE: Final = 0.002  # seconds
# Seconds a character; the slowest of the good ones takes a tenth of it.
MOST: Final = 2e-6


def grows(pattern: Pattern) -> str | None:
    """A text that takes more time than its length explains, in short; None without any."""
    for size in SIZES:
        for text in hard_texts(pattern.compiled, size):
            spent = _time(pattern, text)
            if spent > NOISE + MOST * size:
                return f"{size} characters {text[:40]!r}… take {spent:.4f} s"
    return None


def _time(pattern: Pattern, text: str) -> float:
    started = time.thread_time()
    pattern.run(text)
    return time.thread_time() - started


@pytest.mark.parametrize("pattern", PATTERNS, ids=[f"{each.place} {each.method}" for each in PATTERNS])
def test_time_grows_with_the_length(pattern: Pattern) -> None:
    assert grows(pattern) is None


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


def test_all_are_looked_at() -> None:
    places = {pattern.place for pattern in PATTERNS}
    assert len(places) > 40
    assert {
        "server/rules/links.py _LINK",
        "index/shapes/html.py PROSE",
        "server/intake/texts.py _OUTGOING",
    } <= places


# What reads texts of any script, or hides too much where in doubt.
OF_ANY_SCRIPT: Final = (
    "index/text/",
    "index/shapes/html.py",
    "server/mail/",
    "server/rules/links.py",
    "server/rules/ratings.py",
)


@pytest.mark.parametrize("pattern", PATTERNS, ids=[f"{each.place} {each.method}" for each in PATTERNS])
def test_digits_and_letters_in_any_case_are_those_of_ascii(pattern: Pattern) -> None:
    r"""`\d` has 660 digits, and `K` in any case is the sign of Kelvin too: no number, no guid."""
    source, flags = pattern.compiled.pattern, pattern.compiled.flags
    knows_others = not flags & re.ASCII and not source.startswith("(?a")
    if knows_others and not pattern.place.startswith(OF_ANY_SCRIPT):
        assert r"\d" not in source and not (flags & re.IGNORECASE or "(?i" in source), pattern.place
