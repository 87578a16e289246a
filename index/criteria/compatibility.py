"""Which application versions a version is compatible with, and which version is the newest that fits.

    ranges(addon, version)                -> {"firefox": (57000000200100, 65535999999200100)}
    usable = usable_ranges(addon, facts.public_versions(addon))
    choose(pack_usable(usable), fits)     -> 3: the fourth newest is the newest that fits

Numbers as in conf/appversion.py. Pure functions, safe from any thread; `RangeTerms` is the event loop's.
"""

import struct
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from conf.appversion import version_number
from conf.model.addons import AddonDoc, VersionDoc
from conf.vocabulary import ANY_VERSION, APPS, DEFAULT_MAX
from index import facts
from index.criteria.clauses import AnyOf, Fits

Range = tuple[int, int]  # the lowest and the highest version of an application

RANGE: Final = "fits:"  # prefix of the terms in RangeTerms
_USABLE: Final = struct.Struct("<Bqqi")
_APPS: Final = {app.id: app.short for app in APPS.values()}
_NO_LIMIT: Final = version_number(ANY_VERSION)
# For applications that a version supports without naming a range (contract/search.md 4.2).
_DEFAULTS: Final[dict[str, Range]] = {
    app.short: (version_number(app.default_min), version_number(DEFAULT_MAX)) for app in APPS.values()
}


class Usable(NamedTuple):
    """A range of a version, as it is stored with the document."""

    app: int  # number of the application
    low: int
    high: int
    position: int  # of the version among the public ones, newest first: 0 is the current one


def ranges(addon: AddonDoc, version: VersionDoc) -> dict[str, Range]:
    """The compatible range of each application (contract/search.md 4.2)."""
    return {app: declared_range(version, app) for app in facts.supported_apps(addon, version)}


def declared_range(version: VersionDoc, app: str) -> Range:
    """The compatible range of one application that the version supports."""
    declared = version["compatibility"].get(app)
    if declared is None:
        return _DEFAULTS[app]
    strict = version["is_strict_compatibility_enabled"]
    return version_number(declared["min"]), version_number(declared["max"]) if strict else _NO_LIMIT


def usable_ranges(addon: AddonDoc, versions: Iterable[VersionDoc]) -> list[Usable]:
    """The ranges of `versions` (public ones, newest first), without those that a newer version covers."""
    usable = []
    newer: dict[str, Covered] = {}
    for position, version in enumerate(versions):
        for app, (low, high) in ranges(addon, version).items():
            if newer.setdefault(app, Covered()).add(low, high):
                usable.append(Usable(APPS[app].id, low, high, position))
    return usable


def pack_usable(usable: Iterable[Usable]) -> bytes:
    """For `choose`."""
    return b"".join(_USABLE.pack(*item) for item in usable)


class Covered:
    """Ranges of which none contains another, so that lows and highs both ascend."""

    def __init__(self) -> None:
        self._lows: list[int] = []
        self._highs: list[int] = []

    def add(self, low: int, high: int) -> bool:
        """Add a range unless a known one contains it; whether it was added."""
        before = bisect_right(self._lows, low)
        if before and self._highs[before - 1] >= high:
            return False
        start, end = bisect_left(self._lows, low), bisect_right(self._highs, high)
        self._lows[start:end] = [low]
        self._highs[start:end] = [high]
        return True


def choose(packed: bytes, fits: Fits) -> int:
    """The position of the newest version that fits; 0, the current version, where none does."""
    for app, low, high, position in _USABLE.iter_unpack(packed):
        if low <= fits.low and high >= fits.high and _APPS[app] == fits.app:
            return int(position)
    return 0


def range_terms(usable: Iterable[Usable]) -> Iterator[str]:
    """The compatibility terms of an add-on, one for each application and range."""
    for app, low, high, _ in usable:
        yield sys.intern(f"{RANGE}{_APPS[app]}:{low}:{high}")


class RangeTerms:
    """The distinct ranges of all add-ons.

    An application has a few hundred of them, as its versions are few, so scanning them all for those that
    fit is cheap. Filters and text search then only need terms.
    """

    def __init__(self) -> None:
        self._ranges: dict[str, dict[str, Range]] = {app: {} for app in APPS}

    def add(self, term: str) -> None:
        _, app, low, high = term.split(":")
        self._ranges[app][term] = int(low), int(high)

    def discard(self, term: str) -> None:
        del self._ranges[term.split(":")[1]][term]

    def fitting(self, fits: Fits) -> AnyOf:
        terms = self._ranges[fits.app].items()
        return AnyOf(tuple(term for term, (low, high) in terms if low <= fits.low and high >= fits.high))
