"""The order of version numbers, as browsers compare them.

    order("1.10") > order("1.9"), order("1.0") > order("1.0b2"), order("1") == order("1.0.0")

A part between dots consists of a number, a text, a number and a text, all optional: `5a3x`. Without a text a
part is greater than with one; `*` is greater than every number; `1+` means `2pre`.
Pure; any thread.
"""

import math
import re
from collections.abc import Iterable
from typing import Final

_PART: Final = re.compile(r"(-?\d{0,255})([^\d+-]*)([-+]?\d{0,255})(.*)", re.ASCII | re.DOTALL)
# Number, whether the text is missing (which is greater), text; then the same again.
_Part = tuple[float, bool, str, float, bool, str]
_EMPTY: Final[_Part] = (0.0, True, "", 0.0, True, "")


def in_order(versions: Iterable[str]) -> list[str]:
    """The versions, lowest first."""
    return sorted(versions, key=lambda version: (order(version), version))


def order(version: str) -> tuple[_Part, ...]:
    """A sort key."""
    parts = [_part(part) for part in version.split(".")]
    while parts and parts[-1] == _EMPTY:
        parts.pop()
    return (*parts, _EMPTY)


def _part(part: str) -> _Part:
    if part == "*":
        return (math.inf, True, "", 0.0, True, "")
    if part.endswith("+") and part[:-1].isdecimal():
        return (float(part[:-1]) + 1, False, "pre", 0.0, True, "")
    match = _PART.fullmatch(part)
    assert match is not None  # every group may be empty
    first, text, second, suffix = match.groups()
    return (_number(first), not text, text, _number(second), not suffix, suffix)


def _number(digits: str) -> float:
    try:
        return float(digits)
    except ValueError:
        return 0.0
