"""The package of a new version: uploaded, or described by privileged callers (contract/uploads.md 5, 6).

    package = await read_package(site, actor, sent, "extension")
    await edit_addon(site, actor, addon, change, extra_writes=release_writes(site, actor, package, addon))

Event loop only.
"""

from typing import Any

from conf.model.addons import AddonDoc
from server.changes import Change
from server.rules.releases import Numbers, PackageFields
from server.rules.review.reviews import self_approved
from server.rules.uploads import packages, uploaded
from server.services.editing import Actor, ExtraWrites, Sent
from server.services.review import resubmission, subscriptions
from server.services.uploads.sources import store_source
from server.services.uploads.uploads import UPLOADS, mark_used
from server.site import Site


async def read_package(site: Site, actor: Actor, sent: Sent, addon_type: str | None) -> dict[str, Any]:
    """The values of a version object; `addon_type` is None for a new add-on. Raises Invalid."""
    permissions = package_permissions(actor)
    if "upload" in sent:
        key = uploaded.read_upload_id(sent["upload"])
        stored = await site.store.find_one(UPLOADS, {"_id": key})
        upload = uploaded.check_usable(stored, key, actor.id)
        read = uploaded.read_uploaded(sent, upload, actor.translation_format, permissions)
    else:
        packages.check_describes(describes=actor.describes)
        read = packages.read_package(
            sent, actor.translation_format, addon_type or packages.read_type(sent), permissions
        )
    return await store_source(site, read)


def package_permissions(actor: Actor) -> frozenset[str]:
    """The actor's permissions that packages may need."""
    return frozenset(filter(actor.caller.has, (packages.SIGNED, packages.LANGUAGE_PACKS)))


def auto_approved(
    site: Site, addon: AddonDoc, package: PackageFields, numbers: Numbers, now: str
) -> AddonDoc:
    """The add-on, with the version approved if the server approves clean ones (contract/uploads.md 6)."""
    if site.settings.auto_approve and package.get("is_clean") and package["channel"] == "listed":
        return self_approved(addon, numbers.version, now)
    return addon


async def creation_writes(
    site: Site, actor: Actor, package: PackageFields, guid: str, addon_id: int
) -> ExtraWrites:
    """The further writes when an add-on is created; it may take the guid of a deleted one.

    Raises Invalid 409 for a guid in use.
    """
    former = await resubmission.check_free(site.store, guid, actor.id)

    async def extra_writes(change: Change) -> None:
        await _use_up(change, actor, package)
        if former is not None:
            await resubmission.release_guid(change, former, addon_id, actor.id)

    return extra_writes


def release_writes(site: Site, actor: Actor, package: PackageFields, addon: AddonDoc) -> ExtraWrites:
    """The further writes of a new version: use up the upload, and mail subscribed reviewers."""

    async def extra_writes(change: Change) -> None:
        await _use_up(change, actor, package)
        await subscriptions.notify_subscribers(
            change, site.settings, addon, package["version"], package["channel"]
        )

    return extra_writes


async def _use_up(change: Change, actor: Actor, package: PackageFields) -> None:
    """Mark the uploads as used, so that concurrent requests make one version of each."""
    for key in (file["upload"] for file in package["files"] if "upload" in file):
        uploaded.check_usable(await change.find_one(UPLOADS, {"_id": key}), key, actor.id)
        await mark_used(change, key)
