"""Actions of review administrators on an add-on (contract/reviewers.md 1, 2, 9): `reviewers/addon/{id}/…`.

`flags/`, `enable/`, `disable/`, `allow_resubmission/`, `deny_resubmission/`.
"""

from typing import ClassVar

from handlers.reviewers.resource import ADMIN, ActionHandler, ReviewerResource
from server.rules.review.reviewer_flags import read_flags, visible_flags
from server.services.review import moderation, resubmission
from server.services.review.reviewer_flags import edit_flags


class FlagsHandler(ReviewerResource):
    title = "Reviewer Flags"
    access: ClassVar = {"PATCH": ADMIN}

    async def patch(self, addon_id: str) -> None:
        addon = await self.load(addon_id)
        values = read_flags(self.body().fields, self.version)
        addon = await edit_flags(self.site.changes, addon["_id"], values, self.user_id)
        self.send_json(visible_flags(addon, self.version))


class EnableHandler(ActionHandler):
    title = "Enable"
    act = staticmethod(lambda changes, addon, by: moderation.enable(changes, addon["_id"], by=by))


class DisableHandler(ActionHandler):
    title = "Disable"
    act = staticmethod(lambda changes, addon, by: moderation.disable(changes, addon["_id"], by=by))


class AllowResubmissionHandler(ActionHandler):
    title = "Allow Resubmission"
    includes_deleted = True
    act = staticmethod(resubmission.allow)


class DenyResubmissionHandler(ActionHandler):
    title = "Deny Resubmission"
    includes_deleted = True
    act = staticmethod(resubmission.deny)
