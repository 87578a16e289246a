"""Where the console begins, and where there is no page of it."""

from handlers.console.navigation import ROOT, SECTIONS
from handlers.console.pages import ConsoleHandler
from handlers.http.base import ANYBODY
from server.errors import NotFound


class MissingHandler(ConsoleHandler):
    """404, as a page."""

    title = "Missing Page"
    access = {"GET": ANYBODY}

    def get(self) -> None:
        raise NotFound


class StartHandler(ConsoleHandler):
    """Leads to the first section that the caller may use."""

    title = "Console"
    access = {"GET": ANYBODY}

    def get(self) -> None:
        section = next((section for section in SECTIONS if self.caller.has(*section.permissions)), None)
        if section is None:
            self.show("nothing.html", 403)
        else:
            self.lead_to(ROOT + section.path)
