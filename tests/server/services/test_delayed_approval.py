"""What reviewers delayed is approved once the date has come (contract/reviewers.md 1)."""

from typing import Any

import pytest

from server import clock
from server.changes import Changes
from server.services.review.delayed_approval import DelayedApprover
from server.storage.operations import Insert
from server.storage.store import Store
from tests.factories import make_addon, make_file, make_version

PAST, FUTURE = "2020-01-02T03:04:05Z", "2999-01-02T03:04:05Z"
DELAYED = "auto_approval_delayed_until"


def waiting(id: int, channel: str, upload: str) -> Any:
    file = make_file(id=id, status="unreviewed", upload=upload)
    return make_version(id=id, version=f"{id}.0", channel=channel, files=[file])


VERSIONS = [waiting(12, "listed", "a"), waiting(11, "listed", "b"), waiting(13, "unlisted", "a")]
# Flags -> the versions approved, with AUTO_APPROVE and without.
ROWS: list[tuple[dict[str, Any], list[int], list[int]]] = [
    ({DELAYED: PAST}, [12], []),
    ({f"{DELAYED}_unlisted": PAST}, [13], [13]),
    ({DELAYED: PAST, f"{DELAYED}_unlisted": PAST}, [12, 13], [13]),
    ({DELAYED: FUTURE, f"{DELAYED}_unlisted": FUTURE}, [], []),
    ({DELAYED: PAST, "auto_approval_disabled": True}, [], []),
    ({f"{DELAYED}_unlisted": PAST, "needs_admin_code_review": True}, [], []),
    ({"auto_approval_disabled": True}, [], []),
    ({}, [], []),
]


@pytest.mark.parametrize("column", [1, 2], ids=["auto-approve", "by people"])
async def test_versions_that_only_the_delay_held_back_are_approved(store: Store, column: int) -> None:
    for id, row in enumerate(ROWS, 1):
        names = {"_id": id, "guid": f"{id}@example.org", "slug": f"slug-{id}", "status": "nominated"}
        addon = make_addon(**names, versions=VERSIONS, reviewer_flags=row[0])
        await store.write([Insert("addons", addon)])
    for key, warnings in (("a", 0), ("b", 1)):  # without and with warnings of the validation
        await store.write([Insert("uploads", {"_id": key, "validation": {"warnings": warnings}})])
    await store.write([Insert("review_due", {"_id": 12, "addon_id": 1, "due": PAST, "reason": "x"})])
    worker = DelayedApprover(store, Changes(store, None), lambda: False, auto_approve=column == 1)
    for _ in range(2):
        await worker.work()
    for id, row in enumerate(ROWS, 1):
        stored = await store.find_addon("id", id)
        assert stored is not None
        approved = [
            version["id"] for version in stored["versions"] if version["files"][0]["status"] == "public"
        ]
        assert sorted(approved) == row[column], row[0]
        assert stored["status"] == ("public" if 12 in approved else "nominated"), row[0]
        flags: Any = stored.get("reviewer_flags", {})
        assert not [name for name in flags if DELAYED in name and (flags[name] or FUTURE) < clock.now()], row[
            0
        ]
        assert await store.count("notes", {"addon_id": id, "action": "approved"}) == len(approved)
    assert await store.count("review_due") == (0 if column == 1 else 1)
