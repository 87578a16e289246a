"""How the console's lists and pages name an add-on."""

from typing import Any, Final

from conf.model.addons import AddonDoc
from handlers.console.navigation import ADDONS, page_url
from index import facts
from index.shapes.translated_fields import default_text

_MAX_NAME: Final = 200  # characters


def addon_row(addon: AddonDoc) -> dict[str, Any]:
    """An add-on as a row of a list."""
    return {
        "id": addon["_id"],
        "address": page_url(ADDONS, addon["_id"]),
        "name": short_name(addon),
        "guid": addon["guid"],
        "type": addon["type"],
        "state": addon_state(addon),
        "is_public": facts.is_public(addon),
        "users": addon["average_daily_users"],
    }


def short_name(addon: AddonDoc) -> str:
    """The beginning of its name, or else its slug or id."""
    name = default_text(addon["name"], addon["default_locale"]) or addon["slug"] or f"Add-on {addon['_id']}"
    return name if len(name) <= _MAX_NAME else f"{name[:_MAX_NAME]}…"


def addon_state(addon: AddonDoc) -> str:
    by_developer = addon["disabled_by_user"] and addon["status"] != "deleted"
    return f"{addon['status']}, disabled by its developer" if by_developer else addon["status"]
