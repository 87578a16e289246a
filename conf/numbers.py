"""Reads whole numbers in paths, parameters and headers: only ASCII digits.

    read_number("007")        -> 7
    read_number("1e3")        -> None
    read_number("9" * 50)     -> MAX_NUMBER

Pure; any thread.
"""

from typing import Final

# Larger than every number, date and id in use; columns and MongoDB can store it.
MAX_NUMBER: Final = 2**62
_DIGITS: Final = len(str(MAX_NUMBER))
_MAX_LENGTH: Final = 1000  # characters; longer texts, which a body may have, are not examined


def read_number(text: str) -> int | None:
    """The number; None for anything else. Larger numbers become MAX_NUMBER, which is never an id."""
    if len(text) > _MAX_LENGTH or not (text.isascii() and text.isdigit()):
        return None
    if len(text) < _DIGITS:
        return int(text)
    digits = text.lstrip("0") or "0"
    return min(int(digits), MAX_NUMBER) if len(digits) <= _DIGITS else MAX_NUMBER
