"""The queue of versions to be reviewed: the oldest day first, and to each reviewer what is theirs.

Rules: contract/reviewers.md 8, contract/console.md 8.
"""

from typing import Any

import pytest

from server.auth.callers import Caller
from server.services.review import review_queue
from server.services.review.review_queue import read_due
from server.storage.operations import Insert, Operation
from server.storage.store import Store
from tests.factories import make_addon, make_file, make_user, make_version

DAYS = {
    10: "2026-01-03",
    20: "2026-01-01",
    30: "2026-01-02",
    40: "2026-01-02",
    50: "2026-01-04",
    60: "2026-01-05",
}


async def fill(store: Store) -> None:
    versions = {
        10: make_version(id=10),
        20: make_version(id=20, channel="unlisted"),
        30: make_version(id=30),
        40: make_version(id=40),
        50: make_version(id=50, deleted=True),
    }
    operations: list[Operation] = [
        Insert("addons", make_addon(_id=id_, guid=f"{id_}@x", slug=f"a{id_}", versions=[version]))
        for id_, version in versions.items()
    ]
    operations += [
        Insert(
            "review_due",
            {"_id": id_, "addon_id": id_, "due": f"{day}T00:00:00Z", "reason": "review-requested"},
        )
        for id_, day in DAYS.items()
    ]
    await store.write(operations)


async def read_all(store: Store, *permissions: str, size: int = 25) -> list[int]:
    """All pages of a reviewer with these permissions."""
    caller = Caller(make_user(_id=77, permissions=list(permissions)), "session")
    ids: list[int] = []
    after = None
    while True:
        page = await read_due(store, caller, after, size)
        assert page.rows or page.after is None, "no page is empty while there are more"
        ids += [row.version["id"] for row in page.rows]
        if (after := page.after) is None:
            return ids


async def test_reviewers_see_what_they_review_oldest_first_for_every_page_size(store: Store) -> None:
    await fill(store)
    for size in (1, 2, 25):
        assert await read_all(store, "Addons:Review", size=size) == [30, 40, 10], size
    assert await read_all(store, "Addons:ReviewUnlisted") == [20]
    assert await read_all(store, "Reviews:Admin") == [20, 30, 40, 10]
    assert await read_all(store, "Addons:ThemeReview") == []


async def test_an_invalid_position_means_the_beginning(store: Store) -> None:
    await fill(store)
    caller = Caller(make_user(_id=77, permissions=["*:*"]), "session")
    first = await read_due(store, caller, None, 2)
    for invalid in ("", "x", "_", "2026_x"):
        assert await read_due(store, caller, invalid, 2) == first, invalid


async def test_versions_without_a_due_date_come_last(store: Store) -> None:
    await fill(store)
    waiting = {70: "unreviewed", 80: "public", 90: "unreviewed"}
    for id_, status in waiting.items():
        version = make_version(
            id=id_, created="2026-01-01T00:00:00Z", files=[make_file(id=id_, status=status)]
        )
        await store.write(
            [Insert("addons", make_addon(_id=id_, guid=f"{id_}@x", slug=None, versions=[version]))]
        )
    for size in (1, 2, 3, 4, 5, 25):
        assert await read_all(store, "Addons:Review", size=size) == [30, 40, 10, 70, 90], size
    caller = Caller(make_user(_id=77, permissions=["Addons:Review"]), "session")
    page = await read_due(store, caller, None, 25)
    assert page.rows[-1].due["due"] == "2026-01-04T00:00:00Z"


async def test_no_page_is_empty_if_all_versions_have_a_due_date(store: Store) -> None:
    operations: list[Operation] = []
    for id_ in range(100, 160):
        version = make_version(id=id_, files=[make_file(id=id_, status="unreviewed")])
        addon = make_addon(_id=id_, guid=f"{id_}@x", slug=None, versions=[version])
        due = {"_id": id_, "addon_id": id_, "due": "2026-01-01T00:00:00Z", "reason": "review-requested"}
        operations += [Insert("addons", addon), *([Insert("review_due", due)] if id_ < 159 else [])]
    await store.write(operations)
    caller = Caller(make_user(_id=77, permissions=["Addons:Review"]), "session")
    sizes: list[int] = []
    after: str | None = None
    while after is not None or not sizes:
        page = await read_due(store, caller, after, 20)
        sizes.append(len(page.rows))
        after = page.after
    assert sizes == [20, 20, 20]


async def test_a_full_page_with_due_dates_reads_those_without_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on behind add-ons that the caller does not review."""
    await fill(store)
    reads: list[int] = []
    undated_above = review_queue._undated_above

    async def count(access: Any, caller: Caller, number: int) -> Any:
        reads.append(number)
        return await undated_above(access, caller, number)

    monkeypatch.setattr(review_queue, "_undated_above", count)
    operations: list[Operation] = []
    for id_ in range(100, 130):
        files = [make_file(id=id_, status="unreviewed")]
        version = make_version(id=id_, channel="listed" if id_ == 129 else "unlisted", files=files)
        addon = make_addon(_id=id_, guid=f"{id_}@x", slug=None, versions=[version])
        operations.append(Insert("addons", addon))
    await store.write(operations)
    caller = Caller(make_user(_id=77, permissions=["Addons:Review"]), "session")
    page = await read_due(store, caller, None, len(DAYS))
    assert ([row.version["id"] for row in page.rows], page.after) == ([30, 40, 10, 129], None)
    assert len(reads) == len(set(reads)) == 2
