"""Previews of an add-on: added, edited, removed; GET of the add-on lists them (contract/writes.md 6)."""

from typing import ClassVar

from conf.model.addons import AddonDoc
from handlers.addons.resource import SUBMITTING, AddonResource
from server.rules.faults import field_fault
from server.rules.previews import check_type
from server.services import previews


class PreviewResource(AddonResource):
    def send_preview(self, addon: AddonDoc, preview_id: int, status: int = 200) -> None:
        """Answer with the preview as the detail of the add-on shows it."""
        shapes = self.site.shapes[self.version].detail(addon, {}, self.read_request().view)["previews"]
        self.send_json(next(shape for shape in shapes if shape["id"] == preview_id), status)


class PreviewsHandler(PreviewResource):
    title = "Addon Preview List"
    access: ClassVar = {"POST": SUBMITTING}

    async def post(self, identifier: str) -> None:
        addon = await self.load(identifier)
        check_type(addon)
        if len(self.request.files.get("image", ())) > 1:  # because all but one would be lost
            raise field_fault("image", "one_image")
        addon, preview_id = await previews.add(self.site, self.actor, addon, self.data())
        self.send_preview(addon, preview_id, 201)


class PreviewHandler(PreviewResource):
    title = "Addon Preview"
    access: ClassVar = {"PATCH": SUBMITTING, "DELETE": SUBMITTING}

    async def patch(self, identifier: str, name: str) -> None:
        addon = await self.load(identifier)
        preview_id = previews.find(addon, name)
        addon = await previews.edit(self.site, self.actor, addon, preview_id, self.data())
        self.send_preview(addon, preview_id)

    async def delete(self, identifier: str, name: str) -> None:
        addon = await self.load(identifier)
        await previews.remove(self.site, self.actor, addon, previews.find(addon, name))
        self.send_nothing()
