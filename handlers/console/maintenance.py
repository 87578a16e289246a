"""Read-only mode and the site's notice (contract/console.md 5)."""

import logging

from conf.limits import MAX_NOTICE
from handlers.console.navigation import MAINTENANCE
from handlers.console.pages import ConsoleHandler
from server.rules.faults import Invalid
from server.site_state import read_changes

log = logging.getLogger(__name__)


class MaintenanceHandler(ConsoleHandler):
    section = MAINTENANCE
    blocked_in_maintenance = False

    def get(self) -> None:
        self._render(self.site.status.read_only, self.site.status.notice)

    async def post(self) -> None:
        form = self.form()
        is_on, notice = form.get("mode") == "on", form.get("notice", "").strip()
        try:
            changes = read_changes({"read_only": is_on, "notice": notice})
        except Invalid as fault:
            self._render(is_on, notice, [str(text) for text in fault.body(self.locale_name)["notice"]])
            return
        assert self.site.state is not None  # open, or the request would not have come this far
        state = await self.site.state.set(**changes)
        mode = "on" if state.read_only else "off"
        log.info("user %d switched read-only mode %s", self.user_id, mode)
        self.redirect_with_message(f"Read-only mode is {mode}. Notice: {state.notice or 'none'}")

    def _render(self, read_only: bool, notice: str | None, faults: list[str] | None = None) -> None:
        self.render_page(
            "maintenance.html",
            400 if faults else 200,
            site=self.site.status,
            read_only=read_only,
            notice=notice or "",
            faults=faults or [],
            most=MAX_NOTICE,
        )
