"""Who may submit the guids of deleted add-ons again (contract/reviewers.md 9).

    changed = await deny(changes, addon, by=7)
    former = await check_free(store, guid, user_id)     # the deleted add-on that has the guid, or None
    await release_guid(change, former, new_id, by=7)    # in the transaction that gives the guid to another

A mark allows or denies a guid. A guid without one is free until an add-on has it, and stays taken if that
add-on is deleted. Event loop only.
"""

from typing import Final, cast

from conf.model.addons import AddonDoc
from conf.model.reviewers import ResubmissionDoc
from server import clock
from server.activity_log import record
from server.changes import Change, Changes, Edited
from server.rules.authors import find_author
from server.rules.faults import guid_in_use
from server.storage.documents import DocumentAccess
from server.storage.operations import Delete, Replace

COLLECTION: Final = "resubmissions"
_REUSED: Final = "guid-reused-by-pk-{id}"  # AMO's name for an add-on whose guid was reused


async def deny(changes: Changes, addon: AddonDoc, by: int) -> bool:
    """Deny the guid; False if it was denied already."""
    return await _mark(changes, addon, by, denied=True)


async def allow(changes: Changes, addon: AddonDoc, by: int) -> bool:
    """Allow the guid; False if it was allowed. A deleted add-on's guid is denied until somebody allows it."""
    return await _mark(changes, addon, by, denied=False)


async def _mark(changes: Changes, addon: AddonDoc, by: int, *, denied: bool) -> bool:
    """Mark the guid; returns whether that changed anything."""
    key = (addon["guid"] or "").casefold()
    # Without a mark the guid of a deleted add-on counts as denied, and any other guid as allowed.
    is_new = denied or addon["status"] == "deleted"

    async def work(change: Change) -> bool:
        mark = await _find_mark(change, key)
        if not key or not (mark["denied"] != denied if mark else is_new):
            return False
        new = ResubmissionDoc(_id=key, denied=denied, modified=clock.now())
        await change.apply(Replace(COLLECTION, {**new}, upsert=True))
        kind = "denied-guid-added" if denied else "denied-guid-deleted"
        await change.record(record(kind, addon, by, details={"guid": addon["guid"]}))
        return True

    return await changes.run(work)


async def _find_mark(documents: DocumentAccess | Change, key: str) -> ResubmissionDoc | None:
    return cast(ResubmissionDoc | None, await documents.find_one(COLLECTION, {"_id": key}))


async def check_free(documents: DocumentAccess, guid: str, user_id: int) -> AddonDoc | None:
    """The deleted add-on whose guid may be reused; None if no add-on has the guid.

    Only its former authors may, because others could update installed copies. Raises Invalid 409.
    """
    mark = await _find_mark(documents, guid.casefold())
    addon = await documents.find_addon("guid", guid)
    if addon is None:
        if mark is not None and mark["denied"]:
            raise guid_in_use()
        return None
    if not _can_resubmit(mark, addon, user_id):
        raise guid_in_use()
    return addon


async def can_resubmit(documents: DocumentAccess, addon: AddonDoc, user_id: int | None) -> bool:
    """Whether the user may submit the guid of this add-on again."""
    if addon["status"] != "deleted" or user_id is None:
        return False
    return _can_resubmit(await _find_mark(documents, (addon["guid"] or "").casefold()), addon, user_id)


async def addon_to_update(documents: DocumentAccess, addon: AddonDoc | None, user_id: int) -> AddonDoc | None:
    """The add-on that a package adds a version to; None if it creates an add-on, because there is none yet or
    the user may submit the deleted one's guid again.
    """
    return None if addon and await can_resubmit(documents, addon, user_id) else addon


def _can_resubmit(mark: ResubmissionDoc | None, addon: AddonDoc, user_id: int) -> bool:
    allowed = mark is not None and not mark["denied"]
    return allowed and addon["status"] == "deleted" and find_author(addon, user_id) is not None


async def release_guid(change: Change, addon: AddonDoc, new_id: int, by: int) -> None:
    """Release the guid of the deleted add-on. Raises Invalid if it was denied meanwhile."""
    guid = addon["guid"] or ""
    if not _can_resubmit(await _find_mark(change, guid.casefold()), addon, by):
        raise guid_in_use()

    def edit(newest: AddonDoc) -> Edited[AddonDoc]:
        new = newest | {"guid": _REUSED.format(id=new_id)}
        return Edited(new, [record("guid-reused", new, by, details={"guid": guid, "addon": new_id})])

    await change.apply(Delete(COLLECTION, guid.casefold()))
    await change.edit_addon(addon["_id"], edit)
