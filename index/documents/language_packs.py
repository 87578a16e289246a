"""The versions of one language pack, so kept that choosing one costs little.

A language pack has a version for every release of its browser, hundreds of them,
and the list of language tools asks every pack for the one that fits. What the
choice depends on are numbers; what is shown of a version is unpacked only then.

    pack = make_pack(versions, Compressor())
    packed = pack.choose("firefox", search_range("140.0"))
    shown_version(packed, Compressor())     -> what the list shows of a version, or packed is None

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

_SHOWN: Final = ("id", "files", "reviewed", "version")  # of a version, in this list (contract/addons.md 10.5)
_FIELDS: Final = 4  # numbers kept of a version: min, max, whether strict, position


class Pack(NamedTuple):
    ranges: dict[str, bytes]  # application -> _FIELDS 64-bit numbers a version, newest first
    versions: tuple[bytes, ...]  # packed, newest first

    def choose(self, app: str, span: VersionRange) -> bytes | None:
        """The newest version an application can use; None where the pack is not for it at all.

        A pack is listed for what some version declares, minimum to maximum; among
        its versions a maximum binds only where it is strict (contract/search.md 4.4).
        """
        low, high = span
        numbers = memoryview(self.ranges.get(app, b"")).cast("q")
        declared = zip(numbers[0::_FIELDS], numbers[1::_FIELDS], strict=True)
        if not any(least <= low and most >= high for least, most in declared):
            return None
        for at in range(0, len(numbers), _FIELDS):
            least, most, strict, position = numbers[at : at + _FIELDS]
            if least <= low and (not strict or most >= high):
                return self.versions[position]
        return None


def make_pack(versions: Sequence[VersionDoc], packer: Compressor) -> Pack:
    """Of the public versions of a language pack, newest first."""
    numbers: dict[str, list[int]] = {}
    packed = []
    for position, version in enumerate(versions):
        strict = int(version["is_strict_compatibility_enabled"])
        for app, declared in version["compatibility"].items():
            span = version_number(declared["min"]), version_number(declared["max"])
            numbers.setdefault(app, []).extend((*span, strict, position))
        packed.append(packer.pack(orjson.dumps({key: version[key] for key in _SHOWN})))
    ranges = {app: array("q", of_app).tobytes() for app, of_app in numbers.items()}
    return Pack(ranges, tuple(packed))


def shown_version(packed: bytes, packer: Compressor) -> VersionDoc:
    return cast(VersionDoc, orjson.loads(packer.unpack(packed)))
