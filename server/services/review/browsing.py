"""Versions as reviewers and authors look into them, and compare them (contract/reviewers.md 4).

    rows = listed(caller, addon)
    version = find(caller, addon, "102")
    look = await browse(site, addon, version, Choice("background.js", file_only=False), base)

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
    """What of a package is asked for."""

    path: str | None  # None: the manifest
    file_only: bool = False


class Look(NamedTuple):
    """JSON of a file and of all entries, "{}" where only the file was asked for."""

    file: bytes
    entries: bytes
    is_validated: bool


class PackagedFile(NamedTuple):
    mimetype: str
    content: bytes


def listed(caller: Caller, addon: AddonDoc) -> list[VersionDoc]:
    """Those the caller may look into, newest first, for whoever may look into any."""
    return [
        one
        for one in addon["versions"]
        if not one["deleted"] and versions.sees_channel(caller, addon, one, safe=True)
    ]


def find(caller: Caller, addon: AddonDoc, name: str) -> VersionDoc:
    """By its id. Raises NotFound, Forbidden."""
    version = versions.find_by_id(caller, addon, name)
    versions.check_channel(caller, addon, version, safe=True)
    return version


async def find_addon(site: Site, caller: Caller, version_id: int) -> AddonDoc:
    """The one a version is of. Raises NotFound, Forbidden, BadDocument, Unavailable."""
    found = await site.store.find_one("addons", {"versions.id": version_id})
    return check(INSIDERS, caller, cast(AddonDoc | None, found), safe=True)


async def browse(
    site: Site, addon: AddonDoc, version: VersionDoc, choice: Choice, base: VersionDoc | None = None
) -> Look:
    """The version, with `base`: what is new since that.

    Raises NotFound where there is no such file or no package; as PackageBrowser.look.
    """
    file = version["files"][0]
    metadata = await _validation(site, file)
    known: dict[str, Any] = {"id": file["id"]}
    stored, revisions = [_stored(file)], {}
    if base is not None:
        earlier = base["files"][0]
        known["base_file"] = {"id": earlier["id"]}
        stored.insert(0, _stored(earlier))
        revisions = dict(zip(("parent", "hash"), (id_.partition(":")[2] for id_ in stored), strict=True))
    task = {
        **choice._asdict(),
        "raw": False,
        "known": known,
        "revisions": revisions,
        "address": f"{site.addresses.site_url}{FILES_PATH}{version['id']}/",
        "minified": (metadata or {}).get("unknownMinifiedFiles", []),
    }
    told = await site.validator.looks.browser.look(stored, task)
    if not told:
        raise NotFound(choice.path)
    file_json, _, entries = told.partition(b"\n")
    return Look(file_json, entries, metadata is not None)


async def packaged_file(site: Site, version: VersionDoc, path: str) -> PackagedFile:
    """Raises as `browse`."""
    task = {"path": path, "raw": True}
    told = await site.validator.looks.browser.look([_stored(version["files"][0])], task)
    if not told:
        raise NotFound(path)
    mimetype, _, content = told.partition(b"\n")
    return PackagedFile(mimetype.decode(), content)


def _stored(file: FileDoc) -> str:
    """Raises NotFound where its bytes are elsewhere."""
    if "stored" not in file:
        raise NotFound(file["id"])
    return file["stored"]


async def _validation(site: Site, file: FileDoc) -> dict[str, Any] | None:
    """The metadata of its validation; None where there was none."""
    upload = file.get("upload")
    found = (
        await site.store.find_one(UPLOADS, {"_id": upload}, {"validation.metadata": 1}) if upload else None
    )
    return found["validation"]["metadata"] if found and found["validation"] else None
