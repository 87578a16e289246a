"""A review note as one API version shows it (contract/activity.md 1.3).

Only `user` differs between versions (gate `note_user_nulls`). Pure; any thread.
"""

from typing import Any, Final

from conf.actions import ACTIONS, label
from conf.gates import enabled
from conf.messages import text
from conf.model.activity import NoteDoc
from index.shapes.view import View

_UNITS: Final = ("bytes", "KB", "MB", "GB")
_NO_BREAK: Final = "\xa0"  # between a number and its unit


def note_shape(note: NoteDoc, view: View, *, name: str, highlight: bool) -> dict[str, Any]:
    """The JSON of a note; `name` is the name of its writer that this caller may see."""
    action = ACTIONS[note["action"]]
    attachment = None if action.is_sanitized else note.get("attachment")
    placeholder = text("admin_review_comment", view.locale)
    return {
        "id": note["_id"],
        "action": note["action"],
        "action_label": label(note["action"], view.locale),
        "comments": placeholder if action.is_sanitized else note["comments"],
        "user": _user(name, view.version),
        "date": note["date"],
        "highlight": highlight,
        "attachment_url": attachment_path(note["_id"]) if attachment else None,
        "attachment_size": human_size(attachment["size"]) if attachment else None,
        "policies": [placeholder] if action.is_sanitized else note.get("policies", []),
    }


def _user(name: str, version: str) -> dict[str, Any]:
    if enabled(version, "note_user_nulls"):
        return {"id": None, "name": name, "url": None, "username": None}
    return {"name": name}


def attachment_path(note_id: int) -> str:
    """The address of a note's attachment, a path of the site outside the API (contract/activity.md 1.8)."""
    return f"/activity/attachment/{note_id}"


def human_size(size: int) -> str:
    """`999 bytes`, `1.5 KB`."""
    if size < 1024:
        return f"{size}{_NO_BREAK}{'byte' if size == 1 else 'bytes'}"
    value = float(size)
    for unit in _UNITS:
        if value < 1024 or unit == _UNITS[-1]:
            break
        value /= 1024
    return f"{value:.1f}{_NO_BREAK}{unit}"
