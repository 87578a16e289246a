"""What administrators of reviews do to an add-on (contract/reviewers.md 1, 2, 9): `reviewers/addon/{id}/…`.

`flags/`, `enable/`, `disable/`, `allow_resubmission/`, `deny_resubmission/`.
"""

from typing import ClassVar

from handlers.http.access import Access
from handlers.reviewers.resource import ReviewerResource
from server.auth.access.permissions import REVIEWS_ADMIN
from server.rules.review.reviewer_flags import read_flags, shown_flags
from server.services.review import moderation, resubmission
from server.services.review.reviewer_flags import edit_flags

_ADMIN = Access(permission=REVIEWS_ADMIN)


class FlagsHandler(ReviewerResource):
    title = "Reviewer Flags"
    access: ClassVar = {"PATCH": _ADMIN}

    async def patch(self, addon_id: str) -> None:
        addon = await self.load(addon_id)
        values = read_flags(self.body().fields, self.version)
        addon = await edit_flags(self.site.changes, addon["_id"], values, self.user_id)
        self.send_json(shown_flags(addon, self.version))


class EnableHandler(ReviewerResource):
    title = "Enable"
    access: ClassVar = {"POST": _ADMIN}

    async def post(self, addon_id: str) -> None:
        addon = await self.load(addon_id)
        await moderation.enable(self.site.changes, addon["_id"], by=self.user_id)
        self.send_nothing(202)


class DisableHandler(ReviewerResource):
    title = "Disable"
    access: ClassVar = {"POST": _ADMIN}

    async def post(self, addon_id: str) -> None:
        addon = await self.load(addon_id)
        await moderation.disable(self.site.changes, addon["_id"], by=self.user_id)
        self.send_nothing(202)


class AllowResubmissionHandler(ReviewerResource):
    title = "Allow Resubmission"
    access: ClassVar = {"POST": _ADMIN}

    async def post(self, addon_id: str) -> None:
        addon = await self.load(addon_id, deleted=True)
        was_denied = await resubmission.allow(self.site.changes, addon, self.user_id)
        self.send_nothing(202 if was_denied else 409)


class DenyResubmissionHandler(ReviewerResource):
    title = "Deny Resubmission"
    access: ClassVar = {"POST": _ADMIN}

    async def post(self, addon_id: str) -> None:
        addon = await self.load(addon_id, deleted=True)
        was_allowed = await resubmission.deny(self.site.changes, addon, self.user_id)
        self.send_nothing(202 if was_allowed else 409)
