"""The versions of a language pack, stored so that choosing one is cheap.

A language pack has a version for every release of its browser, hundreds of them,
and the list of language tools asks every pack for the one that fits. The choice
needs numbers only; just the chosen version is unpacked.

    pack = make_pack(versions, Compressor())
    packed = pack.choose("firefox", search_range("140.0"))
    unpack_version(packed, Compressor())    -> the fields that the list shows; `packed` may be None

A pack is immutable.
"""

from array import array
from collections.abc import Sequence
from typing import Final, NamedTuple, cast

import orjson

from conf.appversion import version_number
from conf.model.addons import VersionDoc
from index.documents.compression import Compressor

VersionRange = tuple[int, int]  # of conf/appversion.py: search_range

_VERSION_KEYS: Final = ("id", "files", "reviewed", "version")  # that the list shows (contract/addons.md 10.5)
_NUMBERS_PER_VERSION: Final = 4  # min, max, whether strict, position


class LanguagePack(NamedTuple):
    ranges: dict[str, bytes]  # by application: _NUMBERS_PER_VERSION 64-bit numbers a version, newest first
    versions: tuple[bytes, ...]  # packed, newest first

    def choose(self, app: str, span: VersionRange) -> bytes | None:
        """The newest version an application can use, packed; None if the pack is not for it at all.

        A pack is listed if the range that some version declares, minimum to maximum, fits; then among
        its versions a maximum counts only where it is strict (contract/search.md 4.4).
        """
        low, high = span
        numbers = memoryview(self.ranges.get(app, b"")).cast("q")
        declared = zip(numbers[0::_NUMBERS_PER_VERSION], numbers[1::_NUMBERS_PER_VERSION], strict=True)
        if not any(lowest <= low and highest >= high for lowest, highest in declared):
            return None
        for start in range(0, len(numbers), _NUMBERS_PER_VERSION):
            lowest, highest, strict, position = numbers[start : start + _NUMBERS_PER_VERSION]
            if lowest <= low and (not strict or highest >= high):
                return self.versions[position]
        return None


def make_pack(versions: Sequence[VersionDoc], packer: Compressor) -> LanguagePack:
    """`versions` are the public ones of a language pack, newest first."""
    numbers: dict[str, list[int]] = {}
    packed = []
    for position, version in enumerate(versions):
        strict = int(version["is_strict_compatibility_enabled"])
        for app, declared in version["compatibility"].items():
            span = version_number(declared["min"]), version_number(declared["max"])
            numbers.setdefault(app, []).extend((*span, strict, position))
        packed.append(packer.pack(orjson.dumps({key: version[key] for key in _VERSION_KEYS})))
    ranges = {app: array("q", values).tobytes() for app, values in numbers.items()}
    return LanguagePack(ranges, tuple(packed))


def unpack_version(packed: bytes, packer: Compressor) -> VersionDoc:
    return cast(VersionDoc, orjson.loads(packer.unpack(packed)))
