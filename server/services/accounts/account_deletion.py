"""Deletes an account with all it owns, for its holder or an operator (contract/writes.md 10).

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
from server.rules.accounts import anonymized, without_author
from server.services import ratings
from server.storage.operations import Delete, Document, Operation, Update


async def delete(changes: Changes, user: UserDoc, by: int | None) -> None:
    """Delete first what the account owns, in transactions of BATCH documents, then the account itself.

    `by` is None for the shell. An interrupted deletion continues when it is called again. Only the last
    transaction is waited for, because a process that shows its change shows those of all earlier ones.
    """
    user_id = user["_id"]
    await ratings.delete_all(changes, user_id, by)
    await _leave_addons(changes, user_id, by)
    await _delete_all(changes, "collections", {"author_id": user_id})
    await _delete_all(changes, "sessions", {"user_id": user_id})
    await _delete_all(changes, "notifications", {"_id": user_id})
    await _delete_all(changes, "subscriptions", {"user_id": user_id})
    await _delete_all(changes, "draft_comments", {"user_id": user_id})
    await _anonymize_reports(changes, user_id)

    async def work(change: Change) -> None:
        now = clock.now()
        entry_fields = {"action": "account-deleted", "user_id": by, "date": now, "details": {"user": user_id}}
        entry = NewRecord("activity", {"addon_id": None, "version_id": None, **entry_fields, "address": None})
        await change.edit_user(user_id, lambda old: Edited(anonymized(old, new_auth_id(), now), [entry]))
        await deactivate(change, {"user_id": user_id})

    await changes.run(work)


async def _leave_addons(changes: Changes, user_id: int, by: int | None) -> None:
    query = {"authors.user_id": user_id, "status": {"$ne": "deleted"}}

    async def work(change: Change) -> int:
        return len(await change.edit_addons(query, lambda addon: _without_author(addon, user_id, by), BATCH))

    while await changes.run(work, wait=False):
        pass


async def _delete_all(changes: Changes, collection: str, query: Document) -> None:
    await _apply_to_all(changes, collection, query, lambda id_: Delete(collection, id_))


async def _anonymize_reports(changes: Changes, user_id: int) -> None:
    """Remove the account's name and address from its abuse reports."""
    personal = {f"fields.{name}": "" for name in ("reporter_name", "reporter_email")}
    anonymize = {"$set": {"reporter_id": None}, "$unset": personal}
    await _apply_to_all(
        changes, "reports", {"reporter_id": user_id}, lambda id_: Update("reports", id_, anonymize)
    )


async def _apply_to_all(
    changes: Changes, collection: str, query: Document, operation: Callable[[Any], Operation]
) -> None:
    """Apply an operation to all matches, BATCH per transaction; it must end the match, or this never ends."""

    async def work(change: Change) -> int:
        documents = await change.find(collection, query, limit=BATCH, unchecked=True)
        await change.apply(*(operation(document["_id"]) for document in documents))
        return len(documents)

    while await changes.run(work, wait=False):
        pass


def _without_author(addon: AddonDoc, user_id: int, by: int | None) -> Edited[AddonDoc]:
    new = without_author(addon, user_id, clock.now())
    if new["status"] == addon["status"]:
        return Edited(new, [record("author-removed", new, by, details={"user": user_id})])
    return Edited(new, [record("addon-deleted", new, by, details={"slug": addon["slug"]})])
