"""Reviewers who want mail when a version is submitted (contract/reviewers.md 5): `reviewers/addon/{id}/…`.

`subscribe/`, `subscribe_listed/`, `subscribe_unlisted/`, and each with `un` before it.
"""

from typing import ClassVar

from handlers.http.access import Access
from handlers.reviewers.resource import ReviewerResource
from server.auth.access.permissions import REVIEW_UNLISTED, REVIEWERS, VIEW_UNLISTED
from server.services.review.subscriptions import subscribe, unsubscribe


class SubscribeHandler(ReviewerResource):
    title = "Subscribe"
    access: ClassVar = {"POST": Access(permission=REVIEWERS)}
    channel: ClassVar[str] = "listed"

    async def post(self, addon_id: str) -> None:
        addon = await self.load(addon_id)
        await subscribe(self.site.changes, addon["_id"], self.channel, self.user_id)
        self.send_nothing(202)


class UnsubscribeHandler(ReviewerResource):
    title = "Unsubscribe"
    access: ClassVar = {"POST": Access(permission=REVIEWERS)}
    channel: ClassVar[str] = "listed"

    async def post(self, addon_id: str) -> None:
        addon = await self.load(addon_id)
        await unsubscribe(self.site.changes, addon["_id"], self.channel, self.user_id)
        self.send_nothing(202)


_UNLISTED = Access(permission=(REVIEW_UNLISTED, VIEW_UNLISTED))


class SubscribeUnlistedHandler(SubscribeHandler):
    access: ClassVar = {"POST": _UNLISTED}
    channel = "unlisted"


class UnsubscribeUnlistedHandler(UnsubscribeHandler):
    access: ClassVar = {"POST": _UNLISTED}
    channel = "unlisted"
