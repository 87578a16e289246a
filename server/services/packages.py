"""The package of a new version: uploaded, or described by who may (contract/uploads.md 5 and 6).

    package = await read_package(site, actor, sent, "extension")
    await edit_addon(site, actor, addon, change, step=using(actor, package))

Event loop only.
"""

from typing import Any, cast

from conf.model.addons import AddonDoc
from conf.model.uploads import UploadDoc
from server.changes import Change
from server.rules import packages, uploaded
from server.rules.releases import Numbers, PackageFields
from server.rules.reviews import approve_version
from server.services.editing import Actor, Sent, Step
from server.services.sources import stored_source
from server.services.uploads import UPLOADS
from server.site import Site
from server.storage.operations import Update


async def read_package(site: Site, actor: Actor, sent: Sent, addon_type: str | None) -> dict[str, Any]:
    """The values of a version object; `addon_type` None: of a new add-on. Raises Invalid."""
    held = held_by(actor)
    if "upload" in sent:
        key = uploaded.key_of(sent["upload"])
        found = await site.store.find_one(UPLOADS, {"_id": key})
        uploaded.check_usable(found, key, actor.id)
        read = uploaded.read_uploaded(sent, cast(UploadDoc, found), actor.manner, held)
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
        return approve_version(addon, numbers.version, now, human=False)
    return addon


def using(actor: Actor, package: PackageFields) -> Step:
    """Of one upload one version is made, whoever else tries at the same time."""

    async def use(change: Change) -> None:
        for key in (file["upload"] for file in package["files"] if "upload" in file):
            uploaded.check_usable(await change.find_one(UPLOADS, {"_id": key}), key, actor.id)
            await change.apply(Update(UPLOADS, key, {"$set": {"submitted": True}}))

    return use
