"""What becomes of earlier versions' packages that were asked for once more (contract/packages.md 6).

    await make_version(site, upload)      # from server/packages/validation/validator.py, in the background

Event loop only.
"""

from typing import Any, Final

from conf.model.uploads import UploadDoc
from server.activity_log import record
from server.changes import Change
from server.errors import BadDocument, Forbidden, NotFound
from server.packages.validation.report import first_error
from server.rules.faults import Fault, Invalid
from server.rules.uploads.signing import first
from server.services.uploads import submissions
from server.services.uploads.uploads import sender_of
from server.site import Site
from server.storage.operations import Update

_LANGUAGE: Final = "en-US"  # of notes


async def make_version(site: Site, upload: UploadDoc) -> None:
    """Of an upload that was validated; where that cannot be, a note says why, once.

    Raises Unavailable, ReadOnly, Conflict; then do it again.
    """
    rollback, validation = upload["rollback"], upload["validation"]
    if upload["submitted"] or rollback.get("failed") or validation is None:
        return
    if upload["package"] is None:
        await _fail(site, upload, first_error(validation, own=False) or "")
        return
    try:
        await _make(site, upload)
    except Invalid as error:
        await _fail(site, upload, first(error.faults).text(_LANGUAGE))
    except (Forbidden, NotFound, BadDocument):
        await _fail(site, upload, Fault("permission_denied").text(_LANGUAGE))


async def _make(site: Site, upload: UploadDoc) -> None:
    actor = await sender_of(site, upload)
    addon = await site.store.find_addon("id", upload["rollback"]["addon_id"])
    if addon is None:
        raise Forbidden
    sent: dict[str, Any] = {"upload": upload["_id"]}
    if upload["rollback"]["release_notes"] is not None:
        sent["release_notes"] = upload["rollback"]["release_notes"]
    await submissions.add_version(site, actor, addon, sent)


async def _fail(site: Site, upload: UploadDoc, reason: str) -> None:
    rollback = upload["rollback"]

    async def work(change: Change) -> None:
        await change.apply(Update("uploads", upload["_id"], {"$set": {"rollback.failed": True}}))
        addon = await change.find_addon("id", rollback["addon_id"])
        if addon is not None:
            version = next((one for one in addon["versions"] if one["id"] == rollback["version_id"]), None)
            note = record(
                "version-rollback-failure", addon, upload["user_id"], version=version, comments=reason
            )
            await change.record(note)

    await site.changes.run(work)
