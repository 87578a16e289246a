"""What the pages of an add-on share: how it is found for the caller, and their head."""

from typing import Any

from conf.model.addons import AddonDoc
from handlers.console.addons.search import short_name, state_of
from handlers.console.navigation import ADDONS, address
from handlers.console.pages import ConsoleHandler
from server.auth.access.addon_access import OPERATED, check


class AddonPage(ConsoleHandler):
    """What the pages of an add-on share."""

    section = ADDONS

    async def load(self, addon_id: str) -> AddonDoc:
        """Raises NotFound, Forbidden."""
        addon = await self.site.store.find_addon("id", self.path_id(addon_id))
        return check(OPERATED, self.caller, addon, safe=True)

    def show_addon(self, template: str, addon: AddonDoc, status: int = 200, **values: Any) -> None:
        """A page with what all of them have in their head."""
        link = address(ADDONS, addon["_id"])
        head = {"title": short_name(addon), "state": state_of(addon), "addon": addon, "address": link}
        self.show(template, status, **head, **values)
