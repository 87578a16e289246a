"""Whole numbers as callers write them, in paths, parameters and headers: ASCII digits and nothing else.

    read_number("007")        -> 7
    read_number("1e3")        -> None
    read_number("9" * 50)     -> LARGEST

Pure; any thread.
"""

from typing import Final

# What every column and MongoDB can hold, beyond every number, date and id there is.
LARGEST: Final = 2**62
_DIGITS: Final = len(str(LARGEST))
_LONGEST: Final = 1000  # characters; a body may have millions, which are not worth a look


def read_number(text: str) -> int | None:
    """The number, None for anything else; larger ones become LARGEST, which is nobody's id."""
    if len(text) > _LONGEST or not (text.isascii() and text.isdigit()):
        return None
    if len(text) < _DIGITS:
        return int(text)
    digits = text.lstrip("0") or "0"
    return min(int(digits), LARGEST) if len(digits) <= _DIGITS else LARGEST
