"""Finds accounts for the API; server/auth/account_admin.py is for operators.

    user = await find_account(store, "7")          # or by username
    totals = await addon_totals(store, 7)

Event loop only.
"""

from typing import Any, Final, NamedTuple, cast

from conf.model.addons import AddonDoc, UserDoc
from conf.numbers import read_number
from conf.vocabulary import THEME_TYPES
from index import facts
from server.auth.access.permissions import is_any_reviewer
from server.auth.callers import Caller
from server.errors import NotFound
from server.storage.store import Store

_MAX_ADDONS: Final = 10_000  # of one account that are counted
_FIELDS: Final = dict.fromkeys(
    ("type", "status", "disabled_by_user", "authors", "ratings.average", "versions.channel"), 1
)


class AddonTotals(NamedTuple):
    """Totals of the public add-ons of an account."""

    extensions: int  # of any type but themes
    themes: int
    average_rating: float | None  # over its add-ons that have ratings


async def find_account(store: Store, name: str) -> UserDoc:
    """The account by its id if the name is a number, else by its username (contract/writes.md 10). Raises
    NotFound, also for a deleted account.
    """
    number = read_number(name)
    query: dict[str, Any] = {"username": name} if number is None else {"_id": number}
    user = await store.find_one("users", query)
    if user is None or user["deleted"]:
        raise NotFound
    return cast(UserDoc, user)


def is_reviewer(user: UserDoc) -> bool:
    """Whether the user reviews anything."""
    return is_any_reviewer(Caller(user), safe=False)


async def addon_totals(store: Store, user_id: int) -> AddonTotals:
    is_listed_author = {"$elemMatch": {"user_id": user_id, "listed": True}}
    # The first key has an index.
    query: dict[str, Any] = {"authors.user_id": user_id, "authors": is_listed_author}
    addons: list[AddonDoc] = []
    async for batch in store.scan("addons", query=query, fields=_FIELDS, limit=_MAX_ADDONS):
        addons += cast(list[AddonDoc], batch)
    public = [addon for addon in addons if facts.is_public(addon) and facts.has_versions(addon, "listed")]
    themes = sum(addon["type"] in THEME_TYPES for addon in public)
    rated = [addon["ratings"]["average"] for addon in public if addon["ratings"]["average"]]
    average = round(sum(rated) / len(rated), 2) if rated else None
    return AddonTotals(len(public) - themes, themes, average)
