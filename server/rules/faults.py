"""Faults of a write as data; handlers render them in the caller's language.

    raise Invalid({"name": [Fault("too_long", limit=50)]})           400 {"name": ["..."]}
    raise Invalid([Fault("delete_token_missing")])                    400 ["..."]
    raise Invalid({"version": [Fault("version_exists", version="1.1")]}, status=409)

A fault names a text of conf/messages.toml. Any JSON may hold faults as its leaves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from reprlib import Repr
from typing import Any, Final

from conf.limits import MAX_QUOTE
from conf.locales import DEFAULT_LOCALE
from conf.messages import text


class _Beginning(Repr):
    """Looks only at the beginning of an object, because reprlib sorts all its keys."""

    def repr_dict(self, x: dict[Any, Any], level: int) -> str:
        return super().repr_dict(dict(islice(x.items(), self.maxdict + 1)), level)


_SHORT: Final = _Beginning()


class Fault:
    """A text of the message table, and its placeholders' values, quoted at most MAX_QUOTE characters long."""

    __slots__ = ("key", "values")

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = {name: _quoted(value) for name, value in values.items()}

    def text(self, locale: str) -> str:
        return text(self.key, locale, **self.values)

    def __repr__(self) -> str:
        return f"Fault({self.key!r}, {self.values})"


def _quoted(value: object) -> str:
    text = value if isinstance(value, str) else _SHORT.repr(value)
    return text if len(text) <= MAX_QUOTE else text[: MAX_QUOTE - 1] + "…"


class Invalid(Exception):
    """A write that was refused; `faults` is the answer's body with Faults in it."""

    def __init__(self, faults: Any, status: int = 400) -> None:
        super().__init__(faults)
        self.faults = faults
        self.status = status

    def body(self, locale: str) -> Any:
        return _rendered(self.faults, locale)

    def __str__(self) -> str:
        return _summary(self.body(DEFAULT_LOCALE))


def _rendered(faults: Any, locale: str) -> Any:
    if isinstance(faults, Fault):
        return faults.text(locale)
    if isinstance(faults, dict):
        return {name: _rendered(inner, locale) for name, inner in faults.items()}
    return [_rendered(inner, locale) for inner in faults]


def _summary(faults: Any, name: str = "") -> str:
    """The faults on one line: `name: This field may not be blank.`"""
    if isinstance(faults, dict):
        return "; ".join(_summary(inner, f"{name}{key}: ") for key, inner in faults.items())
    if isinstance(faults, list):
        return "; ".join(_summary(inner, name) for inner in faults)
    return f"{name}{faults}"


@contextmanager
def nested_under(name: str) -> Iterator[None]:
    """Nest faults that are raised inside under the field `name`. A conflict (409) is not nested: it is about
    stored documents, and its body is the same everywhere.
    """
    try:
        yield
    except Invalid as error:
        if error.status != 400:
            raise
        raise Invalid({name: error.faults}) from None


def field_fault(name: str, key: str, **values: object) -> Invalid:
    """One fault of one field."""
    return Invalid({name: [Fault(key, **values)]})


def body_fault(key: str, **values: object) -> Invalid:
    """A fault of no field in particular."""
    return field_fault("non_field_errors", key, **values)


def guid_in_use() -> Invalid:
    """The fault for a guid that another add-on has."""
    return Invalid({"version": [Fault("guid_duplicate")]}, status=409)


def bare_fault(key: str, **values: object) -> Invalid:
    """A list of one fault without a field, as some of AMO's checks answer (contract/auth.md 3)."""
    return Invalid([Fault(key, **values)])
