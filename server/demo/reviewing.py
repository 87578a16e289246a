"""What reviewers of the demonstration keep: texts they use often, drafts, subscriptions."""

from collections.abc import Sequence
from typing import Any, Final

Document = dict[str, Any]

_DATE: Final = "2025-10-01T08:00:00Z"
_CANNED: Final = (
    ("Remote code", "Your add-on loads code from elsewhere, which our policies do not allow.", "Other"),
    ("Consent", "Your add-on sends personal data and does not ask for consent first.", "Privacy reasons"),
)


def reviewing(addons: Sequence[Document], first: int) -> dict[str, list[Document]]:
    """By kind; the numbered ones begin with `first`. Its owner has drafts about the first add-on."""
    return {
        "resubmission": [{"_id": "legacy-1@old.example", "denied": True, "modified": _DATE}],
        "subscription": [
            _subscription(addon, channel) for addon in addons[:1] for channel in ("listed", "unlisted")
        ],
        "canned_response": [
            {"_id": id, "title": title, "response": text, "category": category}
            for id, (title, text, category) in enumerate(_CANNED, first)
        ],
        "draft_comment": [draft for addon in addons[:1] for draft in _drafts(addon, first)],
        "scanner_result": [_result(id, addon) for id, addon in enumerate(addons[:2], first)],
    }


def _owner(addon: Document) -> int:
    return int(addon["authors"][0]["user_id"])


def _subscription(addon: Document, channel: str) -> Document:
    user_id = _owner(addon)
    return {
        "_id": f"{addon['_id']}:{channel}:{user_id}",
        "addon_id": addon["_id"],
        "channel": channel,
        "user_id": user_id,
        "created": _DATE,
    }


def _drafts(addon: Document, first: int) -> list[Document]:
    said: tuple[Document, ...] = (
        {
            "comment": "Why does it need this?",
            "filename": "manifest.json",
            "lineno": 12,
            "canned_response": None,
        },
        {"comment": "", "filename": None, "lineno": None, "canned_response": first},
    )
    about = {"addon_id": addon["_id"], "version_id": addon["versions"][0]["id"], "user_id": _owner(addon)}
    dates = {"created": _DATE, "modified": _DATE}
    return [{"_id": id, **about, **one, **dates} for id, one in enumerate(said, first)]


def _result(id: int, addon: Document) -> Document:
    return {
        "_id": id,
        "version_id": addon["versions"][0]["id"],
        "scanner": "customs",
        "user_id": None,
        "label": "good" if id % 2 else None,
        "results": {"version": "1.2", "matchedRules": ["remote-script"]},
        "model_version": None,
        "created": _DATE,
    }
