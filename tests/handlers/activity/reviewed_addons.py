"""Add-ons with a review history, and people around them, to test activity with (contract/activity.md)."""

import base64
from collections.abc import Iterable
from typing import Any

from conf.actions import ACTIONS
from tests.factories import make_addon, make_file, make_version
from tests.handlers.addons.visibility import AUTHORS, USERS

MAIN, UNLISTED_ONLY, DELETED, NOMINATED, THEME, BLOCKED, DISABLED, WRITTEN = range(1, 9)
REJECTED, NOT_REJECTED, REQUESTED, BARE = 20, 21, 22, 23
OWN, OWN_REJECTED = 9, 24  # their authors are reviewers
LISTED, UNLISTED, GONE, WITHDRAWN, HISTORY, PENDING = 10, 11, 12, 13, 14, 15
_AUTHORS = [
    {"user_id": USERS[letter]["_id"], "role": "owner", "listed": letter == "a", "position": index}
    for index, letter in enumerate(AUTHORS)
]
_REVIEWING_AUTHORS = [
    {"user_id": USERS[letter]["_id"], "role": role, "listed": letter != "u", "position": 0}
    for letter, role in (("l", "owner"), ("c", "developer"), ("u", "owner"), ("*", "owner"))
]
REPLY_ADDRESS = "reviewreply+0123456789abcdef0123456789abcdef@example.org"
PLACEHOLDER = "This add-on will also be looked at by an administrator. Its review may take longer than usual."


def _addon(id: int, versions: list[Any], **fields: Any) -> dict[str, Any]:
    named = {"guid": f"activity-{id}@example.org", "slug": f"activity-{id}", "authors": _AUTHORS}
    addon = make_addon(_id=id, versions=versions, **named | fields)
    return {"kind": "addon", **addon}


def _version(id: int, **fields: Any) -> Any:
    waiting = fields.pop("waiting", False)
    file = make_file(id=id * 10, status="unreviewed" if waiting else "public")
    return make_version(id=id, version=f"{id}.0", files=[file], **fields)


def note(id: int, version: int | None, action: str, **fields: Any) -> dict[str, Any]:
    document = {
        "kind": "note",
        "_id": id,
        "addon_id": MAIN,
        "version_id": version,
        "user_id": USERS["l"]["_id"],
        "date": f"2024-05-01T00:{id // 60 % 60:02}:{id % 60:02}Z",
        "action": action,
        "comments": f"comments of {id}",
        "policies": [],
        "attachment": None,
    }
    return document | fields


def review(state: int, comments: str | None = None, policies: Iterable[str] = ()) -> dict[str, Any]:
    return {"state": state, "policies": list(policies), "comments": comments, "reviewed": None}


# Every kind, each once, of one version; the id by the action.
KIND_IDS = {action: 1000 + index for index, action in enumerate(ACTIONS)}


def world() -> list[dict[str, Any]]:
    """Lines of a dump."""
    main = [_version(LISTED), _version(UNLISTED, channel="unlisted"), _version(GONE, deleted=True)]
    main += [_version(WITHDRAWN, is_disabled=True), _version(HISTORY)]
    addons = [
        _addon(MAIN, main),
        _addon(UNLISTED_ONLY, [_version(200, channel="unlisted")], status="incomplete"),
        _addon(DELETED, [_version(300)], status="deleted", slug=None),
        _addon(NOMINATED, [_version(400, waiting=True)], status="nominated"),
        _addon(THEME, [_version(500)], type="statictheme"),
        _addon(BLOCKED, [_version(600)], region_exclusions=["DE"]),
        _addon(DISABLED, [_version(700)], status="disabled"),
        _addon(WRITTEN, [_version(800), _version(801, channel="unlisted", waiting=True)]),
        _addon(
            REJECTED,
            [_version(2000)],
            status="rejected",
            content_review=review(3, "Too loud.", ["No noise."]),
        ),
        _addon(NOT_REJECTED, [_version(2100)]),
        _addon(REQUESTED, [_version(2200)], status="rejected", content_review=review(4, "Too loud.")),
        _addon(
            OWN,
            [_version(900, waiting=True), _version(901, channel="unlisted", waiting=True)],
            status="nominated",
            authors=_REVIEWING_AUTHORS,
        ),
        _addon(
            OWN_REJECTED,
            [_version(2400)],
            status="rejected",
            authors=_REVIEWING_AUTHORS,
            content_review=review(4, "Too loud."),
        ),
        _addon(BARE, [_version(2300)], status="rejected", content_review=review(0)),
    ]
    notes = [note(id, LISTED, action) for action, id in KIND_IDS.items()]
    notes += [note(id, HISTORY, "reviewer-reply") for id in range(2000, 2060)]
    notes += [
        note(3000, WITHDRAWN, "approved", policies=["One.", "Two."]),
        note(3001, WITHDRAWN, "reviewer-reply", attachment={"name": "log ä.txt", "size": 6}),
        note(3002, WITHDRAWN, "super-review-requested", attachment={"name": "secret.txt", "size": 6}),
        note(3003, WITHDRAWN, "comment", attachment={"name": "private.txt", "size": 6}),
        note(3004, WITHDRAWN, "unheard-of"),
        note(
            3009,
            UNLISTED,
            "developer-reply",
            comments=f"{REPLY_ADDRESS}> wrote:",
            date="2020-01-01T00:00:00Z",
        ),
        note(3005, WITHDRAWN, "developer-reply", user_id=USERS["a"]["_id"], date="2024-01-01T00:00:00Z"),
        note(3006, 300, "approved", addon_id=DELETED, attachment={"name": "deleted.txt", "size": 6}),
        note(3007, GONE, "approved", attachment={"name": "gone.txt", "size": 6}),
        note(3008, None, "listing-rejected"),
    ]
    content = base64.b64encode(b"a file").decode()
    files = [
        {"kind": "attachment", "_id": id, "name": name, "type": "text/html", "content": content}
        for id, name in (
            (3001, "log ä.txt"),
            (3002, "secret.txt"),
            (3003, "private.txt"),
            (3006, "deleted.txt"),
            (3007, "gone.txt"),
        )
    ]
    users = [{"kind": "user", **user, "display_name": f"Real {letter}"} for letter, user in USERS.items()]
    return [*users, *addons, *notes, *files]


def notes_path(version: str, addon: int, version_id: object, note_id: object = "") -> str:
    tail = f"{note_id}/" if note_id else ""
    return f"/api/{version}/addons/addon/{addon}/versions/{version_id}/reviewnotes/{tail}"
