"""What update checks need of an add-on's versions (contract/updates.md 4 and 5).

    record = pack_releases(addon, versions, pack)       # when an add-on is indexed; public ones, newest first
    all_releases(unpack_releases(record), unpack)       -> all of them, newest first

server/updates.py answers checks from a record's few hundred bytes. So these have only what a check needs: of
hundreds of versions the one or two that any application is to be updated to.

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
    """What a check needs of a version."""

    position: int  # among the public ones, newest first
    number: str
    is_strict: bool
    has_notes: bool
    spans: dict[str, Span] | None  # by application; None: it is compatible with all
    files: tuple[ReleaseFile, ...]  # approved ones; an old version has one for each operating system

    def span(self, app: str) -> Span | None:
        """None: it is for other applications only."""
        return (_ANY if self.spans is None else self.spans).get(app)

    def file(self, system: str = "") -> ReleaseFile:
        """The file for an operating system, or else the first."""
        first, *more = self.files
        if not more:
            return first
        fitting = ("all", PLATFORM_ALIASES.get(system.lower()))
        return next((file for file in self.files if file.platform in fitting), first)


class Releases(NamedTuple):
    """The releases of an add-on, as the snapshot stores them."""

    name: str  # in addresses
    type: str
    useful: tuple[Release, ...]  # the current one, and those to which any application updates; newest first
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
    """The versions of one application that newer releases are for."""

    def __init__(self) -> None:
        self._strict = Covered()  # every maximum counts
        self._normal = Covered()  # a maximum counts if the release is strict

    def add(self, span: Span, *, is_strict: bool) -> bool:
        """Add a release; whether any version of the application may be updated to it.

        If no maximum counts, that takes a lower minimum than any newer one's, which is always added.
        """
        low, high = map(version_number, span)
        added = self._strict.add(low, high), self._normal.add(low, high if is_strict else _NO_LIMIT)
        return any(added)


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
    """All public versions, newest first."""
    others: Iterable[Release] = _DECODE_OTHERS(unpack(releases.others)) if releases.others else ()
    return sorted((*releases.useful, *others))
