"""The base class of an add-on's pages: finds the add-on for the caller, and renders the page's head."""

from typing import Any

from conf.model.addons import AddonDoc
from handlers.console.addons.rows import addon_state, short_name
from handlers.console.navigation import ADDONS, page_url
from handlers.console.pages import ConsoleHandler
from server.auth.access.addon_access import OPERATED, check


class AddonPage(ConsoleHandler):
    """A page about an add-on."""

    section = ADDONS

    async def load(self, addon_id: str) -> AddonDoc:
        """The add-on of the path. Raises NotFound, Forbidden."""
        addon = await self.site.store.find_addon("id", self.path_id(addon_id))
        return check(OPERATED, self.caller, addon, safe=True)

    def render_addon(self, template: str, addon: AddonDoc, status: int = 200, **values: Any) -> None:
        """Answer with a page and the head that all pages of an add-on have."""
        link = page_url(ADDONS, addon["_id"])
        head = {"title": short_name(addon), "state": addon_state(addon), "addon": addon, "address": link}
        self.render_page(template, status, **head, **values)
