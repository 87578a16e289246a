"""A version of an add-on: its files, their validation, its review (contract/console.md 8)."""

from typing import Any, Final

from conf.model.addons import AddonDoc, VersionDoc
from handlers.console.addons.history import NotesPage
from handlers.console.navigation import ADDONS, ROOT, page_url
from server.auth.access.file_access import can_download_source
from server.errors import Forbidden, NotFound
from server.operating.version_reviews import available_decisions, decide
from server.rules.faults import Invalid
from server.services.uploads.validations import find_validation
from server.services.versions import find_by_id, is_in_console

_MESSAGES: Final = 100  # of a validation, on the page


class VersionHandler(NotesPage):
    async def get(self, addon_id: str, version_id: str) -> None:
        addon = await self.load(addon_id)
        await self._render(addon, self._find(addon, version_id))

    async def post(self, addon_id: str, version_id: str) -> None:
        addon = await self.load(addon_id)
        version = self._find(addon, version_id)
        form = self.form()
        values = {name: text for name, text in form.items() if name in ("decision", "comments")}
        try:
            note = await decide(self.site, self.caller, addon, version, values)
        except Invalid as fault:
            await self._render(addon, version, 400, str(fault), form.get("comments", ""))
            return
        self.redirect_with_message(
            f"It is noted: {note['action']}.", page_url(ADDONS, addon_id, "versions", version_id)
        )

    def _find(self, addon: AddonDoc, version_id: str) -> VersionDoc:
        """The version of the path. Raises NotFound, even if only the caller may not see it."""
        version = find_by_id(self.caller, addon, version_id)
        if not is_in_console(self.caller, addon, version):
            raise NotFound
        return version

    async def _render(
        self,
        addon: AddonDoc,
        version: VersionDoc,
        status: int = 200,
        fault: str | None = None,
        comments: str = "",
    ) -> None:
        notes, older = await self.notes({"version_id": version["id"]}, None)
        has_source = "source_stored" in version and can_download_source(self.caller, addon, version)
        self.render_addon(
            "addon_version.html",
            addon,
            status,
            version=version,
            files=[await self._file(addon, file) for file in version["files"]],
            source=f"{ROOT}sources/{version['id']}" if has_source else None,
            decisions=available_decisions(self.caller, addon, version),
            fault=fault,
            comments=comments,
            notes=notes,
            has_older=older is not None,
            most_messages=_MESSAGES,
        )

    async def _file(self, addon: AddonDoc, file: Any) -> dict[str, Any]:
        """A file of the template, with its validation if the caller may see that."""
        try:
            validation = await find_validation(self.site, self.caller, addon, str(file["id"]))
        except (NotFound, Forbidden):
            validation = None
        stored = f"{ROOT}files/{file['id']}" if "stored" in file else None
        return {**file, "download": stored, "validation": validation}
