"""The signing API: packages that become versions after validation, and their status (contract/uploads.md 7).

    upload, is_new = await submit(site, actor, sent, "tree@example.org", "1.0")
    status = await find(site, caller, "tree@example.org", "1.0")

Faults are `{"error": text}`; automatic_versions.py makes the versions. Event loop only.
"""

from typing import NamedTuple, cast
from uuid import UUID

from conf.model.addons import AddonDoc, VersionDoc
from conf.model.uploads import UploadDoc
from index import facts
from server.auth.access.permissions import EDIT, is_author
from server.auth.callers import Caller
from server.files.uploaded_file import UploadedFile
from server.rules.uploads.signing import (
    check_releasable,
    choose_channel,
    identify,
    signing_fault,
    single_fault,
)
from server.services.editing import Actor, Sent
from server.services.review import resubmission
from server.services.uploads import packages, uploads
from server.site import Site


class SigningStatus(NamedTuple):
    """An upload, and the add-on's version of its number, if it has one."""

    upload: UploadDoc
    version: VersionDoc | None


async def submit(
    site: Site, actor: Actor, sent: Sent, guid: str | None, number: str | None
) -> tuple[UploadDoc, bool]:
    """The upload, and whether its add-on is new. `guid` and `number` come from the path.

    Raises Invalid, Unavailable, ReadOnly.
    """
    addon = await _find_addon(site, actor.caller, guid, safe=False) if guid is not None else None
    addon = await resubmission.addon_to_update(site.store, addon, actor.id)
    file = sent.get("upload")
    if not isinstance(file, UploadedFile):
        raise signing_fault("upload_missing")
    channel = choose_channel(addon, sent.get("channel"))
    inspection = await site.validator.inspect(file, listed=channel == "listed")
    signing = identify(addon, inspection, guid, number or sent.get("version") or None)
    if addon is None:
        with single_fault():
            await resubmission.check_free(site.store, signing["guid"], actor.id)
    upload = uploads.new_upload(actor, file, channel) | {"signing": signing}
    inspected = upload | {"package": inspection.package}
    with single_fault():
        site.curated.check_unblocked(signing["guid"], signing["version"], site.addresses.site_url)
        check_releasable(
            addon, inspected, actor.translation_format, packages.package_permissions(actor), upload["created"]
        )
    return await uploads.store_upload(site, file, upload), addon is None


async def _find_addon(site: Site, caller: Caller, guid: str, *, safe: bool) -> AddonDoc | None:
    """The caller's add-on, if it exists. Raises Invalid 403 for somebody else's."""
    addon = await site.store.find_addon("guid", guid)
    if addon is None or is_author(caller, addon) or (safe and caller.has(EDIT)):
        return addon
    raise signing_fault("signing_not_owner", 403)


async def find(site: Site, caller: Caller, guid: str, number: str, key: str | None = None) -> SigningStatus:
    """The newest upload for a version, or the one with this id. Raises Invalid 403, 404."""
    addon = await _find_addon(site, caller, guid, safe=True)
    query = uploads.uploads_for_version(addon, caller.id, guid, number)
    if key is not None:
        try:
            query["_id"] = UUID(key).hex
        except ValueError:
            raise signing_fault("signing_no_upload", 404) from None
    newest = await site.store.find("uploads", query, sort=(("created", -1), ("_id", -1)), limit=1)
    if not newest:
        raise (
            signing_fault("signing_no_upload", 404)
            if addon
            else signing_fault("signing_no_addon", 404, guid=guid)
        )
    return SigningStatus(cast(UploadDoc, newest[0]), _version(addon, number))


def _version(addon: AddonDoc | None, number: str) -> VersionDoc | None:
    versions = facts.versions(addon, "all_with_unlisted") if addon else ()
    return next((version for version in versions if version["version"] == number), None)
