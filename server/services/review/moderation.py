"""Actions of operators and administrators on an add-on: disable, enable, delete, promote.

    addon = await find_addon(store, "tab-tree")
    addon = await disable(changes, addon["_id"], reason="Court order 12/24")
    addon = await promote(changes, addon["_id"], "recommended", ["firefox"], by=7)

Each is a write like the API's: one transaction with its entry in the log, its
review note if a reviewer's decision would leave one, and Basket's record. An action
that changes nothing records nothing. `by` is the acting account, None for the
shell; callers check its permission. All raise AddonFault for a deleted add-on.

Rules: contract/reviewers.md 2 (disable, enable), contract/writes.md 4.3
(delete), contract/addons.md 5.3 (promotion). Thread rule: event loop only.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from conf.model.addons import AddonDoc
from conf.vocabulary import ADDON_STATUSES, DEFAULT_APP
from index.documents.identifiers import identify
from index.facts import supported_apps
from server import clock
from server.activity_log import record
from server.changes import Changes, Edited, NewRecord
from server.rules import listing
from server.rules.review import moderation
from server.rules.review.moderation import AddonFault
from server.rules.status import is_rejected
from server.storage.store import Store

# Deletion is an action of its own, because it cannot be undone.
STATUSES: Final = tuple(name for name in ADDON_STATUSES if name != "deleted")

# (add-on, now) -> the changed add-on; the same object if nothing changes.
Edit = Callable[[AddonDoc, str], AddonDoc]


async def find_addon(store: Store, name: str) -> AddonDoc:
    """The add-on by id, guid or slug, in any state. Raises AddonFault."""
    addon = await store.find_addon(*identify(name))
    if addon is None:
        raise AddonFault(f"there is no add-on {name}; name it by id, slug or guid")
    return addon


async def disable(changes: Changes, addon_id: int, reason: str = "", by: int | None = None) -> AddonDoc:
    """Hide it from everybody but its authors and reviewers; authors cannot undo it."""

    def edit(addon: AddonDoc, now: str) -> AddonDoc:
        return addon | {"status": "disabled"}

    return await _change(changes, addon_id, edit, "force-disabled", reason, by)


async def enable(changes: Changes, addon_id: int, reason: str = "", by: int | None = None) -> AddonDoc:
    """Undo `disable`: the status follows from its versions, or is `rejected` where its listing was.

    An add-on that its developer disabled stays disabled.
    """
    return await _change(changes, addon_id, moderation.enabled, "force-enabled", reason, by)


async def delete(changes: Changes, addon_id: int, reason: str = "", by: int | None = None) -> AddonDoc:
    """Delete it as its owner would: the slug becomes free, the guid does not."""
    return await _change(changes, addon_id, listing.deleted, "addon-deleted", reason, by)


async def set_status(
    changes: Changes, addon_id: int, status: str, reason: str = "", by: int | None = None
) -> AddonDoc:
    """Set one of STATUSES; `rejected` rejects the listing as content reviewers do; the reason is the comment.

    Raises AddonFault for `public` if no listed version is approved, because the site could show none.
    """

    def edit(addon: AddonDoc, now: str) -> AddonDoc:
        return moderation.with_status(addon, status, now, reason)

    return await _change(changes, addon_id, edit, "status-changed", reason, by)


async def promote(
    changes: Changes,
    addon_id: int,
    group: str,
    apps: Sequence[str] = (),
    reason: str = "",
    by: int | None = None,
) -> AddonDoc:
    """Add it to one of vocabulary.PROMOTED_GROUPS for these applications (none: all it supports). The current
    version counts as approved for the group.
    """

    def edit(addon: AddonDoc, now: str) -> AddonDoc:
        promoted_apps = apps or supported_apps(addon) or (DEFAULT_APP,)
        return moderation.promoted(addon, {"group": group, "apps": list(promoted_apps)})

    return await _change(changes, addon_id, edit, "promoted", reason, by, group=group)


async def demote(
    changes: Changes, addon_id: int, group: str | None = None, reason: str = "", by: int | None = None
) -> AddonDoc:
    """Remove it from the group, or from all groups."""

    def edit(addon: AddonDoc, now: str) -> AddonDoc:
        remaining = [promotion for promotion in addon["promoted"] if group not in (None, promotion["group"])]
        return addon | {"promoted": remaining}

    return await _change(changes, addon_id, edit, "demoted", reason, by, group=group)


async def _change(
    changes: Changes, addon_id: int, edit: Edit, kind: str, reason: str, by: int | None, **details: Any
) -> AddonDoc:
    now = clock.now()

    def apply(old: AddonDoc) -> Edited[AddonDoc]:
        if old["status"] == "deleted":
            raise AddonFault(f"add-on {addon_id} is deleted")
        new = edit(old, now)
        if new == old:
            return Edited(old)
        new = new | {"modified": now}
        return Edited(new, list(action_records(old, new, kind, reason, by, details)))

    return await changes.edit_addon(addon_id, apply)


def action_records(
    old: AddonDoc,
    new: AddonDoc,
    kind: str,
    reason: str = "",
    by: int | None = None,
    details: Mapping[str, Any] = MappingProxyType({}),
) -> Iterator[NewRecord]:
    """The entry of the log, and the reviewer's note if the rejection of the listing begins or ends."""
    entry = {key: value for key, value in details.items() if value}
    if old["status"] != new["status"]:
        entry |= {"old": old["status"], "new": new["status"]}
    if old["slug"] != new["slug"]:
        entry["slug"] = old["slug"]
    yield record(kind, new, by, details=entry | ({"reason": reason} if reason else {}))
    if kind == "status-changed" and is_rejected(old) != is_rejected(new):
        action = "listing-rejected" if is_rejected(new) else "rejected-listing-approved"
        yield record(action, new, by, comments=reason)
