"""Rollback: an earlier version is submitted again as the newest (contract/packages.md 6)."""

from typing import ClassVar

from handlers.addons.resource import SUBMITTING, AddonResource
from server.services import versions
from server.services.uploads import rollback


class RollbackHandler(AddonResource):
    """Answers 202: the version is made after its package is validated."""

    title = "Version Rollback"
    access: ClassVar = {"POST": SUBMITTING}

    async def post(self, identifier: str, name: str) -> None:
        addon = await self.load(identifier)
        version = versions.find_to_edit(addon, name)
        await rollback.roll_back(self.site, self.actor, addon, version, self.data())
        self.send_nothing(202)
