"""Approves versions whose approval was delayed until a date (contract/reviewers.md 1).

Every process runs it; repeating it does no harm. Event loop only.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, cast

from conf.model.addons import AddonDoc
from server import clock
from server.activity_log import record
from server.background.worker import Worker
from server.changes import Change, Changes, Edited
from server.rules.review.reviewer_flags import delay_flag
from server.rules.review.reviews import end_delay
from server.services.review.review_end import end_review
from server.storage.store import Store

_INTERVAL: Final = 60.0  # seconds
_BATCH: Final = 100  # add-ons in a round


class DelayedApprover(Worker):
    """Ends delays whose date has passed."""

    def __init__(
        self, store: Store, changes: Changes, is_read_only: Callable[[], bool], *, auto_approve: bool
    ) -> None:
        """Without `auto_approve` the server approves unlisted versions only."""
        super().__init__("the approval of what was delayed", _INTERVAL, is_read_only)
        self._store = store
        self._changes = changes
        self._auto_approve = auto_approve

    async def work(self) -> None:
        for channel in ("listed", "unlisted"):
            query = {f"reviewer_flags.{delay_flag(channel)}": {"$type": "string", "$lte": clock.now()}}
            for addon in await self._store.find("addons", query, limit=_BATCH):
                clean = await self._clean(cast(AddonDoc, addon), channel)
                await self._changes.run(
                    partial(_end_delay, addon_id=addon["_id"], channel=channel, clean=clean)
                )

    async def _clean(self, addon: AddonDoc, channel: str) -> frozenset[int]:
        """The ids of versions that the server approves without a reviewer."""
        versions = [version for version in addon["versions"] if version["channel"] == channel]
        if channel == "unlisted":
            return frozenset(version["id"] for version in versions)
        if not self._auto_approve:
            return frozenset()
        uploads = {
            file["upload"]: version["id"]
            for version in versions
            for file in version["files"]
            if "upload" in file
        }
        query: dict[str, Any] = {"_id": {"$in": list(uploads)}, "validation.warnings": 0}
        validated = await self._store.find("uploads", query, unchecked=True)
        return frozenset(uploads[upload["_id"]] for upload in validated)


async def _end_delay(change: Change, addon_id: int, channel: str, clean: frozenset[int]) -> None:
    approved: list[int] = []

    def edit(addon: AddonDoc) -> Edited[AddonDoc]:
        new, ids = end_delay(addon, channel, clean, clock.now())
        approved[:] = ids
        records = [
            record("approved", new, None, version=version)
            for version in new["versions"]
            if version["id"] in ids
        ]
        return Edited(new, records)

    await change.edit_addon(addon_id, edit)
    for version_id in approved:
        await end_review(change, version_id, approved=False)
