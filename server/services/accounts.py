"""Accounts as the API reads and writes them; server/auth/account_admin.py is for operators.

    user = await find_account(store, "7")          # or by username
    totals = await developed(store, 7)
    user = await edit(site, user, sent, "fr")

Event loop only.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from conf.model.addons import AddonDoc, UserDoc
from conf.numbers import read_number
from conf.vocabulary import THEME_TYPES
from index import facts
from server import clock
from server.auth.callers import Caller
from server.auth.permissions import is_any_reviewer
from server.changes import Changes, Edited
from server.errors import NotFound
from server.rules.accounts import read_account
from server.rules.images import Drawn, with_pictures
from server.services.pictures import draw_portrait
from server.site import Site
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


async def find_account(store: Store, name: str) -> UserDoc:
    """Digits are an id, all else a username (contract/writes.md 10). Raises NotFound, deleted ones too."""
    number = read_number(name)
    query: dict[str, Any] = {"username": name} if number is None else {"_id": number}
    user = await store.find_one("users", query)
    if user is None or user["deleted"]:
        raise NotFound
    return cast(UserDoc, user)


async def developed(store: Store, user_id: int) -> Developed:
    listed = {"$elemMatch": {"user_id": user_id, "listed": True}}
    query: dict[str, Any] = {"authors.user_id": user_id, "authors": listed}  # the first has an index
    addons: list[AddonDoc] = []
    async for batch in store.scan("addons", query=query, fields=_ADDON, limit=_MOST):
        addons += cast(list[AddonDoc], batch)
    public = [addon for addon in addons if facts.is_public(addon) and facts.has_listed_versions(addon)]
    themes = sum(addon["type"] in THEME_TYPES for addon in public)
    rated = [addon["ratings"]["average"] for addon in public if addon["ratings"]["average"]]
    average = round(sum(rated) / len(rated), 2) if rated else None
    return Developed(len(public) - themes, themes, average)


async def edit(site: Site, user: UserDoc, sent: Mapping[str, Any], locale: str) -> UserDoc:
    """The account with what was sent of a body in a language. Raises Invalid, NotFound."""
    is_reviewer = is_any_reviewer(Caller(user), safe=False)
    fields = read_account(sent, site.addresses.site_url, locale, reviewer=is_reviewer)
    drawn: list[Drawn] = []
    if "picture_upload" in fields:
        image = fields.pop("picture_upload")
        drawn = [await draw_portrait(site, user["_id"], image)] if image else []
        fields["picture"] = drawn[0].address if drawn else None
    return await _change(site.changes, user, fields, drawn)


async def remove_picture(changes: Changes, user: UserDoc) -> UserDoc:
    """Raises NotFound."""
    return await _change(changes, user, {"picture": None})


async def _change(
    changes: Changes, user: UserDoc, fields: dict[str, Any], drawn: Sequence[Drawn] = ()
) -> UserDoc:
    def apply(newest: UserDoc) -> Edited[UserDoc]:
        if newest["deleted"]:
            raise NotFound
        new = cast(UserDoc, with_pictures({**newest, **fields}, drawn))
        return Edited(new if new == newest else new | {"modified": clock.now()})

    return await changes.edit_user(user["_id"], apply)
