"""Guids of deleted add-ons: who may submit them once more (contract/reviewers.md 9).

    changed = await deny(changes, addon, by=7)
    gone = await check_free(store, guid, user_id)       # the deleted add-on that lets its guid go, or None
    await let_go(change, gone, new_id, by=7)            # in the transaction that gives the guid to another

A guid without a mark is free until an add-on has it, and stays its own when that is deleted. Event loop only.
"""

from typing import Final, cast

from conf.model.addons import AddonDoc
from conf.model.reviewers import ResubmissionDoc
from server import clock
from server.activity_log import record
from server.changes import Change, Changes, Edited
from server.rules.authors import author_of
from server.rules.faults import Fault, Invalid
from server.storage.documents import DocumentAccess
from server.storage.operations import Delete, Replace

COLLECTION: Final = "resubmissions"
_REUSED: Final = "guid-reused-by-pk-{id}"  # what AMO calls an add-on whose guid another has


def taken() -> Invalid:
    return Invalid({"version": [Fault("guid_duplicate")]}, status=409)


async def deny(changes: Changes, addon: AddonDoc, by: int) -> bool:
    """False where it was denied already."""
    return await _mark(changes, addon, by, denied=True)


async def allow(changes: Changes, addon: AddonDoc, by: int) -> bool:
    """False where it was not denied; that of a deleted add-on is until somebody allows it."""
    return await _mark(changes, addon, by, denied=False)


async def _mark(changes: Changes, addon: AddonDoc, by: int, *, denied: bool) -> bool:
    """Whether it was otherwise."""
    key = (addon["guid"] or "").casefold()
    # A guid without a mark: a deleted add-on's is not free, a live one's is not denied.
    is_new = denied or addon["status"] == "deleted"

    async def work(change: Change) -> bool:
        mark = await _find(change, key)
        if not key or not (mark["denied"] != denied if mark else is_new):
            return False
        new = ResubmissionDoc(_id=key, denied=denied, modified=clock.now())
        await change.apply(Replace(COLLECTION, {**new}, upsert=True))
        kind = "denied-guid-added" if denied else "denied-guid-deleted"
        await change.record(record(kind, addon, by, details={"guid": addon["guid"]}))
        return True

    return await changes.run(work)


async def _find(documents: DocumentAccess | Change, key: str) -> ResubmissionDoc | None:
    return cast(ResubmissionDoc | None, await documents.find_one(COLLECTION, {"_id": key}))


async def check_free(documents: DocumentAccess, guid: str, user_id: int) -> AddonDoc | None:
    """The deleted add-on whose guid may be taken over; None where nobody has the guid.

    Its former authors alone may, or strangers could update what is installed. Raises Invalid 409.
    """
    mark = await _find(documents, guid.casefold())
    addon = await documents.find_addon("guid", guid)
    if addon is None:
        if mark is not None and mark["denied"]:
            raise taken()
        return None
    if not _is_open(mark, addon, user_id):
        raise taken()
    return addon


async def is_open(documents: DocumentAccess, addon: AddonDoc, user_id: int | None) -> bool:
    """Whether the user may submit the guid of this add-on anew."""
    if addon["status"] != "deleted" or user_id is None:
        return False
    return _is_open(await _find(documents, (addon["guid"] or "").casefold()), addon, user_id)


def _is_open(mark: ResubmissionDoc | None, addon: AddonDoc, user_id: int) -> bool:
    allowed = mark is not None and not mark["denied"]
    return allowed and addon["status"] == "deleted" and author_of(addon, user_id) is not None


async def let_go(change: Change, addon: AddonDoc, new_id: int, by: int) -> None:
    """The deleted add-on gives its guid to another one. Raises Invalid where that was denied meanwhile."""
    guid = addon["guid"] or ""
    if not _is_open(await _find(change, guid.casefold()), addon, by):
        raise taken()

    def edit(newest: AddonDoc) -> Edited[AddonDoc]:
        new = newest | {"guid": _REUSED.format(id=new_id)}
        return Edited(new, [record("guid-reused", new, by, details={"guid": guid, "addon": new_id})])

    await change.apply(Delete(COLLECTION, guid.casefold()))
    await change.edit_addon(addon["_id"], edit)
