"""Readers of values in other servers' JSON.

Every reader takes a value and `what`, its name in the record, and raises BadRecord with a reason that a
person can act on.
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

from conf import locales
from conf.model.defaults import shape

T = TypeVar("T")

# The largest integer every JSON reader keeps exact, and well inside MongoDB's.
MAX_INTEGER: Final = 2**53 - 1

_DATE: Final = re.compile(r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ", re.ASCII)
_LOCALE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2}|-\d{3})?(-mac|-[a-z\d]{5,8})?", re.ASCII)
_LANGUAGES: Final = frozenset(locale.partition("-")[0] for locale in locales.SUPPORTED)


class BadRecord(ValueError):
    """A record that cannot be loaded; the text is the reason."""


def quoted(value: Any) -> str:
    """A value for a reason: short, on one line."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def integer(value: Any, what: str, minimum: int = 0) -> int:
    """A whole number from `minimum` up, such as `3.0`, but not `true`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if value is None:
        raise BadRecord(f"no {what}")
    if type(value) is not int or not minimum <= value <= MAX_INTEGER:
        raise BadRecord(f"{what} is no whole number from {minimum} up: {quoted(value)}")
    return value


def number(value: Any, what: str) -> float:
    """A number as a float; missing counts as 0."""
    if value is None:
        return 0.0
    if type(value) not in (int, float) or not abs(value) <= MAX_INTEGER:
        raise BadRecord(f"{what} is no number: {quoted(value)}")
    return float(value)


def _reader(noun: str, is_valid: Callable[[Any], bool], empty: Callable[[], T]) -> Callable[[Any, str], T]:
    """A reader of values that are valid; a missing one counts as empty."""

    def read(value: Any, what: str) -> T:
        if value is None:
            return empty()
        if not is_valid(value):
            raise BadRecord(f"{what} is {noun}: {quoted(value)}")
        return cast(T, value)

    return read


def _list_of(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(isinstance(item, kind) for item in value)


string: Final = _reader("no text", lambda value: isinstance(value, str), str)
strings: Final = _reader("no list of texts", _list_of(str), list[str])
mapping: Final = _reader("no object", lambda value: isinstance(value, dict), dict[str, Any])
objects: Final = _reader("no list of objects", _list_of(dict), list[dict[str, Any]])
boolean: Final = _reader("neither true nor false", lambda value: isinstance(value, bool), bool)


def choice(value: Any, allowed: Any, what: str) -> str:
    """One of the allowed values."""
    if not isinstance(value, str) or value not in allowed:
        raise BadRecord(f"no {what}" if value is None else f"unknown {what}: {quoted(value)}")
    return value


def date(value: Any, what: str) -> str | None:
    """A date as in the model, `YYYY-MM-DDTHH:MM:SSZ`; None if it is missing.

    Other ISO 8601 forms are converted; a date without a zone is UTC.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadRecord(f"{what} is no date: {quoted(value)}")
    try:
        moment = datetime.fromisoformat(value)
        if _DATE.fullmatch(value):
            return value
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRecord(f"{what} is no date: {quoted(value)}") from None
    return f"{moment.replace(tzinfo=None, microsecond=0).isoformat()}Z"


def locale(value: Any, what: str, used: Any = ()) -> str:
    """A locale's `ll-RR` spelling, of a supported language or one in `used`."""
    spelled = locales.canonical(string(value, what))
    is_known = spelled.partition("-")[0] in _LANGUAGES or spelled in used
    if not is_known or not _LOCALE.fullmatch(spelled):
        raise BadRecord(f"unknown {what}: {quoted(value)}")
    return spelled


def locale_key(value: str, what: str) -> str:
    """The spelling of a translation's locale: any well-formed one, because real data has many."""
    if _LOCALE.fullmatch(value):
        return value
    spelled = locales.canonical(value)
    if not _LOCALE.fullmatch(spelled):
        raise BadRecord(f"{what} has an unknown locale: {quoted(value)}")
    return spelled


def check_date(value: str, what: str) -> None:
    """Raises BadRecord for a date that is not of the model's form."""
    if not _DATE.fullmatch(value):
        raise BadRecord(f"{what} is no date: {quoted(value)}")


def check_keys(document: Mapping[str, Any], model: Any, where: str = "") -> None:
    """Raises BadRecord for a key that the model does not have, also in nested documents."""
    keys, nested = shape(model)
    check_key_names(document, keys, where)
    for name, inner, many in nested:
        value = document.get(name)
        for index, item in enumerate(value if many and isinstance(value, list) else [value]):
            if isinstance(item, dict):
                check_keys(item, inner, f"{where}{name}[{index}]." if many else f"{where}{name}.")


def check_key_names(names: Iterable[str], allowed: Collection[str], where: str = "") -> None:
    """Raises BadRecord for the first unknown name."""
    for name in names:
        if name not in allowed:
            near = "".join(f", did you mean {key}?" for key in difflib.get_close_matches(name, allowed, n=1))
            raise BadRecord(f"unknown key: {where}{name:.80}{near}")
