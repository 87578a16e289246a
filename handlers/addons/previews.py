"""Previews of an add-on: added, described, removed (contract/writes.md 6).

They are read on the add-on. Images are not uploaded here: server/rules/previews.py.
"""

from typing import Any, ClassVar

from conf.model.addons import AddonDoc
from conf.numbers import read_number
from handlers.addons.editing import AddonEditing
from handlers.http.errors import not_found
from handlers.http.request import ReadRequest
from server import clock
from server.activity_log import listing_records
from server.auth.callers import Mechanism
from server.changes import NewRecord
from server.rules import packages, previews
from server.rules.fields import read


class PreviewWrites(AddonEditing):
    mechanisms: ClassVar[tuple[Mechanism, ...]] = ("jwt", "session")

    def send_preview(self, ask: ReadRequest, addon: AddonDoc, preview_id: int, status: int = 200) -> None:
        shown = self.site.shapes[self.version].detail(addon, {}, ask.view)["previews"]
        self.send_json(next(preview for preview in shown if preview["id"] == preview_id), status)

    def recorded(self, old: AddonDoc, new: AddonDoc) -> list[NewRecord]:
        return listing_records(old, new, self.user_id)


class PreviewsHandler(PreviewWrites):
    title = "Addon Preview List"

    async def post(self, identifier: str) -> None:
        ask = self.ask()
        addon = await self.writable(ask, identifier)
        previews.check_type(addon)
        values = previews.read_new(self.sent(), self.manner(), describes=self.can(packages.SUBMIT))
        preview_id, now = await self.site.store.next_id("preview"), clock.now()
        addon = await self.edit(
            addon, lambda newest: previews.added(newest, preview_id, values, now), self.recorded
        )
        self.send_preview(ask, addon, preview_id, 201)


class PreviewHandler(PreviewWrites):
    title = "Addon Preview"

    async def patch(self, identifier: str, preview: str) -> None:
        ask = self.ask()
        addon, preview_id = await self._find(ask, identifier, preview)
        values = read(previews.fields(self.manner()), self.sent())
        now = clock.now()
        addon = await self.edit(
            addon, lambda newest: previews.edited(newest, preview_id, values, now), self.recorded
        )
        self.send_preview(ask, addon, preview_id)

    async def delete(self, identifier: str, preview: str) -> None:
        addon, preview_id = await self._find(self.ask(), identifier, preview)
        now = clock.now()
        await self.edit(addon, lambda newest: previews.removed(newest, preview_id, now), self.recorded)
        self.send_nothing()

    async def _find(self, ask: ReadRequest, identifier: str, preview: str) -> tuple[AddonDoc, int]:
        addon = await self.writable(ask, identifier)
        number = read_number(preview)
        known: Any = None if number is None else previews.preview_of(addon, number)
        if known is None:
            raise not_found(self.locale_name)
        previews.check_type(addon)
        return addon, known["id"]
