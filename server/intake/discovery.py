"""An item of a discovery answer as a line of a dump (contract/extras.md 5).

    item_line({"addon": {...}, "description_text": "Tabs in a tree.", "is_recommendation": false}, 2)
        -> {"kind": "discovery", "_id": 1000000007, "addon_id": 7, "position": 2, ...}

Which edition an answer is of it does not tell: its items are those of all
editions without a list of their own. Pure; any thread.
"""

import re
from html import unescape
from typing import Any, Final

_MARKS: Final = ("description_text", "heading", "heading_text", "is_recommendation")
_TAG: Final = re.compile(r"<[^<>]*>")
# An answer gives its items no ids: theirs follow from the add-ons' and stand above those that operators give.
_FIRST_ID: Final = 1_000_000_000


def is_item(value: dict[str, Any]) -> bool:
    return isinstance(value.get("addon"), dict) and any(mark in value for mark in _MARKS)


def item_line(item: dict[str, Any], position: int) -> dict[str, Any]:
    """The line as it follows from what is told; whether that is valid is for its reader."""
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


def _text(value: Any, addon: dict[str, Any], usual: str) -> Any:
    """A text of the item's own; None where it is the add-on's."""
    own = addon.get(usual)
    if not value or value == own or (isinstance(own, dict) and value in own.values()):
        return None
    return {addon.get("default_locale") or "en-US": value} if isinstance(value, str) else value
