"""The base classes of reviewers' resources: only sessions are accepted, and add-ons are found by id."""

from typing import Any, ClassVar, Final

from conf.model.addons import AddonDoc
from conf.numbers import read_number
from handlers.http.base import SESSIONS, Access, ApiHandler
from server.auth.access.permissions import REVIEWS_ADMIN

ADMIN: Final = Access(permission=REVIEWS_ADMIN)


class ReviewerResource(ApiHandler):
    """Regions keep nothing from reviewers; `{id}` is a number only."""

    mechanisms = SESSIONS

    async def load(self, addon_id: str, *, deleted: bool = False) -> AddonDoc:
        """`deleted`: one that is, too. Raises Refusal 404."""
        addon = await self.site.store.find_addon("id", read_number(addon_id) or 0)
        if addon is None or (addon["status"] == "deleted" and not deleted):
            raise self.not_found()
        return addon


class ActionHandler(ReviewerResource):
    """An action on an add-on: 202, or 409 if `act` returns that it was done before."""

    access: ClassVar = {"POST": ADMIN}
    includes_deleted: ClassVar[bool] = False
    act: ClassVar[Any]  # (changes, add-on, user id) -> awaitable

    async def post(self, addon_id: str) -> None:
        addon = await self.load(addon_id, deleted=self.includes_deleted)
        changed = await self.act(self.site.changes, addon, self.user_id)
        self.send_nothing(409 if changed is False else 202)
