"""What is recorded about a change: the one place that says of which kind, and where it goes.

    record("slug-changed", addon, user_id, details={"old": "a", "new": "b"})
    record("notes-for-reviewers-changed", addon, user_id, version=version, comments="...")

Kinds of conf/actions.py are review notes, which the API lists (collection
`notes`); all others are for operators (collection `activity`). Records have no
number yet: `Changes` gives it. Pure; any thread.
"""

from collections.abc import Mapping
from typing import Any

from conf.actions import ACTIONS
from conf.model import AddonDoc, VersionDoc
from server import clock
from server.changes import Record


def record(
    kind: str,
    addon: AddonDoc,
    user_id: int | None,
    *,
    version: VersionDoc | None = None,
    comments: str = "",
    details: Mapping[str, Any] | None = None,
    address: str | None = None,
) -> Record:
    """`address` is the caller's, for the kinds that keep it (reference/writes.md 3.3)."""
    about = {
        "addon_id": addon["_id"],
        "version_id": version["id"] if version else None,
        "user_id": user_id,
        "date": clock.now(),
    }
    if kind in ACTIONS:
        return Record("notes", {**about, "action": kind, "comments": comments})
    return Record("activity", {**about, "kind": kind, "details": dict(details or {}), "address": address})
