"""Files of add-ons and their sources, to whoever the console knows (contract/downloads.md 3, 6)."""

from typing import ClassVar

from handlers.console.navigation import ADDONS, section_access
from handlers.console.pages import ConsoleHandler
from handlers.downloads.downloads import AddonFile, SourceFile

_ACCESS = section_access(ADDONS, "GET")


class FileHandler(ConsoleHandler, AddonFile):
    title = "File"
    access: ClassVar = _ACCESS
    mechanisms = ()

    async def get(self, file_id: str) -> None:
        await self.send_file(file_id, "attachment")


class SourceHandler(ConsoleHandler, SourceFile):
    title = "Source"
    access: ClassVar = _ACCESS
    mechanisms = ()

    async def get(self, version_id: str) -> None:
        await self.send_source(version_id)
