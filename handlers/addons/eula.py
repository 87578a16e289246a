"""An add-on's EULA and privacy policy (contract/addons.md 9, contract/writes.md 8)."""

from typing import ClassVar

import orjson

from handlers.addons.page import AddonPage, public_addon
from handlers.addons.resource import SUBMITTING
from handlers.http.access import Access
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from server.auth.addon_access import VISIBLE
from server.services import addons
from server.site import Site


def eula_policy(site: Site, request: ReadRequest, identifier: str) -> Answer | None:
    """None for an add-on that is not public. Raises Refusal 451."""
    addon_id = public_addon(site, request, identifier)
    if addon_id is None:
        return None
    addon = site.catalogue.documents.addon(addon_id)
    body = orjson.dumps(site.shapes[request.view.version].eula_policy(addon, request.view))
    return Answer(body, tag=site.catalogue.stamp(addon_id))


class EulaPolicyHandler(AddonPage):
    title = "Addon Eula Policy"
    page = staticmethod(eula_policy)
    access: ClassVar = {"GET": Access(VISIBLE), "PATCH": SUBMITTING}

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        addon = await self.load(args[0])
        return Answer(orjson.dumps(self.site.shapes[self.version].eula_policy(addon, request.view)))

    async def patch(self, identifier: str) -> None:
        addon = await self.load(identifier)
        addon = await addons.edit_policies(self.site, self.actor, addon, self.sent())
        self.send_json(self.site.shapes[self.version].eula_policy(addon, self.read_request().view))
