"""Makes the records of changes for the activity log, and reads the log.

    record("slug-changed", addon, user_id, details={"old": "a", "new": "b"})
    record("notes-for-reviewers-changed", addon, user_id, version=version, comments="...")
    async for entries in read_log(store, LogQuery(user_id=7, since="2026-01-01T00:00:00Z"), limit=100): ...

Kinds of conf/actions.py are review notes, which the API lists (collection
`notes`); all others are for operators (collection `activity`). `Changes` numbers
the records. Everything but `read_log` is pure, and works on any thread.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, NamedTuple, cast

from conf import messages
from conf.actions import ACTIONS
from conf.limits import DAY
from conf.model.activity import REVIEW_DAYS, ActivityDoc, ReviewDueDoc
from conf.model.addons import AddonDoc, VersionDoc
from server import clock
from server.changes import NewRecord
from server.rules.status import is_awaiting
from server.rules.versions import get_version
from server.storage.newest import scan_newest
from server.storage.store import Store

# Fields of a listing whose edits have the same kind of record.
_PROPERTIES: Final = """
    name summary description developer_comments homepage support_url support_email contributions_url
    default_locale categories is_experimental requires_payment
"""
LISTING: Final = {
    **dict.fromkeys(_PROPERTIES.split(), "property-edited"),
    "slug": "slug-changed",
    "icons": "media-edited",
    "previews": "media-edited",
    "eula": "policy-changed",
    "privacy_policy": "policy-changed",
}
COLLECTION: Final = "activity"
REVIEW_DUE: Final = "review_due"
_VERSION_KINDS: Final = {
    **dict.fromkeys(("compatibility", "license", "release_notes"), "version-edited"),
    "is_disabled": "version-switched",
    "approval_notes": "notes-for-reviewers-changed",
    "source": "source-code-uploaded",
}


def record(
    kind: str,
    addon: AddonDoc,
    user_id: int | None,  # None: an operator, from the shell
    *,
    version: VersionDoc | None = None,
    comments: str = "",
    details: Mapping[str, Any] | None = None,
    address: str | None = None,
) -> NewRecord:
    """`address` is the caller's, for kinds whose records have it (contract/writes.md 3.3)."""
    about = {
        "addon_id": addon["_id"],
        "version_id": version["id"] if version else None,
        "user_id": user_id,
        "date": clock.now(),
    }
    if kind in ACTIONS:
        return NewRecord("notes", {**about, "action": kind, "comments": comments})
    return NewRecord(
        COLLECTION, {**about, "action": kind, "details": dict(details or {}), "address": address}
    )


def listing_records(old: AddonDoc, new: AddonDoc, user_id: int | None) -> list[NewRecord]:
    """The records of an edit of a listing: one for each changed property, with its old and new value."""
    records = []
    for key, kind in LISTING.items():
        before, after = old[key], new[key]  # type: ignore[literal-required]
        if before != after:
            records.append(record(kind, new, user_id, details={"property": key, "old": before, "new": after}))
    if old["disabled_by_user"] != new["disabled_by_user"]:
        kind = "disabled-by-developer" if new["disabled_by_user"] else "enabled-by-developer"
        records.append(record(kind, new, user_id))
    for kind, with_tag, without_tag in (("tag-added", new, old), ("tag-removed", old, new)):
        tags = [tag for tag in with_tag["tags"] if tag not in without_tag["tags"]]
        records += [record(kind, new, user_id, details={"tag": tag}) for tag in tags]
    return records


def review_due(addon: AddonDoc, version: VersionDoc, reason: str, since: str | None = None) -> ReviewDueDoc:
    """When the review of a version is due that has waited since `since`, by default from now on."""
    due = clock.shifted(REVIEW_DAYS * DAY, since)
    return ReviewDueDoc(_id=version["id"], addon_id=addon["_id"], due=due, reason=reason)


def release_records(
    addon: AddonDoc, version: VersionDoc, user_id: int | None, address: str | None
) -> list[NewRecord]:
    """The records of a new version; one that awaits review also enters the review queue, with a due date."""
    records = [record("version-added", addon, user_id, version=version, address=address)]
    if version["channel"] == "listed" and version["reviewed"] is not None:  # approved by the server itself
        records.append(record("approved", addon, None, version=version))
    elif version["channel"] == "listed" or is_awaiting(version):
        records.append(record("review-requested", addon, user_id, version=version))
        records.append(NewRecord(REVIEW_DUE, review_due(addon, version, "review-requested")))
    if version["approval_notes"]:
        notes = version["approval_notes"]
        records.append(record("notes-for-reviewers-changed", addon, user_id, version=version, comments=notes))
    if version["source"]:
        records.append(record("source-code-uploaded", addon, user_id, version=version))
    return records


def rollback_record(addon: AddonDoc, version: VersionDoc, user_id: int | None, earlier: str) -> NewRecord:
    """The record of a rollback: a new version is an earlier one with this number."""
    text = messages.text("rolled_back", version=earlier)
    return record("version-rollback", addon, user_id, version=version, comments=text)


def version_records(old: AddonDoc, new: AddonDoc, version_id: int, user_id: int | None) -> list[NewRecord]:
    """The records of an edit of a version; some are notes for reviewers."""
    before, after = get_version(old, version_id), get_version(new, version_id)
    records = []
    for key, kind in _VERSION_KINDS.items():
        if key == "source" and after["source"] is None:
            kind = "version-edited"
        if before[key] != after[key]:  # type: ignore[literal-required]
            details = {"property": key, "old": before[key], "new": after[key]}  # type: ignore[literal-required]
            comments = after["approval_notes"] if key == "approval_notes" else ""
            records.append(record(kind, new, user_id, version=after, comments=comments, details=details))
    return records


class LogQuery(NamedTuple):
    """Filters of entries; None matches any."""

    user_id: int | None = None
    addon_id: int | None = None
    action: str | None = None
    since: str | None = None  # date, included

    def filter(self) -> dict[str, Any]:
        """The query for MongoDB."""
        equal = {"user_id": self.user_id, "addon_id": self.addon_id, "action": self.action}
        filters: dict[str, Any] = {key: value for key, value in equal.items() if value is not None}
        return filters | ({"date": {"$gte": self.since}} if self.since else {})


def read_log(store: Store, query: LogQuery, limit: int) -> AsyncIterator[list[ActivityDoc]]:
    """The newest `limit` entries (0: all), oldest first, many at a time. Raises Unavailable.

    Ordered by numbers, which are assigned in order, because dates have whole seconds.
    """
    return cast(AsyncIterator[list[ActivityDoc]], scan_newest(store, COLLECTION, query.filter(), limit))
