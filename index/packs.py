"""The versions of one language pack, so kept that choosing one costs little.

A language pack has a version for every release of its browser, hundreds of them,
and the list of language tools asks every pack for the one that fits. What the
choice depends on are numbers; what is shown of a version is unpacked only then.
Immutable: any thread.
"""

import zlib
from array import array
from collections.abc import Sequence
from typing import Final, NamedTuple

import orjson

from conf.model import VersionDoc
from index.appversion import version_number

Span = tuple[int, int]  # of index/appversion.py: search_range

_SHOWN: Final = ("id", "files", "reviewed", "version")  # of a version, in this list (addons.md 10.5)
_FIELDS: Final = 4  # numbers kept of a version: min, max, whether strict, position


class Pack(NamedTuple):
    ranges: dict[str, "array[int]"]  # application -> _FIELDS numbers a version, newest first
    versions: tuple[bytes, ...]  # compressed JSON, newest first

    def choose(self, app: str, span: Span) -> VersionDoc | None:
        """The newest version an application can use; None where the pack is not for it at all.

        A pack is listed for what some version declares, minimum to maximum; among
        its versions a maximum binds only where it is strict (search-ranking.md 4.4).
        """
        low, high = span
        numbers = self.ranges.get(app, ())
        declared = zip(numbers[0::_FIELDS], numbers[1::_FIELDS], strict=True)
        if not any(least <= low and most >= high for least, most in declared):
            return None
        for at in range(0, len(numbers), _FIELDS):
            least, most, strict, position = numbers[at : at + _FIELDS]
            if least <= low and (not strict or most >= high):
                version: VersionDoc = orjson.loads(zlib.decompress(self.versions[position]))
                return version
        return None


def make_pack(versions: Sequence[VersionDoc]) -> Pack:
    """Of the public versions of a language pack, newest first."""
    numbers: dict[str, list[int]] = {}
    for position, version in enumerate(versions):
        strict = int(version["is_strict_compatibility_enabled"])
        for app, declared in version["compatibility"].items():
            span = version_number(declared["min"]), version_number(declared["max"])
            numbers.setdefault(app, []).extend((*span, strict, position))
    ranges = {app: array("q", of_app) for app, of_app in numbers.items()}
    return Pack(ranges, tuple(_packed(version) for version in versions))


def _packed(version: VersionDoc) -> bytes:
    shown = {key: version[key] for key in _SHOWN}
    return zlib.compress(orjson.dumps(shown), 1)
