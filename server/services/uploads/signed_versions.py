"""What becomes of packages that were sent to be signed, once they are valid (contract/uploads.md 7.3).

    await make_version(site, upload)      # from server/packages/validation/validator.py, in the background

Event loop only.
"""

from conf.model.addons import AddonDoc
from conf.model.uploads import UploadDoc
from server.errors import BadDocument, Forbidden, NotFound
from server.packages.validation.report import refused
from server.rules.faults import Fault, Invalid
from server.rules.uploads.signing import first
from server.services.review import resubmission
from server.services.uploads import submissions
from server.services.uploads.signing import for_version
from server.services.uploads.uploads import sender_of
from server.site import Site
from server.storage.operations import Update


async def make_version(site: Site, upload: UploadDoc) -> None:
    """Of an upload that is valid; where that cannot be, its validation says why.

    Nothing where there is a version of it, or somebody sent a newer one. Raises Unavailable, ReadOnly,
    Conflict; then do it again.
    """
    guid = upload["signing"]["guid"]
    addon = await site.store.find_addon("guid", guid)
    if upload["submitted"] or await _is_superseded(site, addon, upload):
        return
    try:
        await _make(site, addon, upload)
    except Invalid as error:
        await _refuse(site, upload["_id"], first(error.faults))
    except Forbidden:
        await _refuse(site, upload["_id"], Fault("signing_not_owner"))
    except (NotFound, BadDocument):
        await _refuse(site, upload["_id"], Fault("signing_no_addon", guid=guid))


async def _make(site: Site, addon: AddonDoc | None, upload: UploadDoc) -> None:
    actor = await sender_of(site, upload)
    sent = {"upload": upload["_id"]}
    if addon is not None and not await resubmission.is_open(site.store, addon, actor.id):
        await submissions.add_version(site, actor, addon, sent)
    else:
        await submissions.create(site, actor, {"version": sent}, upload["signing"]["guid"])


async def _is_superseded(site: Site, addon: AddonDoc | None, upload: UploadDoc) -> bool:
    signing, created = upload["signing"], upload["created"]
    query = for_version(addon, upload["user_id"], signing["guid"], signing["version"])
    later = {"$or": [{"created": {"$gt": created}}, {"created": created, "_id": {"$gt": upload["_id"]}}]}
    return bool(await site.store.find("uploads", query | later, limit=1))


async def _refuse(site: Site, key: str, fault: Fault) -> None:
    upload = await site.store.find_one("uploads", {"_id": key})
    if upload is not None and not upload["submitted"]:
        result = refused(upload["validation"], fault.text("en-US"))
        await site.store.write([Update("uploads", key, {"$set": {"validation": result}})])
