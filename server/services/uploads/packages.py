"""The package of a new version: uploaded, or described by who may (contract/uploads.md 5 and 6).

    package = await read_package(site, actor, sent, "extension")
    await edit_addon(site, actor, addon, change, step=releasing(site, actor, package, addon))

Event loop only.
"""

from typing import Any

from conf.model.addons import AddonDoc
from server.changes import Change
from server.rules.releases import Numbers, PackageFields
from server.rules.review.reviews import self_approved
from server.rules.uploads import packages, uploaded
from server.services.editing import Actor, Sent, Step
from server.services.review import resubmission, subscriptions
from server.services.uploads.sources import stored_source
from server.services.uploads.uploads import UPLOADS, mark_used
from server.site import Site


async def read_package(site: Site, actor: Actor, sent: Sent, addon_type: str | None) -> dict[str, Any]:
    """The values of a version object; `addon_type` None: of a new add-on. Raises Invalid."""
    held = held_by(actor)
    if "upload" in sent:
        key = uploaded.key_of(sent["upload"])
        found = await site.store.find_one(UPLOADS, {"_id": key})
        upload = uploaded.check_usable(found, key, actor.id)
        read = uploaded.read_uploaded(sent, upload, actor.manner, held)
    else:
        packages.check_describes(may_describe=actor.describes)
        read = packages.read_package(sent, actor.manner, addon_type or packages.type_of(sent), held)
    return await stored_source(site, read)


def held_by(actor: Actor) -> frozenset[str]:
    """Those permissions of the actor's that packages may need."""
    return frozenset(filter(actor.caller.has, (packages.SIGNED, packages.LANGUAGE_PACKS)))


def approved(site: Site, addon: AddonDoc, package: PackageFields, numbers: Numbers, now: str) -> AddonDoc:
    """Where the server approves by itself what validation has nothing against (contract/uploads.md 6)."""
    if site.settings.auto_approve and package.get("is_clean") and package["channel"] == "listed":
        return self_approved(addon, numbers.version, now)
    return addon


async def creating(site: Site, actor: Actor, package: PackageFields, guid: str, addon_id: int) -> Step:
    """What else belongs to an add-on's creation, which may have the guid of a deleted one.

    Raises Invalid 409 for a guid that is taken.
    """
    gone = await resubmission.check_free(site.store, guid, actor.id)

    async def step(change: Change) -> None:
        await _use(change, actor, package)
        if gone is not None:
            await resubmission.let_go(change, gone, addon_id, actor.id)

    return step


def releasing(site: Site, actor: Actor, package: PackageFields, addon: AddonDoc) -> Step:
    """What else belongs to a new version: reviewers who asked for it hear of it."""

    async def step(change: Change) -> None:
        await _use(change, actor, package)
        await subscriptions.tell(change, site.settings, addon, package["version"], package["channel"])

    return step


async def _use(change: Change, actor: Actor, package: PackageFields) -> None:
    """Of one upload one version is made, whoever else tries at the same time."""
    for key in (file["upload"] for file in package["files"] if "upload" in file):
        uploaded.check_usable(await change.find_one(UPLOADS, {"_id": key}), key, actor.id)
        await mark_used(change, key)
