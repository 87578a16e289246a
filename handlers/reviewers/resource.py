"""The base classes of reviewers' resources: only sessions are accepted, and add-ons are found by id."""

from typing import Any, ClassVar, Final

from conf.model.addons import AddonDoc
from handlers.http.base import SESSIONS, Access, ApiHandler
from server.auth.access.permissions import REVIEWS_ADMIN

ADMIN: Final = Access(permission=REVIEWS_ADMIN)


class ReviewerResource(ApiHandler):
    """A resource of reviewers, from whom add-ons are never withheld by country; `{id}` is always a number."""

    mechanisms = SESSIONS

    async def load(self, addon_id: str, *, with_deleted: bool = False) -> AddonDoc:
        """The add-on; a deleted one only `with_deleted`. Raises Refusal 404."""
        addon = await self.site.store.find_addon("id", self.path_id(addon_id))
        if addon is None or (addon["status"] == "deleted" and not with_deleted):
            raise self.not_found()
        return addon


class ActionHandler(ReviewerResource):
    """An action on an add-on: 202, or 409 if `act` returns that it was done before."""

    access: ClassVar = {"POST": ADMIN}
    includes_deleted: ClassVar[bool] = False
    act: ClassVar[Any]  # (changes, add-on, user id) -> awaitable

    async def post(self, addon_id: str) -> None:
        addon = await self.load(addon_id, with_deleted=self.includes_deleted)
        changed = await self.act(self.site.changes, addon, self.user_id)
        self.send_nothing(409 if changed is False else 202)
