"""What is wrong with a write, as data: the handlers turn it into an answer in the caller's language.

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
    """Looks at the beginning of lists and objects only; the library's own sorts all keys."""

    def repr_dict(self, x: dict[Any, Any], level: int) -> str:
        return super().repr_dict(dict(islice(x.items(), self.maxdict + 1)), level)


_SHORT: Final = _Beginning()


class Fault:
    """One text of the message table and the values of its placeholders, whatever was sent in short."""

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
    """A write that cannot be done as it was sent; `faults` is the answer's body with Faults in it."""

    def __init__(self, faults: Any, status: int = 400) -> None:
        super().__init__(faults)
        self.faults = faults
        self.status = status

    def body(self, locale: str) -> Any:
        return _rendered(self.faults, locale)

    def __str__(self) -> str:
        return _one_line(self.body(DEFAULT_LOCALE))


def _rendered(faults: Any, locale: str) -> Any:
    if isinstance(faults, Fault):
        return faults.text(locale)
    if isinstance(faults, dict):
        return {name: _rendered(inner, locale) for name, inner in faults.items()}
    return [_rendered(inner, locale) for inner in faults]


def _one_line(faults: Any, name: str = "") -> str:
    """What is wrong, on one line: `name: This field may not be blank.`"""
    if isinstance(faults, dict):
        return "; ".join(_one_line(inner, f"{name}{key}: ") for key, inner in faults.items())
    if isinstance(faults, list):
        return "; ".join(_one_line(inner, name) for inner in faults)
    return f"{name}{faults}"


@contextmanager
def under(name: str) -> Iterator[None]:
    """Faults found inside are those of the object in field `name`. A conflict (409) stays as it is: it is
    about what is stored, and its body has one form everywhere.
    """
    try:
        yield
    except Invalid as error:
        if error.status != 400:
            raise
        raise Invalid({name: error.faults}) from None


def field(name: str, key: str, **values: object) -> Invalid:
    """One field, one fault."""
    return Invalid({name: [Fault(key, **values)]})


def whole(key: str, **values: object) -> Invalid:
    """What is wrong with no field in particular."""
    return field("non_field_errors", key, **values)


def bare(key: str, **values: object) -> Invalid:
    """A bare array, as hand-made checks answer (contract/auth.md 3)."""
    return Invalid([Fault(key, **values)])
