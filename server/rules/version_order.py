"""The order of version numbers, as browsers compare them.

    order("1.10") > order("1.9"), order("1.0") > order("1.0b2"), order("1") == order("1.0.0")

A part between dots is a number, a text, a number, a text: `5a3x`; each is optional. No text is greater than
any text; `*` is greater than every number; `1+` means `2pre`.
Pure; any thread.
"""

import math
import re
from typing import Final

_PART: Final = re.compile(r"(-?\d{0,255})([^\d+-]*)([-+]?\d{0,255})(.*)", re.ASCII | re.DOTALL)
# A number, then a text (none is the greatest), then the same again.
_Part = tuple[float, bool, str, float, bool, str]
_NOTHING: Final[_Part] = (0.0, True, "", 0.0, True, "")


def order(version: str) -> tuple[_Part, ...]:
    """A sort key."""
    parts = [_part(part) for part in version.split(".")]
    while parts and parts[-1] == _NOTHING:
        parts.pop()
    return (*parts, _NOTHING)


def _part(text: str) -> _Part:
    if text == "*":
        return (math.inf, True, "", 0.0, True, "")
    if text.endswith("+") and text[:-1].isdecimal():
        return (float(text[:-1]) + 1, False, "pre", 0.0, True, "")
    match = _PART.fullmatch(text)
    assert match is not None  # every group may be empty
    first, word, second, suffix = match.groups()
    return (_number(first), not word, word, _number(second), not suffix, suffix)


def _number(digits: str) -> float:
    try:
        return float(digits)
    except ValueError:
        return 0.0
