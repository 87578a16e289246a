"""From what a source gives, text or TOML, to a setting's value; ValueError says what is wrong.

The messages never repeat the value: it may be a secret.
"""

import math
from typing import Any, Final

_WORDS: Final = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}
_NAMES: Final = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    tuple: "a list of texts",
}


def type_name(kind: type) -> str:
    """A setting's type in a reader's words."""
    return _NAMES[kind]


def _wrong(kind: type) -> ValueError:
    return ValueError(f"must be {_NAMES[kind]}")


def from_text(kind: type, optional: bool, text: str) -> Any:
    """The value of a text from the environment or the command line.

    Lists are comma-separated; an empty text is the empty list, or None for a
    setting that may be unset.
    """
    if kind is tuple:
        return tuple(item.strip() for item in text.split(",") if item.strip())
    if optional and not text:
        return None
    if kind is bool:
        return _boolean(text)
    if kind is str:
        return text
    return _number(kind, text)


def from_typed(kind: type, optional: bool, value: Any) -> Any:
    """The value of a typed one, from TOML or a caller: a number is no text, true is no number."""
    if optional and value in (None, ""):
        return None
    if kind is tuple:
        return _texts(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind or (isinstance(value, float) and not math.isfinite(value)):
        raise _wrong(kind)
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise _wrong(tuple)
    return tuple(value)


def _boolean(text: str) -> bool:
    try:
        return _WORDS[text.strip().lower()]
    except KeyError:
        raise ValueError("must be one of 1, 0, true, false, yes, no, on, off") from None


def _number(kind: type, text: str) -> Any:
    try:
        value = kind(text)
    except ValueError:
        raise _wrong(kind) from None
    if not math.isfinite(value):
        raise _wrong(kind)
    return value
