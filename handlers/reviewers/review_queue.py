"""Versions that need human review, and their due dates (contract/reviewers.md 8): `reviewers/addon/{id}/…`.

`due_date/`, `set_needs_human_review/`, `clear_pending_rejections/`.
"""

from typing import ClassVar, Final

from handlers.reviewers.resource import ADMIN, ReviewerResource
from server.rules.fields import integer, read_fields
from server.rules.values.dates import date
from server.services.review.review_queue import need_review, set_due

_VERSION: Final = {"version": integer(1)}
_DUE: Final = {**_VERSION, "due_date": date}


class DueDateHandler(ReviewerResource):
    title = "Due Date"
    access: ClassVar = {"POST": ADMIN}

    async def post(self, addon_id: str) -> None:
        addon = await self.load(addon_id)
        data = read_fields(_DUE, self.body().fields, required=_DUE)
        await set_due(self.site.changes, addon, data["version"], data["due_date"])
        self.send_nothing(202)


class NeedsHumanReviewHandler(ReviewerResource):
    title = "Set Needs Human Review"
    access: ClassVar = {"POST": ADMIN}

    async def post(self, addon_id: str) -> None:
        addon = await self.load(addon_id)
        data = read_fields(_VERSION, self.body().fields, required=_VERSION)
        self.send_json({"due_date": await need_review(self.site.changes, addon, data["version"])}, 202)


class ClearPendingRejectionsHandler(ReviewerResource):
    """Does nothing, because rejections take effect at once and are never pending."""

    title = "Clear Pending Rejections"
    access: ClassVar = {"POST": ADMIN}

    async def post(self, addon_id: str) -> None:
        await self.load(addon_id)
        self.send_nothing(202)
