"""What update checks have to know of an add-on's versions (contract/updates.md 4 and 5).

    record = pack_releases(addon, versions, pack)       # public ones, newest first; when it is indexed
    all_releases(unpack_releases(record), unpack)       -> every one, newest first

server/updates.py answers from it.

A check is answered from a few hundred bytes, so they hold just what it asks: of hundreds of versions
the one or two that any application is to update to, and what is said of them.

Pure functions, safe from any thread.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from conf.appversion import version_number
from conf.model.addons import AddonDoc, VersionDoc
from conf.vocabulary import ANY_VERSION, APPS, DEFAULT_MAX, PLATFORM_ALIASES
from index import facts
from index.criteria.compatibility import Covered
from index.shapes.translated_fields import has_text
from index.shapes.urls import path_name

Span = tuple[str, str]  # the lowest and the highest version of an application

_ANY: Final = {app.short: (app.default_min, DEFAULT_MAX) for app in APPS.values()}
_NO_LIMIT: Final = version_number(ANY_VERSION)


class ReleaseFile(NamedTuple):
    url: str
    hash: str
    platform: str


class Release(NamedTuple):
    """What a check has to know of a version."""

    position: int  # among the public ones, newest first
    number: str
    is_strict: bool
    has_notes: bool
    spans: dict[str, Span] | None  # by application; None: it runs everywhere
    files: tuple[ReleaseFile, ...]  # approved ones; old versions have one for each operating system

    def span(self, app: str) -> Span | None:
        """None: it is for other applications."""
        return (_ANY if self.spans is None else self.spans).get(app)

    def file(self, system: str = "") -> ReleaseFile:
        """The one for an operating system, or else the first."""
        first, *more = self.files
        if not more:
            return first
        fitting = ("all", PLATFORM_ALIASES.get(system.lower()))
        return next((file for file in self.files if file.platform in fitting), first)


class Releases(NamedTuple):
    """Those of an add-on, as the snapshot has them."""

    name: str  # in addresses
    type: str
    useful: tuple[Release, ...]  # the current one, and what any application is to update to; newest first
    others: bytes  # packed


_ENCODE: Final = msgspec.msgpack.Encoder().encode
_DECODE: Final = msgspec.msgpack.Decoder(Releases).decode
_DECODE_OTHERS: Final = msgspec.msgpack.Decoder(tuple[Release, ...]).decode


def pack_releases(addon: AddonDoc, versions: Sequence[VersionDoc], pack: Callable[[bytes], bytes]) -> bytes:
    """For `unpack_releases`; `versions` are the public ones, newest first."""
    newer: dict[str, _Newer] = {app: _Newer() for app in APPS}
    useful: list[Release] = []
    others: list[Release] = []
    for position, version in enumerate(versions):
        release = _release(addon, version, position)
        is_useful = [
            newer[app].add(span, is_strict=release.is_strict) for app in APPS if (span := release.span(app))
        ]
        (useful if any(is_useful) or not position else others).append(release)
    packed = pack(_ENCODE(others)) if others else b""
    return _ENCODE(Releases(path_name(addon), addon["type"], tuple(useful), packed))


class _Newer:
    """For which versions of an application there is something newer."""

    def __init__(self) -> None:
        self._always = Covered()  # whatever is counted
        self._normally = Covered()

    def add(self, span: Span, *, is_strict: bool) -> bool:
        """Whether any version of the application may be told of what has the span.

        Where no maximum counts, what is newer and begins lower has been told already.
        """
        low, high = map(version_number, span)
        found = self._always.add(low, high), self._normally.add(low, high if is_strict else _NO_LIMIT)
        return any(found)


def _release(addon: AddonDoc, version: VersionDoc, position: int) -> Release:
    spans = None
    if facts.declares_compatibility(addon, version):
        declared = version["compatibility"].items()
        spans = {app: (span["min"], span["max"]) for app, span in declared if app in APPS}
    return Release(
        position,
        number=version["version"],
        is_strict=version["is_strict_compatibility_enabled"],
        has_notes=has_text(version["release_notes"]),
        spans=spans,
        files=tuple(
            ReleaseFile(file["url"], file["hash"], file["platform"])
            for file in version["files"]
            if file["status"] == "public"
        ),
    )


def unpack_releases(record: bytes) -> Releases:
    """Raises msgspec.MsgspecError."""
    return _DECODE(record)


def all_releases(releases: Releases, unpack: Callable[[bytes], bytes]) -> list[Release]:
    """Every public version, newest first."""
    others: Iterable[Release] = _DECODE_OTHERS(unpack(releases.others)) if releases.others else ()
    return sorted((*releases.useful, *others))
