"""Which versions a person should look at, and until when, as administrators say (contract/reviewers.md 8).

    due = await set_due(changes, addon, 10, "2026-01-05T03:04:05Z")
    due = await need_review(changes, addon, 10)

Event loop only.
"""

from typing import Any, cast

from conf.model.activity import ReviewDueDoc
from conf.model.addons import AddonDoc, VersionDoc
from server.activity_log import REVIEW_DUE, review_due
from server.changes import Change, Changes
from server.rules.faults import field
from server.rules.status import is_awaiting
from server.storage.operations import Insert, Replace


def _version(addon: AddonDoc, version_id: int) -> VersionDoc:
    """Raises Invalid where it is another add-on's, or deleted."""
    for version in addon["versions"]:
        if version["id"] == version_id and not version["deleted"]:
            return version
    raise field("version", "version_not_found")


async def _due(change: Change, version_id: int) -> ReviewDueDoc | None:
    return cast(ReviewDueDoc | None, await change.find_one(REVIEW_DUE, {"_id": version_id}))


async def set_due(changes: Changes, addon: AddonDoc, version_id: int, due: str) -> None:
    """Raises Invalid for a version that nobody has to look at."""
    version = _version(addon, version_id)

    async def work(change: Change) -> None:
        stored = await _due(change, version_id)
        if stored is None and not is_awaiting(version):
            raise field("version", "version_not_awaiting")
        new: dict[str, Any] = {
            **(stored or review_due(addon, version, "review-requested").document),
            "due": due,
        }
        await change.apply(Replace(REVIEW_DUE, new, upsert=True))

    await changes.run(work)


async def need_review(changes: Changes, addon: AddonDoc, version_id: int) -> str:
    """The day it is due, which is the old one where there was one. Raises Invalid."""
    version = _version(addon, version_id)

    async def work(change: Change) -> str:
        stored = await _due(change, version_id)
        if stored is not None:
            return stored["due"]
        new = review_due(addon, version, "set-by-reviewer").document
        await change.apply(Insert(REVIEW_DUE, new))
        return str(new["due"])

    return await changes.run(work)
