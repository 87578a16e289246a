"""The fields that a client reads from an answer, as a table: path -> expected value.

    assert_reads(addon, {"guid": TEXT, "authors[].name": TEXT, "weekly_downloads?": COUNT})

A path goes through objects by key and through arrays by `[]`; a key with `?` may
be absent, but what is there has to hold. A key that is missing fails, null fails
unless the table says otherwise: browsers lose a whole page by one of them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Holds = Callable[[Any], bool]

_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _is_int(value: Any) -> bool:
    return type(value) is int


def TEXT(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def STRING(value: Any) -> bool:
    return isinstance(value, str)


def COUNT(value: Any) -> bool:
    return _is_int(value) and value >= 0


def NUMBER(value: Any) -> bool:
    return type(value) in (int, float)


def BOOL(value: Any) -> bool:
    return isinstance(value, bool)


def URL(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def DATE(value: Any) -> bool:
    return isinstance(value, str) and _DATE.fullmatch(value) is not None


def SHA256(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("sha256:[0-9a-f]{64}", value) is not None


def SIZE(value: Any) -> bool:
    """Width and height, or empty where they are not known."""
    return isinstance(value, list) and len(value) in (0, 2) and all(map(_is_int, value))


def STRINGS(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def TRANSLATED(value: Any) -> bool:
    """Without `lang`: an object of texts by locale."""
    return isinstance(value, dict) and bool(value) and all(isinstance(text, str) for text in value.values())


def LOCALISED(value: Any) -> bool:
    """v5 with `lang`: the same, in which the language asked for may be null."""
    return isinstance(value, dict) and all(text is None or isinstance(text, str) for text in value.values())


def OBJECT(value: Any) -> bool:
    return isinstance(value, dict)


def LIST(value: Any) -> bool:
    return isinstance(value, list)


def one_of(*words: Any) -> Holds:
    return lambda value: value in words


def or_null(holds: Holds) -> Holds:
    return lambda value: value is None or holds(value)


def either(*kinds: Holds) -> Holds:
    return lambda value: any(holds(value) for holds in kinds)


def assert_reads(value: Any, table: Mapping[str, Holds]) -> None:
    for path, holds in table.items():
        for found in pick(value, path):
            assert holds(found), f"{path}: {found!r}"


def pick(value: Any, path: str) -> Iterator[Any]:
    """What stands at a path; many values where it leads through arrays."""
    part, _, rest = path.partition(".")
    key = part.rstrip("[]?")
    if part.endswith("?") and key not in value:
        return
    assert key in value, f"no {key}"
    inner = value[key]
    for item in inner if part.endswith("[]") else [inner]:
        if rest:
            yield from pick(item, rest)
        else:
            yield item
