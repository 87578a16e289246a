"""Reviewers' flags of add-ons, as administrators set them (contract/reviewers.md 1).

    addon = await edit_flags(changes, addon_id, {"auto_approval_disabled": True}, by=7)

Event loop only.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from conf.model.addons import AddonDoc, UserDoc
from server.activity_log import record
from server.auth.access.permissions import REVIEWS_ADMIN
from server.auth.callers import Caller
from server.changes import Changes, Edited, NewRecord
from server.errors import Forbidden, NotFound
from server.rules.review.reviewer_flags import INFO_REQUEST, all_flags, needs_admin, with_flags


async def edit_flags(changes: Changes, addon_id: int, values: Mapping[str, Any], by: int) -> AddonDoc:
    """`values` as read_flags gives them. Raises NotFound, and what Changes.run does."""

    def edit(addon: AddonDoc) -> Edited[AddonDoc]:
        if addon["status"] == "deleted":
            raise NotFound(str(addon_id))
        new = with_flags(addon, values)
        return Edited(new, list(_records(addon, new, by)))

    return await changes.edit_addon(addon_id, edit)


def _records(old: AddonDoc, new: AddonDoc, by: int) -> Iterator[NewRecord]:
    """Log the changed flags; a request for information gets a note in the thread as well, as on AMO."""
    before, after = all_flags(old), all_flags(new)
    changed = [name for name in after if before[name] != after[name]]
    if INFO_REQUEST in changed:
        yield record(f"information-request-{'altered' if after[INFO_REQUEST] else 'removed'}", new, by)
    if changed:
        details = {
            "old": {name: before[name] for name in changed},
            "new": {name: after[name] for name in changed},
        }
        yield record("reviewer-flags-changed", new, by, details=details)


def check_decider(user: UserDoc, addon: AddonDoc, *, content: bool = False) -> None:
    """Raises Forbidden for a reviewer if only administrators decide about the versions, or the `content`."""
    if needs_admin(addon, content=content) and not Caller(user).has(REVIEWS_ADMIN):
        raise Forbidden
