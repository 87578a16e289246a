"""Converts text or TOML to the value of a setting. Raises ValueError, which says what is wrong.

The messages never contain the value, because it may be a secret.
"""

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

_TRUE: Final = ("1", "true", "yes", "on")
_WORDS: Final = {word: word in _TRUE for word in ("1", "0", "true", "false", "yes", "no", "on", "off")}


class SettingType(NamedTuple):
    name: str  # for people
    type: Any  # of typed values: a number is not accepted as text, nor true as a number
    read: Callable[[str], Any]  # texts


_TYPES: Final = {
    str: SettingType("text", str, str),
    int: SettingType("a whole number", int, int),
    float: SettingType("a number", float, float),
    bool: SettingType("true or false", bool, lambda text: _WORDS[text.strip().lower()]),
    tuple: SettingType(
        "a list of texts",
        tuple[str, ...],
        lambda text: tuple(item.strip() for item in text.split(",") if item.strip()),
    ),
}


def type_name(kind: type) -> str:
    """The name of a setting's type, for people."""
    return _TYPES[kind].name


def convert(kind: type, optional: bool, value: Any, typed: bool) -> Any:
    """Convert a value. If it is not `typed`, it is a text from the environment or the command line.

    An empty text becomes None if the setting may be unset.
    """
    if optional and value in (None, ""):
        return None
    row = _TYPES[kind]
    try:
        converted = msgspec.convert(value, row.type) if typed else row.read(value)
        if isinstance(converted, float) and not math.isfinite(converted):
            raise ValueError
    except (ValueError, KeyError):
        one_of = f"one of {', '.join(_WORDS)}"
        raise ValueError(f"must be {one_of if kind is bool and not typed else row.name}") from None
    return converted
