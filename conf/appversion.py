"""Application versions as integers, which compare as the versions do.

    version_number("46.0a1")  -> 46000000001100
    version_number("46.*")    -> 46999999200100

The scheme is only for versions of applications; contract/search.md 4.1 explains it. Pure functions
with a bounded cache, safe from any thread.
"""

import re
from functools import lru_cache
from typing import Final

from conf.vocabulary import MIN_APPVERSION

_STAR: Final = "*"
_MAX_MAJOR: Final = 65535
_MAX_PART: Final = 99
_ALPHAS: Final = {"a": 0, "b": 1, None: 2}
# Nobody declares longer versions; they are parsed without taking space in the cache.
_MAX_CACHED: Final = 64

_PART: Final = r"\.?([0-9]+|\*)?"
_VERSION: Final = re.compile(rf"([0-9]+|\*){_PART}{_PART}{_PART}\.?(?:([ab])([0-9]*))?(?:(pre)([0-9])?)?")


def version_number(version: str) -> int:
    """The integer of a version string, for any string: parts that do not match are ignored.

    A string without any version ("", "abc") gives 200100, less than every version.
    """
    return _cached(version) if len(version) <= _MAX_CACHED else _parse(version)


def _parse(version: str) -> int:
    match = _VERSION.match(version)
    if match is None:
        return _join((0, 0, 0, 0), 2, 0, 1, 0)
    major, *minors, alpha, alpha_number, pre, pre_number = match.groups()
    return _join(
        _parts(major, minors),
        _ALPHAS[alpha],
        _capped(alpha_number or "0", _MAX_PART),
        0 if pre else 1,
        int(pre_number or "0"),
    )


_cached = lru_cache(maxsize=8192)(_parse)


def _parts(major: str, minors: list[str | None]) -> tuple[int, ...]:
    """The four numbers; a missing part is a star if the part before it is."""
    parts = [_MAX_MAJOR if major == _STAR else _capped(major, _MAX_MAJOR)]
    last = major
    for minor in minors:
        last = minor or (last if last == _STAR else "0")
        parts.append(_MAX_PART if last == _STAR else _capped(last, _MAX_PART))
    return tuple(parts)


def _capped(digits: str, limit: int) -> int:
    digits = digits.lstrip("0")
    return limit if len(digits) > 5 else min(int(digits or "0"), limit)


def _join(parts: tuple[int, ...], alpha: int, alpha_number: int, pre: int, pre_number: int) -> int:
    number = 0
    for part in parts:
        number = number * 100 + part
    return (((number * 10 + alpha) * 100 + alpha_number) * 10 + pre) * 100 + pre_number


MIN_APPVERSION_NUMBER: Final = version_number(MIN_APPVERSION)


def search_range(appversion: str) -> tuple[int, int] | None:
    """(low, high) of an `appversion`: an add-on is compatible if min <= low and max >= high.

    `high` is the first alpha of the version (contract/search.md 4.3), so a maximum of
    46.0a1 includes 46.0. None if the version is below 10.0 or invalid.
    """
    low = version_number(appversion)
    if low < MIN_APPVERSION_NUMBER:
        return None
    return low, version_number(appversion + "a")
