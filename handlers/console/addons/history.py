"""The review notes of an add-on, newest first (contract/console.md 8)."""

from collections.abc import Mapping
from typing import Any, Final

from handlers.console.addons.page import AddonPage
from handlers.console.navigation import ADDONS, page_url, read_position
from index.shapes.view import View
from server.services.review import review_notes
from server.shapes.notes import note_shape

_SIZE: Final = 10
_MAX_COMMENTS: Final = 20_000  # characters of a note on a page; the API has all of them


class NotesPage(AddonPage):
    """A page with review notes, as the caller may see them."""

    async def notes(
        self, subject: Mapping[str, int], before: int | None, size: int = _SIZE
    ) -> tuple[list[dict[str, Any]], int | None]:
        """Notes below the number `before`, with the ids of their versions; and the next `before`, if any."""
        store, view = self.site.store, View("v5", locale=self.locale_name)
        notes, older = await review_notes.read_newest_notes(store, subject, before, size)
        writers = await review_notes.read_writers(store, notes)
        rows = []
        for note in notes:
            name = review_notes.writer_name(note, writers, self.caller, view.locale)
            row = note_shape(note, view, name=name, highlight=False)
            if len(row["comments"]) > _MAX_COMMENTS:
                row["comments"] = f"{row['comments'][:_MAX_COMMENTS]}…"
            rows.append(row | {"version": note["version_id"]})
        return rows, older


class HistoryHandler(NotesPage):
    async def get(self, addon_id: str) -> None:
        addon = await self.load(addon_id)
        before = read_position(self.read_request().params.get("before"))
        notes, older = await self.notes({"addon_id": addon["_id"]}, before)
        page = (ADDONS, addon["_id"], "history")
        self.render_addon(
            "addon_history.html",
            addon,
            notes=notes,
            newest=page_url(*page) if before else None,
            older=page_url(*page, before=older) if older else None,
        )
