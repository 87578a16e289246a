"""An add-on's overview, and the actions on it (contract/console.md 8)."""

from conf.model.addons import AddonDoc
from conf.numbers import read_number
from conf.vocabulary import APPS, PROMOTED_GROUPS
from handlers.console.addons.page import AddonPage
from handlers.console.navigation import ADDONS, LOG, page_url
from server.errors import OperatorFault
from server.operating.addon_actions import available_actions, run_action
from server.operating.addon_overview import read_overview
from server.rules.faults import Invalid


class AddonHandler(AddonPage):
    async def get(self, addon_id: str) -> None:
        await self._render(await self.load(addon_id))

    async def post(self, addon_id: str) -> None:
        addon = await self.load(addon_id)
        form = {name: value for name, value in self.form().items() if value}
        values = {**form, "apps": self.checked_values("apps"), "confirm": form.get("confirm", "")}
        try:
            message = await run_action(self.site, self.caller, addon, form.get("action", ""), values)
        except (Invalid, OperatorFault) as fault:
            await self._render(addon, 400, fault=str(fault))
            return
        self.redirect_with_message(
            message, page_url(ADDONS, addon_id if form.get("action") != "delete" else "")
        )

    async def _render(self, addon: AddonDoc, status: int = 200, fault: str | None = None) -> None:
        page = read_number(self.read_request().params.get("page", "")) or 1
        self.render_addon(
            "addon.html",
            addon,
            status,
            fault=fault,
            overview=await read_overview(self.site, self.caller, addon, page),
            offered=available_actions(self.caller, addon),
            groups={group.name: group.label for group in PROMOTED_GROUPS.values()},
            apps={app.short: app.name for app in APPS.values()},
            log=page_url(LOG, addon=addon["_id"]) if self.caller.has(*LOG.permissions) else None,
        )
