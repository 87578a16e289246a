"""Files and sources of add-ons for callers who may download them (contract/downloads.md).

    download = await find_file(site, caller, 202, country="DE")
    stored = await find_source(site, caller, 102)

Both raise NotFound for callers without the permission. Event loop only.
"""

from collections.abc import Iterator
from typing import NamedTuple, cast

from conf.model.addons import AddonDoc, FileDoc, VersionDoc
from server.auth.access.file_access import can_download, can_download_source, is_open
from server.auth.callers import Caller
from server.errors import NotFound, Withheld
from server.rules.uploads.sources import SUFFIXES
from server.site import Site


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
    def suffix(self) -> str:
        """The suffix of its original name."""
        name = self.version["source"] or ""
        return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), SUFFIXES[0])


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
        if version["id"] != version_id or "source_stored" not in version:
            continue
        if can_download_source(caller, addon, version):
            return Source(addon, version)
    raise NotFound


def _files(addon: AddonDoc) -> Iterator[Download]:
    for version in addon["versions"]:
        for file in version["files"]:
            yield Download(addon, version, file, is_open(addon, version, file))
