"""An account that is deleted takes along what is its own, however much that is, and soon."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from conf.settings.settings import Settings
from server.basket.outbox import Syncs
from server.changes import BATCH, Changes
from server.following.feed import Feed
from server.following.subscribers import ChangedIds
from server.services.accounts.account_deletion import delete
from server.storage.operations import Insert
from server.storage.store import Store
from tests.factories import make_addon, make_rating, make_user

ANN, BOB, CAT = make_user(_id=7), make_user(_id=8, username="bob"), make_user(_id=9, username="cat")
OWNED, SHARED, RATED = range(1000, 1064), range(2000, 2064), range(3000, 3064)
SECONDS = 10.0  # on a busy machine; 64 add-ons alone took 11 to 17


def addon(id: int, *authors: Any, **fields: Any) -> Any:
    rows = [
        {"user_id": user["_id"], "role": "owner", "listed": True, "position": position}
        for position, user in enumerate(authors)
    ]
    return make_addon(_id=id, guid=f"{id}@example.org", slug=f"slug-{id}", authors=rows, **fields)


def rating(id: int, about: int, user: Any, **fields: Any) -> dict[str, Any]:
    return make_rating(_id=id, addon_id=about, user_id=user["_id"], address="127.0.0.1", **fields)


TWO = {
    "average": 4.0,
    "bayesian_average": 3.9,
    "count": 2,
    "text_count": 2,
    "grouped_counts": {"1": 0, "2": 0, "3": 1, "4": 0, "5": 1},
}


def world() -> dict[str, list[Any]]:
    """Ann has made and rated add-ons; Bob has rated the same ones and answers her ratings."""
    return {
        "users": [ANN, BOB, CAT],
        "addons": [
            *(addon(id, ANN) for id in OWNED),
            *(addon(id, ANN, BOB) for id in SHARED),
            *(addon(id, BOB, ratings=TWO) for id in RATED),
            addon(4000, BOB),
        ],
        "ratings": [
            *(rating(id * 10, id, ANN) for id in RATED),
            *(rating(id * 10 + 1, id, ANN, is_latest=False, version_id=9, score=1) for id in RATED),
            *(rating(id * 10 + 2, id, CAT, score=3) for id in RATED),
            *(rating(id * 10 + 3, id, BOB, reply_to=id * 10, score=None, is_latest=False) for id in RATED),
            rating(1, 5555, ANN),  # its add-on is gone
        ],
        "sessions": [{"_id": f"s{number}", "user_id": 7} for number in range(BATCH + 1)],
        "collections": [{"_id": number, "author_id": 7, "slug": f"c{number}"} for number in range(BATCH + 1)],
        "subscriptions": [{"_id": f"{number}:listed:7", "user_id": 7} for number in range(BATCH + 1)],
        "draft_comments": [{"_id": number, "user_id": 7} for number in range(BATCH + 1)],
        "reports": [
            {"_id": number, "reporter_id": 7, "fields": {"message": "x", "reporter_name": "Ann"}}
            for number in range(BATCH + 1)
        ],
    }


class SeenIds:
    """What a process has heard of, as its index does."""

    def __init__(self) -> None:
        self.addons: set[int] = set()

    async def apply(self, changes: ChangedIds) -> None:
        self.addons |= changes.addon_ids

    async def resync(self) -> None:
        raise AssertionError("nothing was missed")


@asynccontextmanager
async def opened(store: Store) -> AsyncIterator[tuple[Changes, SeenIds]]:
    for collection, documents in world().items():
        await store.bulk_insert(collection, documents)
    seen, feed = SeenIds(), Feed(store)
    feed.subscribe(seen)
    await feed.open()
    feed.start()
    try:
        yield Changes(store, feed, Syncs(Settings())), seen
    finally:
        await feed.close()


@pytest.mark.timed
async def test_everything_goes_in_seconds_and_is_seen_and_told(store: Store) -> None:
    async with opened(store) as (changes, seen):
        start = time.monotonic()
        await delete(changes, ANN, by=7)
        assert time.monotonic() - start < SECONDS
        assert seen.addons == {*OWNED, *SHARED, *RATED}, "the answer comes once all is seen"
    assert await store.count("addons", {"_id": {"$in": [*OWNED]}, "status": "deleted"}) == len(OWNED)
    shared_addons = await store.find("addons", {"_id": {"$in": [*SHARED]}})
    assert {tuple(author["user_id"] for author in one["authors"]) for one in shared_addons} == {(8,)}
    synced = {record["_id"] async for records in store.scan("outbox") for record in records}
    assert synced == {f"addon:{id}" for id in (*OWNED, *SHARED)} | {"user:7"}, "ratings are no news to Basket"
    for collection in ("sessions", "collections", "subscriptions", "draft_comments"):
        assert await store.count(collection) == 0, collection
    nobody = {"reporter_id": None, "fields": {"message": "x"}}
    assert await store.count("reports", nobody) == BATCH + 1
    for kind, number in (("addon-deleted", 64), ("author-removed", 64), ("rating-deleted", 128)):
        assert await store.count("activity", {"action": kind}) == number
    user = await store.find_one("users", {"_id": 7})
    assert user is not None
    assert user["deleted"]


async def test_ratings_go_with_their_replies_and_are_counted_no_more(store: Store) -> None:
    async with opened(store) as (changes, _):
        await delete(changes, ANN, by=7)
    assert await store.count("ratings", {"user_id": 7, "deleted": False}) == 0
    assert await store.count("ratings", {"user_id": 8, "deleted": False}) == 0
    assert await store.count("ratings", {"user_id": 9, "deleted": False}) == len(RATED)
    summaries = [one["ratings"] for one in await store.find("addons", {"_id": {"$in": [*RATED]}})]
    counts = {"1": 0, "2": 0, "3": 1, "4": 0, "5": 0}
    assert {(one["count"], one["text_count"], one["average"]) for one in summaries} == {(1, 1, 3.0)}
    assert all(one["grouped_counts"] == counts for one in summaries)


async def test_begun_again_it_goes_on(store: Store) -> None:
    async with opened(store) as (changes, _):
        await store.write([Insert("addons", addon(5000, ANN))])
        for _attempt in range(2):
            await delete(changes, ANN, by=7)
    assert await store.count("addons", {"status": "deleted"}) == len(OWNED) + 1
    assert await store.count("activity", {"action": "addon-deleted"}) == len(OWNED) + 1
