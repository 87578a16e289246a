"""Files and sources of add-ons, for users of the console (contract/downloads.md 3, 6)."""

from handlers.console.navigation import ADDONS
from handlers.console.pages import ConsoleHandler
from handlers.downloads.downloads import AddonFile, SourceFile


class FileHandler(ConsoleHandler, AddonFile):
    section = ADDONS

    async def get(self, file_id: str) -> None:
        await self.send_file(file_id, "attachment")


class SourceHandler(ConsoleHandler, SourceFile):
    section = ADDONS

    async def get(self, version_id: str) -> None:
        await self.send_source(version_id)
