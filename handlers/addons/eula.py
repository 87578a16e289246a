"""An add-on's EULA and privacy policy (contract/addons.md 9, contract/writes.md 8)."""

import orjson

from conf.model.addons import AddonDoc
from handlers.addons.access import load_addon
from handlers.addons.addons import AddonPageHandler, public_addon
from handlers.addons.editing import AddonEditing
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from server import clock
from server.activity_log import listing_records
from server.changes import NewRecord
from server.rules import listing
from server.site import Site


def eula_policy(site: Site, ask: ReadRequest, identifier: str) -> Answer | None:
    addon_id = public_addon(site, ask, identifier)
    if addon_id is None:
        return None
    addon = site.catalogue.documents.addon(addon_id)
    body = orjson.dumps(site.shapes[ask.view.version].eula_policy(addon, ask.view))
    return Answer(body, tag=site.catalogue.stamp(addon_id))


class EulaPolicyHandler(AddonEditing, AddonPageHandler):
    title = "Addon Eula Policy"
    page = staticmethod(eula_policy)

    async def look_closer(self, ask: ReadRequest, *args: str) -> Answer:
        addon = await load_addon(self, ask, args[0])
        return Answer(orjson.dumps(self.site.shapes[self.version].eula_policy(addon, ask.view)))

    async def patch(self, identifier: str) -> None:
        ask = self.ask()
        addon = await self.writable(ask, identifier)
        values = await self.clean(listing.read_policies(self.sent(), self.manner(), addon["type"]))
        now = clock.now()

        def recorded(old: AddonDoc, new: AddonDoc) -> list[NewRecord]:
            return listing_records(old, new, self.user_id)

        addon = await self.edit(addon, lambda newest: listing.edited(newest, values, now), recorded)
        self.send_json(self.site.shapes[self.version].eula_policy(addon, ask.view))
