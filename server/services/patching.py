"""Operators' changes of any field of an add-on or account, with the same effects as writes of the API.

    addon = await patch_addon(change, 7, {"name": {"fr": "Onglets"}, "average_daily_users": 9}, check)

`fields` are fields of the document model; all others stay. Objects are merged and lists
replaced, except that versions and files are matched by their ids. Fields that authors may
write obey the rules for listings (server/rules/listing.py), a status those for operators
(server/rules/review/moderation.py); log entries, notes and Basket's record are written too.
`check` gets the new document, and returns it, completed, or raises.

Thread rule: event loop only.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast

from conf.model.addons import AddonDoc, UserDoc
from index.facts import is_approved, newest_first
from server import clock
from server.activity_log import LISTING, listing_records, record, release_records, version_records
from server.auth.account_admin import AccountFault, check_permissions
from server.changes import Change, Edited, NewRecord
from server.rules import listing
from server.rules.review.moderation import AddonFault, with_status
from server.rules.status import computed_status, has_files_in_use, is_awaiting
from server.services.review.moderation import action_records
from server.storage.operations import Delete

Fields = Mapping[str, Any]
Check = Callable[[dict[str, Any]], dict[str, Any]]

_BY_ID: Final = ("versions", "files")
# Fields with records of their own kinds, or with none because they change all the time.
_RECORDED: Final = frozenset(
    {
        *LISTING,
        "disabled_by_user",
        "tags",
        "status",
        "versions",
        "content_review",
        "revision",
        "modified",
        "pictures",
    }
    | {"last_updated", "ratings", "average_daily_users", "weekly_downloads", "hotness"}
)


async def patch_addon(change: Change, addon_id: int, fields: Fields, check: Check) -> AddonDoc:
    """Raises Invalid, AddonFault, and what `check` raises."""
    now = clock.now()
    reviewed: set[int] = set()

    def edit(old: AddonDoc) -> Edited[AddonDoc]:
        new = patched(old, fields, now, check)
        reviewed.update(_awaiting(old) - _awaiting(new))
        return Edited(new, list(_records(old, new, fields)) if new != old else ())

    addon = await change.edit_addon(addon_id, edit)
    await change.apply(*(Delete("review_due", version_id) for version_id in reviewed))
    return addon


async def patch_user(change: Change, user_id: int, fields: Fields, check: Check) -> UserDoc:
    """Raises AccountFault, and what `check` raises."""
    if "permissions" in fields:
        check_permissions(fields["permissions"])
    if fields.get("deleted"):
        raise AccountFault("run.py user delete is what deletes an account")

    def edit(old: UserDoc) -> Edited[UserDoc]:
        new = _merge_fields(old, fields)
        return Edited(old if new == old else cast(UserDoc, check(new | {"modified": clock.now()})))

    return await change.edit_user(user_id, edit)


def patched(addon: AddonDoc, fields: Fields, now: str, check: Check) -> AddonDoc:
    """The add-on with these fields; the same object if nothing changes. Pure. Raises as `patch_addon`."""
    if addon["status"] == "deleted":
        raise AddonFault(f"add-on {addon['_id']} is deleted")
    values = {key: fields[key] for key in listing.EDITED if key in fields}
    if "disabled_by_user" in fields:
        values["is_disabled"] = fields["disabled_by_user"]
    new = listing.edited(addon, values, now)
    if "versions" in fields:
        merged = _merge_items(new["versions"], fields["versions"])
        if merged != new["versions"]:
            new = cast(AddonDoc, check({**new, "versions": merged}))  # `check` completes new versions
            new = new | {"versions": newest_first(new["versions"])}
            new = new | {"status": computed_status(new)}
    new = with_status(new, fields.get("status", new["status"]), now)
    handled = {*listing.EDITED, "disabled_by_user", "versions", "status"}
    new = cast(
        AddonDoc, _merge_fields(new, {key: value for key, value in fields.items() if key not in handled})
    )
    if new == addon:
        return addon
    return cast(AddonDoc, check({**new, "modified": fields.get("modified", now)}))


def _merge_fields(stored: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """The stored object with the fields merged in, inner objects too."""
    result = dict(stored)
    for key, value in fields.items():
        current = result.get(key)
        if isinstance(current, Mapping) and isinstance(value, Mapping):
            result[key] = _merge_fields(current, value)
        elif key in _BY_ID and isinstance(current, list):
            result[key] = _merge_items(current, value)
        else:
            result[key] = value
    return result


def _merge_items(stored: list[Any], items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Versions or files, each merged into the stored one with its id; new ones come last."""
    current = {item["id"]: item for item in stored}
    return list(
        (current | {item["id"]: _merge_fields(current.get(item["id"], {}), item) for item in items}).values()
    )


def _awaiting(addon: AddonDoc) -> set[int]:
    return {version["id"] for version in addon["versions"] if is_awaiting(version)}


def _records(old: AddonDoc, new: AddonDoc, fields: Fields) -> Iterator[NewRecord]:
    """The records that writes of authors and reviewers leave; every other change is `property-edited`."""
    if new["status"] == "deleted":
        yield from action_records(old, new, "addon-deleted")
        return
    yield from listing_records(old, new, None)
    for key, after in new.items():
        before = old.get(key)
        if key not in _RECORDED and before != after:
            yield record("property-edited", new, None, details={"property": key, "old": before, "new": after})
    if "versions" in fields:
        yield from _version_records(old, new)
    if old["status"] != new["status"]:
        yield from action_records(old, new, "status-changed")


def _version_records(old: AddonDoc, new: AddonDoc) -> Iterator[NewRecord]:
    earlier = {version["id"]: version for version in old["versions"]}
    for version in new["versions"]:
        before = earlier.get(version["id"])
        if before is None:
            added = release_records(new, version, None, None)
            yield from added if is_awaiting(version) else added[:1]
            continue
        yield from version_records(old, new, version["id"], None)
        if version["deleted"] and not before["deleted"]:
            yield record("version-deleted", new, None, version=version)
        if is_awaiting(before) and is_approved(version):
            yield record("approved", new, None, version=version)
        elif has_files_in_use(before) and not has_files_in_use(version):
            yield record("rejected", new, None, version=version)
