"""An item of a discovery answer as a line of a dump (contract/extras.md 5).

    discovery_record({"addon": {...}, "description_text": "Tabs in a tree.", "is_recommendation": false}, 2)
        -> {"kind": "discovery", "_id": 1000000007, "addon_id": 7, "position": 2, ...}

An answer does not show its edition, so its items are those of all editions without a list of their own.
Pure; any thread.
"""

import re
from html import unescape
from typing import Any, Final

_ITEM_KEYS: Final = ("description_text", "heading", "heading_text", "is_recommendation")
_TAG: Final = re.compile(r"<[^<>]*>")
# Items have no ids in an answer, so theirs are those of the add-ons, above the ids that operators use.
_FIRST_ID: Final = 1_000_000_000


def is_discovery_item(value: dict[str, Any]) -> bool:
    return isinstance(value.get("addon"), dict) and any(key in value for key in _ITEM_KEYS)


def discovery_record(item: dict[str, Any], position: int) -> dict[str, Any]:
    """The line of a dump, which its reader has to check."""
    addon = item["addon"]
    id = addon.get("id")
    description = item.get("description_text") or _without_tags(item.get("description"))
    return {
        "kind": "discovery",
        "_id": _FIRST_ID + id if isinstance(id, int) else id,
        "addon_id": id,
        "position": position,
        "heading": _text(item.get("heading_text"), addon, "name"),
        "description": _text(description, addon, "summary"),
        "is_recommendation": item.get("is_recommendation") or False,
    }


def _without_tags(html: Any) -> Any:
    return unescape(_TAG.sub("", html)).strip() if isinstance(html, str) else html


def _text(value: Any, addon: dict[str, Any], field: str) -> Any:
    """The item's text; None if it is the add-on's."""
    default = addon.get(field)
    if not value or value == default or (isinstance(default, dict) and value in default.values()):
        return None
    return {addon.get("default_locale") or "en-US": value} if isinstance(value, str) else value
