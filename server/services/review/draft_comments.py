"""Drafts of reviewers' comments on versions, and canned responses (contract/reviewers.md 6).

    draft = await create(changes, store, DraftKey(addon_id, version_id, user_id), sent)
    draft = await edit(changes, store, key, draft_id, sent)
    await drop(change, version_id)                   # in the transaction of the version's review

Only its writer sees a draft. Event loop only.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast

from conf.limits import MAX_DRAFTS
from conf.model.reviewers import CannedResponseDoc, DraftCommentDoc
from server import clock
from server.changes import Change, Changes, NewRecord
from server.errors import NotFound
from server.rules.faults import body_fault, field_fault
from server.rules.review.draft_comments import check_draft, read_draft
from server.storage.operations import Delete, Replace
from server.storage.store import Store

COLLECTION: Final = "draft_comments"
CANNED: Final = "canned_responses"
_MAX_READ: Final = 1000  # documents read at a time


class DraftKey(NamedTuple):
    """The writer of drafts, and the version they are about."""

    addon_id: int
    version_id: int
    user_id: int

    @property
    def query(self) -> dict[str, Any]:
        return {"version_id": self.version_id, "user_id": self.user_id}


async def canned_responses(store: Store, ids: list[int] | None = None) -> list[CannedResponseDoc]:
    """All, or those with these ids."""
    query: dict[str, Any] = {} if ids is None else {"_id": {"$in": ids}}
    responses = await store.find(CANNED, query, sort=[("_id", 1)], limit=_MAX_READ)
    return cast(list[CannedResponseDoc], responses)


async def find(store: Store, key: DraftKey, draft_id: int | None) -> DraftCommentDoc:
    """Raises NotFound."""
    draft = await store.find_one(COLLECTION, {"_id": draft_id, **key.query})
    if draft is None:
        raise NotFound(str(draft_id))
    return cast(DraftCommentDoc, draft)


async def read_page(store: Store, key: DraftKey, start: int, size: int) -> list[DraftCommentDoc]:
    """The oldest first."""
    drafts = await store.find(COLLECTION, key.query, sort=[("_id", 1)], skip=start, limit=size)
    return cast(list[DraftCommentDoc], drafts)


async def create(changes: Changes, store: Store, key: DraftKey, sent: Mapping[str, Any]) -> DraftCommentDoc:
    """Raises Invalid."""
    values = await _read(store, sent)
    if await store.count(COLLECTION, key.query) >= MAX_DRAFTS:
        raise body_fault("too_many_drafts", limit=MAX_DRAFTS)
    now = clock.now()
    draft = DraftCommentDoc(
        _id=await store.next_id("draft_comment"),
        addon_id=key.addon_id,
        version_id=key.version_id,
        user_id=key.user_id,
        comment=values.get("comment", ""),
        filename=values.get("filename"),
        lineno=values.get("lineno"),
        canned_response=values.get("canned_response"),
        created=now,
        modified=now,
    )
    check_draft(draft)
    await changes.write([NewRecord(COLLECTION, {**draft})])
    return draft


async def edit(
    changes: Changes, store: Store, key: DraftKey, draft_id: int | None, sent: Mapping[str, Any]
) -> DraftCommentDoc:
    """Raises NotFound, Invalid."""
    values = await _read(store, sent)

    async def work(change: Change) -> DraftCommentDoc:
        old = await change.find_one(COLLECTION, {"_id": draft_id, **key.query})
        if old is None:
            raise NotFound(str(draft_id))
        new = cast(DraftCommentDoc, {**old, **values, "modified": clock.now()})
        check_draft(new)
        await change.apply(Replace(COLLECTION, {**new}))
        return new

    return await changes.run(work)


async def _read(store: Store, sent: Mapping[str, Any]) -> dict[str, Any]:
    values = read_draft(sent)
    canned = values.get("canned_response")
    if canned is not None and not await canned_responses(store, [canned]):
        raise field_fault("canned_response", "unknown_pk", value=canned)
    return values


async def delete(changes: Changes, draft: DraftCommentDoc) -> None:
    async def work(change: Change) -> None:
        await change.apply(Delete(COLLECTION, draft["_id"]))

    await changes.run(work)


async def drop(change: Change, version_id: int) -> None:
    """Delete all drafts about a version, after the decision about it."""
    for draft in await change.find(COLLECTION, {"version_id": version_id}, limit=_MAX_READ, unchecked=True):
        await change.apply(Delete(COLLECTION, draft["_id"]))
