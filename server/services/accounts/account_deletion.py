"""Deletion of an account with all it owns, by its holder or an operator (contract/writes.md 10).

    await delete(changes, user, by=7)

Event loop only.
"""

from collections.abc import Callable
from typing import Any

from conf.model.addons import AddonDoc, UserDoc
from server import clock
from server.activity_log import record
from server.auth.credentials.sessions import new_auth_id
from server.auth.credentials.stored_apikeys import deactivate
from server.changes import BATCH, Change, Changes, Edited, NewRecord
from server.rules.accounts import blanked, without_author
from server.services import ratings
from server.storage.operations import Delete, Document, Operation, Update


async def delete(changes: Changes, user: UserDoc, by: int | None) -> None:
    """Delete first what the account owns, in transactions of BATCH documents, then the account itself.

    `by` None: the shell. An interrupted deletion goes on when it is started again. Only the last
    transaction is waited for, because a reader that has seen it has seen all of them.
    """
    user_id = user["_id"]
    await ratings.delete_all(changes, user_id, by)
    await _leave_addons(changes, user_id, by)
    await _remove(changes, "collections", {"author_id": user_id})
    await _remove(changes, "sessions", {"user_id": user_id})
    await _remove(changes, "notifications", {"_id": user_id})
    await _remove(changes, "subscriptions", {"user_id": user_id})
    await _remove(changes, "draft_comments", {"user_id": user_id})
    await _leave_reports(changes, user_id)

    async def work(change: Change) -> None:
        now = clock.now()
        about = {"action": "account-deleted", "user_id": by, "date": now, "details": {"user": user_id}}
        entry = NewRecord("activity", {"addon_id": None, "version_id": None, **about, "address": None})
        await change.edit_user(user_id, lambda old: Edited(blanked(old, new_auth_id(), now), [entry]))
        await deactivate(change, {"user_id": user_id})

    await changes.run(work)


async def _leave_addons(changes: Changes, user_id: int, by: int | None) -> None:
    query = {"authors.user_id": user_id, "status": {"$ne": "deleted"}}

    async def work(change: Change) -> int:
        return len(await change.edit_addons(query, lambda addon: _left(addon, user_id, by), BATCH))

    while await changes.run(work, wait=False):
        pass


async def _remove(changes: Changes, collection: str, query: Document) -> None:
    await _apply_to_all(changes, collection, query, lambda id_: Delete(collection, id_))


async def _leave_reports(changes: Changes, user_id: int) -> None:
    """Keep the account's abuse reports, without its name and address."""
    personal = {f"fields.{name}": "" for name in ("reporter_name", "reporter_email")}
    forget = {"$set": {"reporter_id": None}, "$unset": personal}
    await _apply_to_all(
        changes, "reports", {"reporter_id": user_id}, lambda id_: Update("reports", id_, forget)
    )


async def _apply_to_all(
    changes: Changes, collection: str, query: Document, operation: Callable[[Any], Operation]
) -> None:
    """Apply an operation to all matches, BATCH per transaction; afterwards they must not match any more."""

    async def work(change: Change) -> int:
        documents = await change.find(collection, query, limit=BATCH, unchecked=True)
        await change.apply(*(operation(document["_id"]) for document in documents))
        return len(documents)

    while await changes.run(work, wait=False):
        pass


def _left(addon: AddonDoc, user_id: int, by: int | None) -> Edited[AddonDoc]:
    new = without_author(addon, user_id, clock.now())
    if new["status"] == addon["status"]:
        return Edited(new, [record("author-removed", new, by, details={"user": user_id})])
    return Edited(new, [record("addon-deleted", new, by, details={"slug": addon["slug"]})])
