"""What operators do to add-ons: the document, the log, the note and Basket's record, of one transaction.

Rules: contract/reviewers.md 2.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from conf.model.addons import AddonDoc
from conf.settings.settings import Settings
from index import facts
from server.activity_log import LogQuery, read_log
from server.basket.outbox import OUTBOX, Syncs
from server.changes import Changes
from server.services.review import moderation
from server.storage.operations import Insert
from server.storage.store import Store
from tests.factories import make_addon, make_file, make_version

Action = Callable[[Changes], Awaitable[AddonDoc]]

AWAITING = make_version(files=[make_file(status="unreviewed")])
FAILED = {"state": 3, "policies": ["p"], "comments": "c", "reviewed": None}
RECOMMENDED = {"group": "recommended", "apps": ["firefox"]}


def make_changes(store: Store) -> Changes:
    return Changes(store, None, Syncs(Settings()))


async def stored(store: Store, **fields: Any) -> Changes:
    await store.write([Insert("addons", make_addon(**fields))])
    return make_changes(store)


async def entries(store: Store) -> list[Any]:
    return [
        (entry["action"], entry["details"])
        async for batch in read_log(store, LogQuery(), 0)
        for entry in batch
    ]


STATUSES = [
    pytest.param({}, moderation.disable, "disabled", id="disable"),
    pytest.param({"status": "disabled"}, moderation.enable, "public", id="enable: an approved version"),
    pytest.param(
        {"status": "disabled", "versions": [AWAITING]}, moderation.enable, "nominated", id="enable: awaiting"
    ),
    pytest.param({"status": "disabled", "versions": []}, moderation.enable, "incomplete", id="enable: none"),
    pytest.param(
        {"status": "disabled", "content_review": FAILED}, moderation.enable, "rejected", id="enable: rejected"
    ),
    pytest.param({}, moderation.delete, "deleted", id="delete"),
]


@pytest.mark.parametrize(("fields", "action", "status"), STATUSES)
async def test_a_status_follows_its_action_with_log_and_sync(
    fields: dict[str, Any], action: Any, status: str, store: Store
) -> None:
    changes = await stored(store, **fields)
    addon = await action(changes, 1, "Because.", 7)
    assert addon["status"] == status
    assert await store.find_addon("id", 1) == addon
    assert addon["modified"] > make_addon()["modified"]
    [(_, details)] = await entries(store)
    assert details["reason"] == "Because."
    assert (details["old"], details["new"]) == (fields.get("status", "public"), status)
    assert [record["_id"] for record in await store.find(OUTBOX, {})] == ["addon:1"]


async def test_a_deletion_has_the_effects_of_the_api(store: Store) -> None:
    addon = await moderation.delete(await stored(store), 1)
    assert (addon["slug"], addon["guid"]) == (None, "tab-tree@example.org")
    assert all(version["deleted"] for version in addon["versions"])
    assert await entries(store) == [
        ("addon-deleted", {"old": "public", "new": "deleted", "slug": "tab-tree"})
    ]


AGAIN = [
    pytest.param({"status": "disabled"}, moderation.disable, id="disabled already"),
    pytest.param({}, moderation.enable, id="not disabled"),
    pytest.param({}, lambda changes, id_: moderation.set_status(changes, id_, "public"), id="has the status"),
    pytest.param({}, moderation.demote, id="in no group"),
    pytest.param(
        {"promoted": [RECOMMENDED]},
        lambda changes, id_: moderation.promote(changes, id_, "recommended", ["firefox"]),
        id="in the group",
    ),
]


@pytest.mark.parametrize(("fields", "action"), AGAIN)
async def test_an_action_without_effect_records_nothing(
    fields: dict[str, Any], action: Any, store: Store
) -> None:
    changes = await stored(store, **fields)
    addon = await action(changes, 1)
    assert addon == make_addon(**fields)
    assert await entries(store) == []
    assert await store.find(OUTBOX, {}) == []


@pytest.mark.parametrize(
    "action",
    [
        moderation.disable,
        moderation.enable,
        moderation.delete,
        lambda changes, id_: moderation.set_status(changes, id_, "public"),
        lambda changes, id_: moderation.promote(changes, id_, "line"),
        moderation.demote,
    ],
)
async def test_nothing_is_done_to_a_deleted_add_on(action: Any, store: Store) -> None:
    changes = await stored(store, status="deleted", slug=None)
    with pytest.raises(moderation.AddonFault, match="add-on 1 is deleted"):
        await action(changes, 1)
    assert await entries(store) == []


@pytest.mark.parametrize("status", moderation.STATUSES)
async def test_every_status_but_deleted_can_be_set(status: str, store: Store) -> None:
    changes = await stored(store, status="public" if status != "public" else "nominated")
    assert (await moderation.set_status(changes, 1, status))["status"] == status


async def test_an_addon_without_approved_listed_version_cannot_be_public(store: Store) -> None:
    changes = await stored(store, status="nominated", versions=[AWAITING])
    with pytest.raises(moderation.AddonFault, match="no listed version of it is approved"):
        await moderation.set_status(changes, 1, "public")
    assert await entries(store) == []


async def test_a_rejection_and_its_end_leave_review_notes(store: Store) -> None:
    changes = await stored(store)
    addon = await moderation.set_status(changes, 1, "rejected", "Copied.")
    assert (addon["content_review"]["state"], addon["content_review"]["comments"]) == (3, "Copied.")
    await moderation.disable(changes, 1)
    assert (await moderation.enable(changes, 1))["status"] == "rejected", "disabling ends no rejection"
    addon = await moderation.set_status(changes, 1, "public", "Sorry.")
    assert addon["content_review"]["state"] == 2
    notes = await store.find("notes", {}, sort=[("_id", 1)])
    assert [(note["action"], note["comments"], note["user_id"]) for note in notes] == [
        ("listing-rejected", "Copied.", None),
        ("rejected-listing-approved", "Sorry.", None),
    ]


@pytest.mark.parametrize("approvals", [None, [], [{"group": "line", "apps": ["android"]}]])
async def test_a_promotion_is_in_force_at_once(approvals: Any, store: Store) -> None:
    changes = await stored(store, versions=[make_version(approvals=approvals)])
    addon = await moderation.promote(changes, 1, "recommended")
    assert facts.promotions(addon) == [RECOMMENDED]
    addon = await moderation.promote(changes, 1, "recommended", ["android"])
    assert facts.promotions(addon) == [{"group": "recommended", "apps": ["firefox", "android"]}]
    addon = await moderation.promote(changes, 1, "line", ["android"])
    assert [one["group"] for one in facts.promotions(addon)] == ["recommended", "line"]
    addon = await moderation.demote(changes, 1, "recommended")
    assert [one["group"] for one in facts.promotions(addon)] == ["line"]
    assert facts.promotions(await moderation.demote(changes, 1)) == []
    assert [kind for kind, _ in await entries(store)] == ["promoted"] * 3 + ["demoted"] * 2
    [record] = await store.find(OUTBOX, {})
    assert record["version"] == 5, "Basket hears of each"


async def test_found_by_id_guid_and_slug(store: Store) -> None:
    await stored(store)
    for name in ("1", "tab-tree@example.org", "tab-tree"):
        assert (await moderation.find_addon(store, name))["_id"] == 1
    with pytest.raises(moderation.AddonFault, match="there is no add-on nothing"):
        await moderation.find_addon(store, "nothing")


async def test_the_log_is_read_by_any_of_its_facts_newest_last(store: Store) -> None:
    rows: list[dict[str, Any]] = [
        {"_id": number, "addon_id": number % 2, "version_id": None, "user_id": number % 3 or None}
        | {
            "date": f"2026-01-{number:02}T00:00:00Z",
            "action": f"a{number % 4}",
            "details": {},
            "address": None,
        }
        for number in range(1, 25)
    ]
    await store.write([Insert("activity", row) for row in rows])

    async def ids(limit: int, **query: Any) -> list[int]:
        return [entry["_id"] async for some in read_log(store, LogQuery(**query), limit) for entry in some]

    assert await ids(0) == list(range(1, 25))
    assert await ids(3) == [22, 23, 24]
    assert await ids(100) == list(range(1, 25))
    assert await ids(2, user_id=1) == [19, 22]
    assert await ids(2, addon_id=1) == [21, 23]
    assert await ids(0, action="a0", addon_id=0) == [4, 8, 12, 16, 20, 24]
    assert await ids(0, since="2026-01-23T00:00:00Z") == [23, 24]
    assert await ids(0, since="2027-01-01T00:00:00Z") == []
