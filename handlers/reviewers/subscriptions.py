"""Reviewers who want mail when a version is submitted (contract/reviewers.md 5): `reviewers/addon/{id}/…`.

`subscribe/`, `subscribe_listed/`, `subscribe_unlisted/`, and `unsubscribe…/` for each.
"""

from typing import Any, ClassVar, Final

from handlers.http.base import Access
from handlers.reviewers.resource import ReviewerResource
from server.auth.access.permissions import REVIEW_UNLISTED, REVIEWERS, VIEW_UNLISTED
from server.services.review.subscriptions import subscribe, unsubscribe

_LISTED: Final = {"POST": Access(permission=REVIEWERS)}
_UNLISTED: Final = {"POST": Access(permission=(REVIEW_UNLISTED, VIEW_UNLISTED))}


class SubscribeHandler(ReviewerResource):
    title = "Subscribe"
    access: ClassVar = _LISTED
    channel: ClassVar[str] = "listed"
    change: ClassVar[Any] = staticmethod(subscribe)

    async def post(self, addon_id: str) -> None:
        addon = await self.load(addon_id)
        await self.change(self.site.changes, addon["_id"], self.channel, self.user_id)
        self.send_nothing(202)


class UnsubscribeHandler(SubscribeHandler):
    title = "Unsubscribe"
    change = staticmethod(unsubscribe)


class SubscribeUnlistedHandler(SubscribeHandler):
    access: ClassVar = _UNLISTED
    channel = "unlisted"


class UnsubscribeUnlistedHandler(UnsubscribeHandler):
    access: ClassVar = _UNLISTED
    channel = "unlisted"
