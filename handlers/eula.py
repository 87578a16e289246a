"""An add-on's EULA and privacy policy (reference/addons.md 9)."""

import orjson

from handlers.access import load_addon
from handlers.addons import AddonPageHandler, public_addon
from handlers.answer import Answer
from handlers.ask import Ask
from server.site import Site


def eula_policy(site: Site, ask: Ask, identifier: str) -> Answer | None:
    addon_id = public_addon(site, ask, identifier)
    if addon_id is None:
        return None
    addon = site.catalogue.documents.addon(addon_id)
    body = orjson.dumps(site.shapes[ask.view.version].eula_policy(addon, ask.view))
    return Answer(body, tag=site.catalogue.stamp(addon_id))


class EulaPolicyHandler(AddonPageHandler):
    title = "Addon Eula Policy"
    page = staticmethod(eula_policy)

    async def look_closer(self, ask: Ask, *args: str) -> Answer:
        addon = await load_addon(self, ask, args[0])
        return Answer(orjson.dumps(self.site.shapes[self.version].eula_policy(addon, ask.view)))
