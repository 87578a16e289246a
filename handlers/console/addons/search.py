"""Looking for an add-on, whatever its state (contract/console.md 8)."""

from typing import Any

from conf.model.addons import AddonDoc
from handlers.console.navigation import ADDONS, address
from handlers.console.pages import ConsoleHandler
from index import facts
from index.shapes.translated_fields import default_text
from server.operating.addon_search import find_addons

_LONGEST = 200  # characters of a name where it is one of several, or in a head


class AddonSearchHandler(ConsoleHandler):
    section = ADDONS

    async def get(self) -> None:
        text = self.read_request().params.get("q", "")
        addons = await find_addons(self.site, self.caller, text, self.locale_name) if text else []
        self.show("addon_search.html", q=text, rows=[row(addon) for addon in addons])


def row(addon: AddonDoc) -> dict[str, Any]:
    """An add-on in a list."""
    return {
        "id": addon["_id"],
        "address": address(ADDONS, addon["_id"]),
        "name": short_name(addon),
        "guid": addon["guid"],
        "type": addon["type"],
        "state": state_of(addon),
        "is_public": facts.is_public(addon),
        "users": addon["average_daily_users"],
    }


def short_name(addon: AddonDoc) -> str:
    """The beginning of a long one; where there is none, what else it is called."""
    name = default_text(addon["name"], addon["default_locale"]) or addon["slug"] or f"Add-on {addon['_id']}"
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"


def state_of(addon: AddonDoc) -> str:
    by_developer = addon["disabled_by_user"] and addon["status"] != "deleted"
    return f"{addon['status']}, disabled by its developer" if by_developer else addon["status"]
