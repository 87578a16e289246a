"""Files and sources of add-ons for callers who may download them (contract/downloads.md).

    download = await find_file(site, caller, 202, country="DE")
    stored = await find_source(site, caller, 102)

Callers without the right get NotFound. Event loop only.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple, cast

from conf.model.addons import AddonDoc, FileDoc, VersionDoc
from server.auth.access.file_access import can_download, can_download_source, is_open
from server.auth.callers import Caller
from server.errors import NotFound, Withheld
from server.site import Site

_ENDINGS: Final = (".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


class Download(NamedTuple):
    """A file that the caller may download."""

    addon: AddonDoc
    version: VersionDoc
    file: FileDoc
    is_open: bool  # to everybody, regions aside


class Source(NamedTuple):
    """A source archive that the caller may download."""

    addon: AddonDoc
    version: VersionDoc

    @property
    def stored(self) -> str:
        return self.version["source_stored"]

    @property
    def ending(self) -> str:
        """The ending of its original name."""
        name = self.version["source"] or ""
        return next((ending for ending in _ENDINGS if name.endswith(ending)), _ENDINGS[0])


async def find_file(site: Site, caller: Caller, file_id: int, country: str | None) -> Download:
    """Raises NotFound, Withheld, BadDocument, Unavailable."""
    addon = await site.store.find_one("addons", {"versions.files.id": file_id})
    for download in _files(cast(AddonDoc, addon)) if addon else ():
        if download.file["id"] == file_id:
            if download.is_open and country in download.addon["region_exclusions"]:
                raise Withheld
            if download.is_open or can_download(caller, *download[:3]):
                return download
    raise NotFound


async def find_source(site: Site, caller: Caller, version_id: int) -> Source:
    """Raises NotFound, BadDocument, Unavailable."""
    stored = await site.store.find_one("addons", {"versions.id": version_id})
    addon = cast(AddonDoc, stored)
    for version in addon["versions"] if stored else ():
        is_it = version["id"] == version_id and "source_stored" in version
        if is_it and can_download_source(caller, addon, version):
            return Source(addon, version)
    raise NotFound


def _files(addon: AddonDoc) -> Iterator[Download]:
    for version in addon["versions"]:
        for file in version["files"]:
            yield Download(addon, version, file, is_open(addon, version, file))
