"""Accounts: the caller's own, public profiles, signing out.

Rules: contract/writes.md 10, contract/auth.md 7.
Others see only public profiles; any other account is a 404, as one that does not exist.
Sessions and tokens begin elsewhere: sign_in.py, `run.py token`.
"""

from typing import Any, ClassVar, Final

from conf.model.addons import UserDoc
from handlers.http.base import (
    ANYBODY,
    KEYS_AND_SESSIONS,
    SESSIONS,
    SIGNED_IN,
    Access,
    ApiHandler,
    PageHandler,
)
from handlers.http.replies.reply import Reply
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from server.auth.callers import Caller
from server.errors import NotFound
from server.services.accounts import account_deletion, account_editing, accounts
from server.shapes.accounts import Account, private_account, public_account

# The cookies in which browsers of the website store the credential (contract/auth.md 1.1).
COOKIES: Final = ("sessionid", "frontend_auth_token")


def can_edit(caller: Caller, user: UserDoc, safe: bool = False) -> bool:
    """Whether the caller may change the account: it is the caller's own, or the caller may edit all."""
    return caller.id == user["_id"] or caller.has("Users:Edit")


EDITORS: Final = Access((can_edit,), signed_in=True)


class AccountResource(ApiHandler):
    """Finds an account for the caller, and shows what the caller may see of it."""

    title = "User Profile"
    mechanisms = SESSIONS

    async def load(self, name: str) -> UserDoc:
        """An account the caller may change. Raises NotFound, Forbidden."""
        user = await accounts.find_account(self.site.store, name)
        self.check_object_permissions(user)
        return user

    def clear_cookies(self) -> None:
        for cookie in COOKIES:
            self.clear_cookie(cookie)

    async def shape(self, user: UserDoc) -> dict[str, Any]:
        """The account as the caller may see it."""
        totals = await accounts.addon_totals(self.site.store, user["_id"])
        account = Account(user, totals.extensions, totals.themes, totals.average_rating)
        shapes, status, view = self.site.shapes[self.version], self.site.status, self.read_request().view
        if not can_edit(self.caller, user):
            return public_account(shapes, account, view)
        state = {"read_only": status.read_only, "notice": status.notice}
        is_reviewer = accounts.is_reviewer(user)
        return private_account(shapes, account, view, state, reviewer=is_reviewer)


class AccountHandler(AccountResource, PageHandler):
    access: ClassVar = {"GET": ANYBODY, "PATCH": EDITORS, "DELETE": EDITORS}
    has_long_texts = True

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        user = await accounts.find_account(self.site.store, args[0])
        if not (user["is_public"] or can_edit(self.caller, user)):
            raise NotFound
        return json_answer(await self.shape(user))

    async def patch(self, name: str) -> None:
        user = await self.load(name)
        user = await account_editing.edit(self.site, user, self.data(), self.locale_name)
        self.send_json(await self.shape(user))

    async def delete(self, name: str) -> None:
        user = await self.load(name)
        await account_deletion.delete(self.site.changes, user, self.user_id)
        if user["_id"] == self.user_id:
            self.clear_cookies()
        self.send_nothing()


class PictureHandler(AccountResource):
    access: ClassVar = {"DELETE": EDITORS}

    async def delete(self, name: str) -> None:
        user = await account_editing.remove_picture(self.site.changes, await self.load(name))
        self.send_json(await self.shape(user))


class ProfileHandler(AccountResource, PageHandler):
    """The caller's own account."""

    access: ClassVar = {"GET": SIGNED_IN}
    mechanisms = KEYS_AND_SESSIONS

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        assert self.caller.user is not None  # because the method needs a signed-in caller
        return json_answer(await self.shape(self.caller.user))


class SessionHandler(AccountResource):
    title = "Session"
    access: ClassVar = {"DELETE": SIGNED_IN}

    async def delete(self) -> None:
        await self.site.authenticator.sign_out(self.caller)
        self.clear_cookies()
        self.send_json({"ok": True})

    def send(self, reply: Reply) -> None:
        """Unlike the rest of the API, allows one origin to send credentials (CORS)."""
        origin = self.request.headers.get("Origin")
        if origin:
            reply.headers["Access-Control-Allow-Origin"] = origin
            reply.headers["Access-Control-Allow-Credentials"] = "true"
        super().send(reply)
