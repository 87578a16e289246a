"""Every way in which one value of a document can be damaged."""

import copy
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

_GONE: Final = object()
# What may stand in place of a value: nothing at all, and a value of each other kind.
_WRONG: Final[tuple[Any, ...]] = (
    *(_GONE, None, True, -5, 2.5, "no such word"),
    *([], ["x"], [5], {}, {"x": 5}, {"x": None}),
)

Path = tuple[str | int, ...]


class Damaged(NamedTuple):
    """A copy of a document, and where another value stands in it."""

    path: Path
    value: Any
    document: dict[str, Any]

    def __str__(self) -> str:
        what = "missing" if self.value is _GONE else repr(self.value)
        return f"{'.'.join(map(str, self.path))}: {what}"


def damage(document: Any) -> Iterator[Damaged]:
    """Copies of it with one wrong value each; its own `_id` stays."""
    for path in _paths(document):
        for value in _WRONG:
            if path != ("_id",):
                yield Damaged(path, value, _put(copy.deepcopy(document), path, value))


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from _paths(item, (*path, key))


def _put(document: Any, path: Path, value: Any) -> Any:
    place = document
    for key in path[:-1]:
        place = place[key]
    if value is _GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = copy.deepcopy(value)
    return document
