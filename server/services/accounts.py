"""Accounts as the API reads and writes them; server/auth/account_admin.py is for operators.

    user = await find_account(store, "7")          # or by username; None for a deleted one
    totals = await developed(store, 7)
    await delete(changes, user, by=7)

Event loop only.
"""

from typing import Any, Final, NamedTuple, cast

from conf.model.addons import AddonDoc, UserDoc
from conf.numbers import read_number
from conf.vocabulary import THEME_TYPES
from index import facts
from server import clock
from server.activity_log import record
from server.auth.authenticator import new_auth_id
from server.changes import LOT, Change, Changes, Edited, NewRecord
from server.rules.accounts import blanked, without_author
from server.services import ratings
from server.storage.operations import Delete, Document, Update
from server.storage.store import Store

_MOST: Final = 10_000  # add-ons of one account that are looked at
_ADDON: Final = dict.fromkeys(
    ("type", "status", "disabled_by_user", "authors", "ratings.average", "versions.channel"), 1
)


class Developed(NamedTuple):
    """What an account has made, as everybody may see it."""

    extensions: int  # of any type that is no theme
    themes: int
    average_rating: float | None  # over its add-ons that have ratings


async def find_account(store: Store, name: str) -> UserDoc | None:
    """Digits are an id, all else a username (contract/writes.md 10)."""
    number = read_number(name)
    query: dict[str, Any] = {"username": name} if number is None else {"_id": number}
    found = await store.find_one("users", query)
    return None if found is None or found["deleted"] else cast(UserDoc, found)


async def developed(store: Store, user_id: int) -> Developed:
    listed = {"$elemMatch": {"user_id": user_id, "listed": True}}
    query: dict[str, Any] = {"authors.user_id": user_id, "authors": listed}  # the first has an index
    addons: list[AddonDoc] = []
    async for found in store.scan("addons", query=query, fields=_ADDON, limit=_MOST):
        addons += cast(list[AddonDoc], found)
    public = [addon for addon in addons if facts.is_public(addon) and facts.has_listed_versions(addon)]
    themes = sum(addon["type"] in THEME_TYPES for addon in public)
    rated = [addon["ratings"]["average"] for addon in public if addon["ratings"]["average"]]
    average = round(sum(rated) / len(rated), 2) if rated else None
    return Developed(len(public) - themes, themes, average)


async def delete(changes: Changes, user: UserDoc, by: int | None) -> None:
    """All that is the account's first, a lot of it in each transaction, then itself. `by` None: the shell.

    What was interrupted goes on when it is begun again. The last transaction alone
    is waited for: who shows it shows all of them.
    """
    user_id = user["_id"]
    await ratings.delete_all(changes, user_id, by)
    await _leave_addons(changes, user_id, by)
    await _remove(changes, "collections", {"author_id": user_id})
    await _remove(changes, "sessions", {"user_id": user_id})

    async def work(change: Change) -> None:
        now = clock.now()
        about = {"action": "account-deleted", "user_id": by, "date": now, "details": {"user": user_id}}
        told = NewRecord("activity", {"addon_id": None, "version_id": None, **about, "address": None})
        await change.edit_user(user_id, lambda old: Edited(blanked(old, new_auth_id(), now), [told]))
        for key in await change.find("apikeys", {"user_id": user_id, "active": True}):
            await change.apply(Update("apikeys", key["_id"], {"$set": {"active": False}}))

    await changes.run(work)


async def _leave_addons(changes: Changes, user_id: int, by: int | None) -> None:
    theirs = {"authors.user_id": user_id, "status": {"$ne": "deleted"}}

    async def work(change: Change) -> int:
        return len(await change.edit_addons(theirs, lambda addon: _left(addon, user_id, by), LOT))

    while await changes.run(work, wait=False):
        pass


async def _remove(changes: Changes, collection: str, query: Document) -> None:
    async def work(change: Change) -> int:
        found = await change.find(collection, query, limit=LOT, unchecked=True)
        await change.apply(*(Delete(collection, document["_id"]) for document in found))
        return len(found)

    while await changes.run(work, wait=False):
        pass


def _left(addon: AddonDoc, user_id: int, by: int | None) -> Edited[AddonDoc]:
    new = without_author(addon, user_id, clock.now())
    if new["status"] == addon["status"]:
        return Edited(new, [record("author-removed", new, by, details={"user": user_id})])
    return Edited(new, [record("addon-deleted", new, by, details={"slug": addon["slug"]})])
