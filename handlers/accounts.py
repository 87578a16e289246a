"""Accounts: a user's own page, and what others see of it (contract/writes.md 10).

Strangers see public profiles, and for all others 404, as for no account at all.
"""

from typing import Any, ClassVar, cast

import orjson

from conf.limits import MAX_TEXTS_BYTES
from conf.model.addons import UserDoc
from handlers.http.base import ApiHandler, PageHandler, from_mongodb
from handlers.http.errors import not_found
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from handlers.session import COOKIES
from index.shapes.accounts import Account, private_account, public_account
from server import clock
from server.auth import permissions
from server.auth.callers import Caller, Mechanism
from server.changes import Edited
from server.rules.accounts import read_account
from server.services import accounts

EDIT = "Users:Edit"


class AccountAccess(ApiHandler):
    """Stands before a page's handler in a class of both."""

    title = "User Profile"
    mechanisms: ClassVar[tuple[Mechanism, ...]] = ("session",)

    def may_edit(self, user: UserDoc) -> bool:
        return self.caller.id == user["_id"] or permissions.has(self.caller.user, EDIT)

    async def load_own(self, name: str) -> UserDoc:
        """An account the caller may change. Raises Refusal 404, 403."""
        user = await accounts.find_account(self.site.store, name)
        if user is None:
            raise not_found(self.locale_name)
        if not self.may_edit(user):
            raise self.denied()
        return user

    async def change(self, user: UserDoc, fields: dict[str, Any]) -> UserDoc:
        def edit(newest: UserDoc) -> Edited[UserDoc]:
            if newest["deleted"]:
                raise not_found(self.locale_name)
            new = cast(UserDoc, {**newest, **fields})
            if new != newest:
                new["modified"] = clock.now()
            return Edited(new)

        return await self.site.changes.edit_user(user["_id"], edit)

    async def shape(self, ask: ReadRequest, user: UserDoc) -> dict[str, Any]:
        """As the caller may see it."""
        made = await accounts.developed(self.site.store, user["_id"])
        account = Account(user, made.extensions, made.themes, made.average_rating)
        shapes, status = self.site.shapes[self.version], self.site.status
        if not self.may_edit(user):
            return public_account(shapes, account, ask.view)
        shown = {"read_only": status.read_only, "notice": status.notice}
        return private_account(shapes, account, ask.view, shown, reviewer=is_reviewer(user))


def is_reviewer(user: UserDoc) -> bool:
    return permissions.is_any_reviewer(Caller(user), safe=False)


class AccountHandler(AccountAccess, PageHandler):
    page = staticmethod(from_mongodb)
    signed_in = ("PATCH", "DELETE")
    max_json_bytes = MAX_TEXTS_BYTES

    async def look_closer(self, ask: ReadRequest, *args: str) -> Answer:
        user = await accounts.find_account(self.site.store, args[0])
        if user is None or not (user["is_public"] or self.may_edit(user)):
            raise not_found(ask.view.locale)
        return Answer(orjson.dumps(await self.shape(ask, user)))

    async def patch(self, name: str) -> None:
        user = await self.load_own(name)
        body = self.body()
        site_url = self.site.shapes[self.version].context.site_url
        sent = {**body.fields, **body.files}
        fields = read_account(sent, site_url, self.locale_name, reviewer=is_reviewer(user))
        self.send_json(await self.shape(self.ask(), await self.change(user, fields)))

    async def delete(self, name: str) -> None:
        user = await self.load_own(name)
        assert self.caller.id is not None  # signed_in
        await accounts.delete(self.site.changes, user, self.caller.id)
        if user["_id"] == self.caller.id:
            for cookie in COOKIES:
                self.clear_cookie(cookie)
        self.send_nothing()


class PictureHandler(AccountAccess):
    signed_in = ("DELETE",)

    async def delete(self, name: str) -> None:
        user = await self.change(await self.load_own(name), {"picture": None})
        self.send_json(await self.shape(self.ask(), user))


class ProfileHandler(AccountAccess, PageHandler):
    """One's own account."""

    mechanisms = ("jwt", "session")
    page = staticmethod(from_mongodb)
    signed_in = ("GET", "HEAD")

    async def look_closer(self, ask: ReadRequest, *args: str) -> Answer:
        assert self.caller.user is not None  # signed_in
        return Answer(orjson.dumps(await self.shape(ask, self.caller.user)))
