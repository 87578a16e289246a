"""Finds the smallest differences of two JSON values: each is a path, with the two values there.

    for difference in find_differences({"count": 1}, {"count": 2}, rules):
        difference.kind, difference.path, difference.a, difference.b        # "value", "count", "1", "2"

README.md in this folder explains kinds and their classes. Lists of objects are compared by the identity of
their rows (`id`, `guid`, ...), not by position. Pure; any thread.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from conf.locales import SUPPORTED, is_code
from conf.vocabulary import APPS
from server.replay.rules import HIT_COUNTS, ORDER, Normalise, Rules

IDENTICAL, DATA, BEHAVIOUR, ERROR = CLASSES = ("identical", "data differs", "behaviour differs", "error")
KINDS: Final = {
    "value": DATA,
    "null": DATA,
    "entry": DATA,
    "rows": DATA,
    "body": DATA,
    "key": BEHAVIOUR,
    "type": BEHAVIOUR,
    "order": BEHAVIOUR,
    "page": BEHAVIOUR,
    "status": BEHAVIOUR,
    "header": BEHAVIOUR,
    "no answer": ERROR,
    "server error": ERROR,
    "broken answer": ERROR,
}
_SHAPE: Final = frozenset({"key", "type"})
_PAGE_KEYS: Final = frozenset({"page_size", "page_count", "count", "next", "previous", "results"})
_IDENTITIES: Final = ("id", "guid", "slug", "name", "url", "value")
# Keys that are data, such as languages and applications, and not part of the shape.
_DATA_KEYS: Final = frozenset({*SUPPORTED, *APPS, "_default"})
_RANDOM: Final = "results"  # the list that is in a random order, if any is
_MAX_LENGTH: Final = 60  # characters of a value that are shown
_CONTEXT: Final = 12  # of them before the point where two texts diverge
_TYPES: Final = ((bool, "boolean"), ((int, float), "number"), (str, "text"), (list, "list"), (dict, "object"))


class Difference(NamedTuple):
    """`a` and `b` are None where a side has no value; `general` is the path without names of rows."""

    kind: str
    path: str
    general: str
    a: str | None
    b: str | None

    @property
    def outcome(self) -> str:
        """The class that it gives an answer."""
        return KINDS[self.kind]


class Location(NamedTuple):
    """A path in an answer."""

    path: str = ""
    general: str = ""

    def key(self, key: str) -> "Location":
        dot = "." if self.path else ""
        return Location(f"{self.path}{dot}{key}", f"{self.general}{dot}{key}")

    def entry(self, key: str) -> "Location":
        return Location(f"{self.path}.{key}", f"{self.general}.*")

    def row(self, label: object) -> "Location":
        return Location(f"{self.path}[{label}]", f"{self.general}[]")

    def differs(self, kind: str, a: str | None, b: str | None) -> Difference:
        """The difference of two values at this location."""
        return Difference(kind, self.path, self.general, a, b)


def find_differences(a: Any, b: Any, rules: Rules, *, is_random: bool = False) -> Iterator[Difference]:
    """The differences of two documents; `is_random`: rows are a random choice. Raises RecursionError."""
    comparison = _Comparison(rules, is_random)
    if _is_page(a) and _is_page(b):
        yield from comparison.pages(a, b)
    else:
        yield from comparison.values(a, b, Location())


class _Comparison:
    def __init__(self, rules: Rules, is_random: bool) -> None:
        self._rules = rules
        self._is_random = is_random

    def values(self, a: Any, b: Any, at: Location) -> Iterator[Difference]:
        """Compare any two values of a location."""
        if self._rules.ignores(at.general):
            return
        type_a, type_b = _type(a), _type(b)
        if type_a != type_b:
            kind = "null" if a is None or b is None else "type"
            yield at.differs(kind, _short(a), _short(b))
        elif type_a == "object":
            yield from self._objects(a, b, at)
        elif type_a == "list":
            yield from self._lists(a, b, at)
        elif type_a == "text":
            yield from self._texts(a, b, at)
        elif a != b:
            yield at.differs("value", _short(a), _short(b))

    def pages(self, a: dict[str, Any], b: dict[str, Any]) -> Iterator[Difference]:
        """Compare two pages; if counts differ, skip what follows from the count."""
        at = Location()
        yield from self._compare_by_rule(a["page_size"], b["page_size"], at.key("page_size"))
        if HIT_COUNTS not in self._rules.categories:
            yield from self.values(a["count"], b["count"], at.key("count"))
            if a["count"] == b["count"]:
                yield from self._compare_by_rule(a["page_count"], b["page_count"], at.key("page_count"))
                for key in ("next", "previous"):
                    yield from self._compare_by_rule(_link(a[key]), _link(b[key]), at.key(key))
                yield from self._compare_by_rule(len(a["results"]), len(b["results"]), at.key("results"))
        yield from self._objects(_without_page(a), _without_page(b), at)
        yield from self.values(a["results"], b["results"], at.key("results"))

    def _compare_by_rule(self, a: Any, b: Any, at: Location) -> Iterator[Difference]:
        """Compare values that the rules of pages determine."""
        if a != b and not self._rules.ignores(at.general):
            yield at.differs("page", _short(a), _short(b))

    def _objects(self, a: dict[str, Any], b: dict[str, Any], at: Location) -> Iterator[Difference]:
        keys = list(a | b)
        are_data_keys = bool(keys) and all(map(_is_data_key, keys))
        for key in keys:
            location = at.entry(key) if are_data_keys else at.key(key)
            if key in a and key in b:
                yield from self.values(a[key], b[key], location)
            elif not self._rules.ignores(location.general):
                values = (_short(side[key]) if key in side else None for side in (a, b))
                yield location.differs("entry" if are_data_keys else "key", *values)

    def _lists(self, a: list[Any], b: list[Any], at: Location) -> Iterator[Difference]:
        if identity := _identity(a, b):
            yield from self._rows(
                {row[identity]: row for row in a}, {row[identity]: row for row in b}, identity, at
            )
        elif not any(isinstance(value, list | dict) for value in (*a, *b)):
            yield from self._members(
                [self._normalised(self._rules.normalise_a, value) for value in a],
                [self._normalised(self._rules.normalise_b, value) for value in b],
                at,
            )
        else:
            for index, (left, right) in enumerate(zip(a, b, strict=False)):
                yield from self.values(left, right, at.row(index))
            if len(a) != len(b):
                yield at.differs("rows", f"{len(a)} rows", f"{len(b)} rows")

    def _rows(
        self, a: dict[Any, Any], b: dict[Any, Any], identity: str, at: Location
    ) -> Iterator[Difference]:
        """Compare rows by their identity."""
        common = [label for label in a if label in b]
        is_random_choice = self._is_random and at.general == _RANDOM
        if not is_random_choice:
            yield from self._missing([x for x in a if x not in b], [x for x in b if x not in a], at)
            yield from self._order(common, [label for label in b if label in a], at)
        for label in common:
            yield from self.values(a[label], b[label], at.row(f"{identity}={label}"))
        if a and b and not common:  # no row is in both, but their keys can be compared
            (label, row), other_row = next(iter(a.items())), next(iter(b.values()))
            shape = self.values(row, other_row, at.row(f"{identity}={label}"))
            yield from (difference for difference in shape if difference.kind in _SHAPE)

    def _members(self, a: list[Any], b: list[Any], at: Location) -> Iterator[Difference]:
        """Compare lists of plain values."""
        counts_a, counts_b = (Counter((type(value), value) for value in values) for values in (a, b))
        if counts_a == counts_b:
            yield from self._order(a, b, at)
        else:
            extra_in_a = [value for _, value in (counts_a - counts_b).elements()]
            yield from self._missing(extra_in_a, [value for _, value in (counts_b - counts_a).elements()], at)

    def _missing(self, a: list[Any], b: list[Any], at: Location) -> Iterator[Difference]:
        if a or b:
            yield at.differs("rows", _summary(a), _summary(b))

    def _order(self, a: list[Any], b: list[Any], at: Location) -> Iterator[Difference]:
        """The first position where two lists of the same values differ."""
        if a == b or ORDER in self._rules.categories:
            return
        index, left, right = next((i, x, y) for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y)
        yield at.row(index).differs("order", _short(left), _short(right))

    def _texts(self, a: str, b: str, at: Location) -> Iterator[Difference]:
        if a != b and self._rules.normalise_a(a) != self._rules.normalise_b(b):
            yield at.differs("value", *around(a, b))

    @staticmethod
    def _normalised(normalise: Normalise, value: Any) -> Any:
        return normalise(value) if isinstance(value, str) else value


def around(a: str, b: str) -> tuple[str, str]:
    """Two texts around the point where they diverge."""
    divergence = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    start = max(0, divergence - _CONTEXT)
    return _cut(a, start), _cut(b, start)


def _cut(text: str, start: int) -> str:
    end = start + _MAX_LENGTH
    return f"{'…' * (start > 0)}{text[start:end]}{'…' * (end < len(text))}"


def _short(value: Any) -> str:
    """As JSON, cut to a readable length."""
    if isinstance(value, str):
        return _cut(value, 0)
    if isinstance(value, list | dict) and value:
        return "[…]" if isinstance(value, list) else "{…}"
    return json.dumps(value)


def _summary(values: list[Any]) -> str | None:
    """The first value, and the number of the others."""
    if not values:
        return None
    return _short(values[0]) + (f" and {len(values) - 1} more" if len(values) > 1 else "")


def _type(value: Any) -> str:
    return next((name for types, name in _TYPES if isinstance(value, types)), "null")


def _is_page(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() >= _PAGE_KEYS and isinstance(value["results"], list)


def _without_page(page: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in page.items() if key not in _PAGE_KEYS}


def _link(address: Any) -> Any:
    """The parameters of another page's address, without its host and path."""
    return sorted(parse_qsl(urlsplit(address).query)) if isinstance(address, str) else address


def _is_data_key(key: str) -> bool:
    return key in _DATA_KEYS or ("-" in key and is_code(key))


def _identity(a: list[Any], b: list[Any]) -> str | None:
    """The key that identifies the rows of both lists, if there is one."""
    rows = [*a, *b]
    if not rows or not all(isinstance(row, dict) for row in rows):
        return None
    return next((key for key in _IDENTITIES if _identifies(key, a) and _identifies(key, b)), None)


def _identifies(key: str, rows: Iterable[dict[str, Any]]) -> bool:
    labels = [row.get(key) for row in rows]
    return all(isinstance(label, int | str) for label in labels) and len({*labels}) == len(labels)
