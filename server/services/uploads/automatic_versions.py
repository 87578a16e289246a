"""Makes versions of validated uploads that need no further request: packages sent for signing
(contract/uploads.md 7.3), and rollbacks to earlier versions (contract/packages.md 6).

    site = Site(settings, port, make_version)

A failure is reported in the validation of a signing upload, and in a review note for a rollback. Event loop
only.
"""

from typing import Any, Final

from conf.model.uploads import UploadDoc
from server.activity_log import record
from server.changes import Change
from server.errors import BadDocument, Forbidden, NotFound
from server.packages.validation.report import first_error, refused
from server.rules.faults import Fault, Invalid
from server.rules.uploads.signing import first_fault
from server.services.review.resubmission import addon_to_update
from server.services.uploads import submissions
from server.services.uploads.uploads import UPLOADS, find_sender, is_superseded
from server.site import Site
from server.storage.operations import Update

_LANGUAGE: Final = "en-US"  # of notes and of validations


async def make_version(site: Site, upload: UploadDoc) -> None:
    """Make the upload's version, once. Raises Unavailable, ReadOnly, Conflict; callers try again later."""
    if upload["submitted"]:
        return
    if "rollback" in upload:
        await _roll_back(site, upload)
    else:
        await _sign(site, upload)


async def _sign(site: Site, upload: UploadDoc) -> None:
    """Add a version or create the add-on, unless there is a newer package for the same version."""
    guid = upload["signing"]["guid"]
    addon = await site.store.find_addon("guid", guid)
    if await is_superseded(site, addon, upload):
        return
    sent = {"upload": upload["_id"]}
    try:
        actor = await find_sender(site, upload)
        if addon := await addon_to_update(site.store, addon, actor.id):
            await submissions.add_version(site, actor, addon, sent)
        else:
            await submissions.create(site, actor, {"version": sent}, guid)
    except Invalid as error:
        await _refuse(site, upload["_id"], first_fault(error.faults))
    except Forbidden:
        await _refuse(site, upload["_id"], Fault("signing_not_owner"))
    except (NotFound, BadDocument):
        await _refuse(site, upload["_id"], Fault("signing_no_addon", guid=guid))


async def _refuse(site: Site, key: str, fault: Fault) -> None:
    upload = await site.store.find_one(UPLOADS, {"_id": key})
    if upload is not None and not upload["submitted"]:
        result = refused(upload["validation"], fault.text(_LANGUAGE))
        await site.store.write([Update(UPLOADS, key, {"$set": {"validation": result}})])


async def _roll_back(site: Site, upload: UploadDoc) -> None:
    rollback, validation = upload["rollback"], upload["validation"]
    if rollback.get("failed") or validation is None:
        return
    try:
        if upload["package"] is None:
            await _note_failure(site, upload, first_error(validation, server_only=False) or "")
            return
        actor = await find_sender(site, upload)
        addon = await site.store.find_addon("id", rollback["addon_id"])
        if addon is None:
            raise Forbidden
        notes = rollback["release_notes"]
        sent: dict[str, Any] = {
            "upload": upload["_id"],
            **({} if notes is None else {"release_notes": notes}),
        }
        await submissions.add_version(site, actor, addon, sent)
    except Invalid as error:
        await _note_failure(site, upload, first_fault(error.faults).text(_LANGUAGE))
    except (Forbidden, NotFound, BadDocument):
        await _note_failure(site, upload, Fault("permission_denied").text(_LANGUAGE))


async def _note_failure(site: Site, upload: UploadDoc, reason: str) -> None:
    """Write the review note, once for an upload."""
    rollback = upload["rollback"]

    async def work(change: Change) -> None:
        await change.apply(Update(UPLOADS, upload["_id"], {"$set": {"rollback.failed": True}}))
        addon = await change.find_addon("id", rollback["addon_id"])
        if addon is not None:
            versions = (version for version in addon["versions"] if version["id"] == rollback["version_id"])
            earlier = next(versions, None)
            kind, user_id = "version-rollback-failure", upload["user_id"]
            await change.record(record(kind, addon, user_id, version=earlier, comments=reason))

    await site.changes.run(work)
