"""The search for an add-on in any state (contract/console.md 8)."""

from handlers.console.addons.rows import addon_row
from handlers.console.navigation import ADDONS
from handlers.console.pages import ConsoleHandler
from server.operating.addon_search import find_addons


class AddonSearchHandler(ConsoleHandler):
    section = ADDONS

    async def get(self) -> None:
        text = self.read_request().params.get("q", "")
        addons = await find_addons(self.site, self.caller, text, self.locale_name) if text else []
        self.render_page("addon_search.html", q=text, rows=[addon_row(addon) for addon in addons])
