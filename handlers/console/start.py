"""The console's start page, and the answer to unknown paths."""

from handlers.console.navigation import ROOT, SECTIONS
from handlers.console.pages import ConsoleHandler
from handlers.http.base import ANYBODY
from server.errors import NotFound


class MissingHandler(ConsoleHandler):
    """Answers 404 with a page."""

    title = "Missing Page"
    access = {"GET": ANYBODY}

    def get(self) -> None:
        raise NotFound


class StartHandler(ConsoleHandler):
    """Redirects to the first section that the caller may use."""

    title = "Console"
    access = {"GET": ANYBODY}

    def get(self) -> None:
        section = next((section for section in SECTIONS if self.caller.has(*section.permissions)), None)
        if section is None:
            self.render_page("no_sections.html", 403)
        else:
            self.redirect_to(ROOT + section.path)
