"""Makes the events of webhooks from changes of documents (contract/webhooks.md 2).

    change_events("addon", old, new)     -> [Event("addon.updated", {"addon": {...}, "changed": ["summary"]})]
    rating_events(record)                -> [Event("rating.created", {...})], of a record of the activity log

Pure functions; any thread. Events have only ids, names and states, never addresses or texts that people
wrote.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from conf.model.addons import AddonDoc, UserDoc, VersionDoc
from index import facts
from server.storage.operations import Document

TYPES: Final = (
    *("addon.created", "addon.updated", "addon.status_changed", "addon.deleted"),
    *("version.submitted", "version.updated", "version.approved", "version.rejected", "version.deleted"),
    *("rating.created", "rating.updated", "rating.deleted", "rating.replied"),
    *("account.created", "account.updated", "account.deleted"),
)
TEST: Final = "webhook.test"  # sent by an operator
_RATINGS: Final = {
    "rating-added": "rating.created",
    "rating-edited": "rating.updated",
    "rating-deleted": "rating.deleted",
    "rating-replied": "rating.replied",
}
# Fields with events of their own, fields that change all the time, and fields of reviewers.
_NOT_LISTING_FIELDS: Final = """
    status disabled_by_user versions ratings average_daily_users weekly_downloads hotness
    reviewer_flags content_review pictures modified last_updated revision
"""
_NOT_LISTING: Final = frozenset(_NOT_LISTING_FIELDS.split())
_NOT_VERSION: Final = frozenset({"modified", "reviewed", "human_reviewed", "approvals", "files"})
_NOT_ACCOUNT: Final = frozenset(
    ["auth_id", "last_login", "identity_date", "pictures", "modified", "revision"]
)


class Event(NamedTuple):
    """`type` is one of TYPES; `data` is JSON."""

    type: str
    data: dict[str, Any]


def change_events(kind: str, old: Any, new: Any) -> list[Event]:
    """Events of an add-on ("addon") and its versions, or of an account ("user"); a new one has no `old`."""
    return addon_events(old, new) if kind == "addon" else account_events(old, new)


def addon_events(old: AddonDoc | None, new: AddonDoc) -> list[Event]:
    about = _addon(new)
    if old is None:
        return [Event("addon.created", {"addon": about}), *_version_events(about, (), new["versions"])]
    if new["status"] == "deleted":
        # With the old slug, because the deleted add-on has none, and receivers know it by that.
        deleted = {**about, "slug": old["slug"]}
        return [Event("addon.deleted", {"addon": deleted})] if old["status"] != "deleted" else []
    events = []
    if changed := _changed(old, new, _NOT_LISTING):
        events.append(Event("addon.updated", {"addon": about, "changed": changed}))
    before = _addon(old)
    if (before["status"], before["is_disabled"]) != (about["status"], about["is_disabled"]):
        previous = {key: before[key] for key in ("status", "is_disabled")}
        events.append(Event("addon.status_changed", {"addon": about, "previous": previous}))
    if old["versions"] != new["versions"]:
        events += _version_events(about, old["versions"], new["versions"])
    return events


def _addon(addon: AddonDoc) -> dict[str, Any]:
    return {
        "id": addon["_id"],
        "guid": addon["guid"],
        "slug": addon["slug"],
        "type": addon["type"],
        "status": addon["status"],
        "is_disabled": facts.is_disabled(addon),
        "revision": addon.get("revision", 0),
    }


def _version_events(
    about: Document, before: Sequence[VersionDoc], after: Sequence[VersionDoc]
) -> Iterator[Event]:
    old_versions = {version["id"]: version for version in before}
    for version in after:
        old = old_versions.pop(version["id"], None)
        if old != version:
            data = {"version": _version(version), "addon": about}
            for kind, details in _version_changes(old, version):
                yield Event(f"version.{kind}", data | details)
    for version in old_versions.values():
        if not version["deleted"]:
            yield Event("version.deleted", {"version": _version(version), "addon": about})


def _version_changes(old: VersionDoc | None, new: VersionDoc) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events of a change of a version: the second part of the name, and further data."""
    if new["deleted"]:
        if old is not None and not old["deleted"]:
            yield "deleted", {}
        return
    if old is None:
        yield "submitted", {}
    elif changed := _changed(old, new, _NOT_VERSION):
        yield "updated", {"changed": changed}
    before, after = _file_statuses(old), _file_statuses(new)
    if "public" in after and "public" not in before:
        yield "approved", {}
    elif after == {"disabled"} != before and old is not None and old["reviewed"] != new["reviewed"]:
        yield "rejected", {}


def _version(version: VersionDoc) -> dict[str, Any]:
    return {"id": version["id"], "version": version["version"], "channel": version["channel"]}


def _file_statuses(version: VersionDoc | None) -> set[str]:
    return {file["status"] for file in version["files"]} if version else set()


def account_events(old: UserDoc | None, new: UserDoc) -> list[Event]:
    data = {"account": {"id": new["_id"], "is_banned": new["banned"], "revision": new.get("revision", 0)}}
    if old is None:
        return [Event("account.created", data)]
    if new["deleted"]:
        return [] if old["deleted"] else [Event("account.deleted", data)]
    changed = _changed(old, new, _NOT_ACCOUNT)
    return [Event("account.updated", data | {"changed": changed})] if changed else []


def rating_events(record: Document) -> list[Event]:
    """The events of a record of the activity log about a rating; none for others."""
    if record["action"] not in _RATINGS:
        return []
    details = record["details"]
    rating = {"id": details["rating"], "score": details["score"], "addon_id": record["addon_id"]}
    return [Event(_RATINGS[record["action"]], {"rating": rating})]


def _changed(old: Mapping[str, Any], new: Mapping[str, Any], ignored: frozenset[str]) -> list[str]:
    """The names of keys that differ."""
    return sorted(key for key in {*old, *new} - ignored if old.get(key) != new.get(key))


def matches(names: Sequence[str], type: str) -> bool:
    """Whether an endpoint's events (names, `addon.*`, none for all) include this one."""
    return not names or type in names or f"{type.partition('.')[0]}.*" in names


def is_event_name(name: str) -> bool:
    """Whether it is the name of an event, or of a group such as `addon.*`."""
    return any(matches([name], type) for type in TYPES)
