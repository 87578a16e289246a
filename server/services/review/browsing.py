"""Package contents of versions, browsed and compared by reviewers and authors (contract/reviewers.md 4).

    versions = browsable_versions(caller, addon)
    version = find(caller, addon, "102")
    browsed = await browse(site, addon, version, Choice("background.js", file_only=False), base)

Event loop only.
"""

from typing import Any, Final, NamedTuple, cast

from conf.model.addons import AddonDoc, FileDoc, VersionDoc
from server.auth.access.addon_access import INSIDERS, check
from server.auth.callers import Caller
from server.errors import NotFound
from server.services import versions
from server.services.uploads.uploads import UPLOADS
from server.site import Site

FILES_PATH: Final = "/reviewers/download-git-file/"  # version and path follow, as on AMO's site


class Choice(NamedTuple):
    """The requested part of a package."""

    path: str | None  # None: the manifest
    file_only: bool = False


class BrowsedFile(NamedTuple):
    """JSON of a file and of all entries, "{}" with `file_only`."""

    file: bytes
    entries: bytes
    is_validated: bool


class PackagedFile(NamedTuple):
    mimetype: str
    content: bytes


def browsable_versions(caller: Caller, addon: AddonDoc) -> list[VersionDoc]:
    """The versions the caller may browse, newest first."""
    return [
        version
        for version in addon["versions"]
        if not version["deleted"] and versions.sees_channel(caller, addon, version, safe=True)
    ]


def find(caller: Caller, addon: AddonDoc, name: str) -> VersionDoc:
    """The version by its id. Raises NotFound, Forbidden."""
    version = versions.find_by_id(caller, addon, name)
    versions.check_channel(caller, addon, version, safe=True)
    return version


async def find_addon(site: Site, caller: Caller, version_id: int) -> AddonDoc:
    """The add-on of a version. Raises NotFound, Forbidden, BadDocument, Unavailable."""
    addon = await site.store.find_one("addons", {"versions.id": version_id})
    return check(INSIDERS, caller, cast(AddonDoc | None, addon), safe=True)


async def browse(
    site: Site, addon: AddonDoc, version: VersionDoc, choice: Choice, base: VersionDoc | None = None
) -> BrowsedFile:
    """The version's files; with `base`, their differences from that version.

    Raises NotFound if the file or the package does not exist, and as PackageBrowser.run_task.
    """
    file = version["files"][0]
    metadata = await _validation(site, file)
    header: dict[str, Any] = {"id": file["id"]}
    stored, revisions = [_stored(file)], {}
    if base is not None:
        earlier = base["files"][0]
        header["base_file"] = {"id": earlier["id"]}
        stored.insert(0, _stored(earlier))
        revisions = dict(zip(("parent", "hash"), (id_.partition(":")[2] for id_ in stored), strict=True))
    task = {
        **choice._asdict(),
        "raw": False,
        "known": header,
        "revisions": revisions,
        "address": f"{site.addresses.site_url}{FILES_PATH}{version['id']}/",
        "minified": (metadata or {}).get("unknownMinifiedFiles", []),
    }
    output = await site.validator.inspector.browser.run_task(stored, task)
    if not output:
        raise NotFound(choice.path)
    file_json, _, entries = output.partition(b"\n")
    return BrowsedFile(file_json, entries, metadata is not None)


async def read_file(site: Site, version: VersionDoc, path: str) -> PackagedFile:
    """Raises as `browse`."""
    task = {"path": path, "raw": True}
    output = await site.validator.inspector.browser.run_task([_stored(version["files"][0])], task)
    if not output:
        raise NotFound(path)
    mimetype, _, content = output.partition(b"\n")
    return PackagedFile(mimetype.decode(), content)


def _stored(file: FileDoc) -> str:
    """The id of the stored package. Raises NotFound if it is hosted elsewhere."""
    if "stored" not in file:
        raise NotFound(file["id"])
    return file["stored"]


async def _validation(site: Site, file: FileDoc) -> dict[str, Any] | None:
    """The metadata of the file's validation, if it was validated."""
    upload = file.get("upload")
    stored = (
        await site.store.find_one(UPLOADS, {"_id": upload}, {"validation.metadata": 1}) if upload else None
    )
    return stored["validation"]["metadata"] if stored and stored["validation"] else None
