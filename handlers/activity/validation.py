"""Validation results of a version's file, for its reviewers (contract/reviewers.md 3)."""

from typing import ClassVar

from handlers.activity.resource import ActivityResource
from handlers.http.base import KEYS_AND_SESSIONS, Access
from server.auth.access.addon_access import INSIDERS
from server.services.uploads import validations


class ValidationHandler(ActivityResource):
    title = "File Validation"
    mechanisms = KEYS_AND_SESSIONS
    has_long_texts = False
    access: ClassVar = {"GET": Access(INSIDERS)}

    async def get(self, addon_id: str, file_id: str) -> None:
        addon = await self.load(addon_id)
        self.send_json(
            {"validation": await validations.find_validation(self.site, self.caller, addon, file_id)}
        )
