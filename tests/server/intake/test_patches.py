"""load --merge: what partial objects change, what they leave, what follows, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from conf.settings.settings import Settings
from server.activity_log import LogQuery, read_log
from server.basket.outbox import OUTBOX, Syncs
from server.changes import Changes
from server.intake.loader import Summary, merge
from server.intake.patch_records import read_patch
from server.intake.sources import Source
from server.storage.operations import Insert
from server.storage.store import Store
from tests.factories import make_addon, make_file, make_user, make_version
from tests.server.intake.load_into_store import RecordingReporter, write_lines

GUID = "tab-tree@example.org"
OLD = make_version(id=9, version="0.9", created="2023-01-01T00:00:00Z", files=[make_file(id=90)])
AWAITING = make_version(
    id=11, version="2.0", created="2025-01-01T00:00:00Z", files=[make_file(id=110, status="unreviewed")]
)
NEW = {
    "id": 12,
    "version": "3.0",
    "channel": "listed",
    "created": "2025-06-01T00:00:00Z",
    "modified": "2025-06-01T00:00:00Z",
    "files": [{"id": 120, "created": "2025-06-01T00:00:00Z"}],
}
FAILED = {"state": 3, "policies": ["p"], "comments": "c", "reviewed": None}


async def merged(store: Store, folder: Path, *records: Any) -> tuple[Summary, RecordingReporter]:
    reporter = RecordingReporter()
    changes = Changes(store, None, Syncs(Settings()))
    with Source(str(write_lines(folder / "partial", records)), read_patch) as source:
        return await merge([source], store, reporter, changes), reporter


async def log(store: Store) -> list[str]:
    return [entry["action"] async for entries in read_log(store, LogQuery(), 0) for entry in entries]


def ours(**fields: Any) -> dict[str, Any]:
    return {"kind": "addon", "_id": 1, **fields}


NAMED = [
    pytest.param({"kind": "addon", "_id": 1}, id="_id"),
    pytest.param({"kind": "addon", "guid": GUID}, id="guid"),
    pytest.param({"kind": "addon", "slug": "tab-tree"}, id="slug"),
    pytest.param({"id": 1}, id="AMO's id"),
    pytest.param({"guid": GUID}, id="AMO's guid"),
    pytest.param({"slug": "tab-tree"}, id="AMO's slug"),
]


@pytest.mark.parametrize("named", NAMED)
async def test_an_add_on_is_told_by_any_of_its_names(named: Any, store: Store, tmp_path: Path) -> None:
    await store.write([Insert("addons", make_addon())])
    summary, reporter = await merged(store, tmp_path, named | {"average_daily_users": 5})
    assert (summary.records, summary.change.changed, reporter.bad_records) == (1, 1, [])
    addon = await store.find_addon("id", 1)
    assert addon == make_addon(average_daily_users=5, revision=2, modified=addon and addon["modified"])
    again, _ = await merged(store, tmp_path, named | {"average_daily_users": 5})
    assert again.change.changed == 0


# What is stored beside the usual, the partial object, the fields it changes, the log, whether Basket hears.
CHANGES = [
    pytest.param(
        {},
        ours(name={"fr": "Onglets"}),
        {
            "name": {"en-US": "Tab Tree", "fr": "Onglets"},
            "content_review": {"state": 0, "policies": [], "comments": None, "reviewed": None},
        },
        ["property-edited"],
        True,
        id="translations merge",
    ),
    pytest.param(
        {"name": {"en-US": "Tab Tree", "fr": "Onglets"}},
        {"guid": GUID, "name": {"fr": None, "de": "Reiter"}},
        {"name": {"en-US": "Tab Tree", "fr": "Onglets", "de": "Reiter"}},
        ["property-edited"],
        True,
        id="AMO's null is no text",
    ),
    pytest.param(
        {"name": {"en-US": "Tab Tree", "fr": "Onglets"}},
        ours(name={"fr": None}),
        {"name": {"en-US": "Tab Tree"}},
        ["property-edited"],
        True,
        id="null takes a translation away",
    ),
    pytest.param(
        {"tags": ["a", "b"]},
        ours(tags=["b", "c"]),
        {"tags": ["b", "c"]},
        ["tag-added", "tag-removed"],
        False,
        id="lists are replaced",
    ),
    pytest.param(
        {},
        ours(ratings={"average": 1.0}, hotness=2.0),
        {"ratings": make_addon()["ratings"] | {"average": 1.0}, "hotness": 2.0},
        [],
        False,
        id="statistics are not logged",
    ),
    pytest.param(
        {}, {"id": 1, "ratings": {"average": 1.0}},
        {"ratings": make_addon()["ratings"] | {"average": 1.0}}, [], False, id="AMO's ratings merge",
    ),
    pytest.param({}, ours(slug="new"), {"slug": "new"}, ["slug-changed"], True, id="slug"),
    pytest.param({}, ours(status="disabled"), {"status": "disabled"}, ["status-changed"], True, id="status"),
    pytest.param(
        {}, {"guid": GUID, "status": "disabled"}, {"status": "disabled"}, ["status-changed"], True,
        id="AMO's takedown",
    ),
    pytest.param(
        {"versions": [AWAITING], "status": "nominated"},
        ours(disabled_by_user=True),
        {"disabled_by_user": True, "status": "incomplete", "versions": [AWAITING | {"is_disabled": True}]},
        ["disabled-by-developer", "status-changed"],
        True,
        id="disabled by its developer, and what awaits a review with it",
    ),
    pytest.param(
        {},
        ours(promoted=[{"group": "line", "apps": ["firefox"]}], region_exclusions=["DE"]),
        {"promoted": [{"group": "line", "apps": ["firefox"]}], "region_exclusions": ["DE"]},
        ["property-edited", "property-edited"],
        True,
        id="what no author writes",
    ),
    pytest.param(
        {"versions": [make_version(), OLD]},
        ours(versions=[{"id": 10, "is_disabled": True}]),
        {"versions": [make_version(is_disabled=True), OLD]},
        ["version-switched"],
        True,
        id="a version by its id",
    ),
    pytest.param(
        {},
        ours(versions=[{"id": 10, "files": [{"id": 100, "status": "disabled"}]}]),
        {"versions": [make_version(files=[make_file(status="disabled")])], "status": "incomplete"},
        ["status-changed"],
        True,
        id="a file by its id, and the status follows",
    ),
    pytest.param(
        {"status": "disabled"},
        ours(versions=[{"id": 10, "approval_notes": "Psst."}]),
        {"status": "disabled", "versions": [make_version(approval_notes="Psst.")]},
        [],
        False,
        id="what people gave as a status stays",
    ),
    pytest.param(
        {"authors": [{"user_id": 8, "role": "developer", "listed": False, "position": 0}]},
        {"id": 1, "authors": [{"id": 7, "name": "Ann"}]},
        {
            "authors": [
                {"user_id": 7, "role": "owner", "listed": True, "position": 0},
                {"user_id": 8, "role": "developer", "listed": False, "position": 1},
            ]
        },
        ["property-edited"],
        True,
        id="AMO's authors are the listed ones",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("before", "record", "changed", "actions", "synced"), CHANGES)
async def test_what_is_named_changes_as_the_api_would_change_it(
    before: Any, record: Any, changed: Any, actions: list[str], synced: bool, store: Store, tmp_path: Path
) -> None:
    await store.write([Insert("addons", make_addon(**before))])
    _, reporter = await merged(store, tmp_path, record)
    assert reporter.bad_records == []
    addon = await store.find_addon("id", 1)
    assert addon is not None
    assert addon == make_addon(**before, revision=2, modified=addon["modified"]) | changed
    assert addon["modified"] > make_addon()["modified"]
    assert sorted(await log(store)) == actions
    assert bool(await store.find(OUTBOX, {})) == synced


async def test_reviews_leave_their_notes_and_end_the_waiting(store: Store, tmp_path: Path) -> None:
    due = {"_id": 11, "addon_id": 1, "due": "2026-01-01T00:00:00Z", "reason": "review-requested"}
    addon = make_addon(versions=[AWAITING, make_version()])
    await store.write([Insert("addons", addon), Insert("review_due", due)])
    await merged(
        store,
        tmp_path,
        ours(versions=[{"id": 11, "files": [{"id": 110, "status": "public"}], "approval_notes": "Look."}]),
        ours(versions=[{"id": 10, "files": [{"id": 100, "status": "disabled"}]}]),
        ours(versions=[NEW]),
    )
    notes = await store.find("notes", {}, sort=[("_id", 1)])
    assert [(note["action"], note["version_id"]) for note in notes] == [
        ("notes-for-reviewers-changed", 11),
        ("approved", 11),
        ("rejected", 10),
    ]
    assert await store.find("review_due", {}) == []
    stored = await store.find_addon("id", 1)
    assert stored is not None
    assert [version["id"] for version in stored["versions"]] == [12, 11, 10], "newest first"
    assert await log(store) == ["version-added"]


async def test_the_end_of_a_rejection_is_a_reviewers(store: Store, tmp_path: Path) -> None:
    await store.write([Insert("addons", make_addon(status="rejected", content_review=FAILED))])
    await merged(store, tmp_path, ours(status="public"))
    addon = await store.find_addon("id", 1)
    assert addon and addon["content_review"]["state"] == 2
    assert [note["action"] for note in await store.find("notes", {})] == ["rejected-listing-approved"]


async def test_deleting_is_the_apis(store: Store, tmp_path: Path) -> None:
    await store.write([Insert("addons", make_addon())])
    await merged(store, tmp_path, ours(status="deleted"))
    addon = await store.find_addon("id", 1)
    assert addon and (addon["slug"], addon["versions"][0]["deleted"]) == (None, True)
    assert await log(store) == ["addon-deleted"]


async def test_an_account_is_merged_too(store: Store, tmp_path: Path) -> None:
    await store.write([Insert("users", make_user())])
    await merged(
        store, tmp_path, {"kind": "user", "username": "ann", "location": "Oslo", "biography": {"fr": "x"}}
    )
    [user] = await store.find("users", {})
    assert user == make_user(location="Oslo", biography={"fr": "x"}, revision=2, modified=user["modified"])
    assert [record["_id"] for record in await store.find(OUTBOX, {})] == ["user:7"]


REFUSED = [
    pytest.param(ours(sttaus="disabled"), "unknown key: sttaus, did you mean status?", id="a slip"),
    pytest.param({"id": 1, "sttaus": "x"}, "unknown key: sttaus, did you mean status?", id="AMO's slip"),
    pytest.param(
        ours(versions=[{"id": 10, "is_disable": True}]),
        "unknown key: versions[0].is_disable, did you mean is_disabled?",
        id="a slip inside",
    ),
    pytest.param(ours(versions=[{"is_disabled": True}]), "no version id", id="a version without id"),
    pytest.param(
        ours(versions=[{"id": 10, "files": [{"status": "public"}]}]), "no file id", id="a file without id"
    ),
    pytest.param(ours(tags="music"), "$.tags: expected array, got str", id="no list"),
    pytest.param(ours(name="Tab"), "$.name: expected object | null, got str", id="no translations"),
    pytest.param(ours(status="nonsense"), "unknown status: 'nonsense'", id="no status"),
    pytest.param({"id": 1, "status": "x"}, "unknown status: 'x'", id="AMO's no status"),
    pytest.param({"kind": "addon", "_id": 2}, "there is no addon with _id 2", id="not there"),
    pytest.param({"guid": "x@y"}, "there is no addon with guid 'x@y'", id="AMO's not there"),
    pytest.param({"kind": "addon", "_id": {"$gt": 0}}, "_id is no whole number from 1 up", id="no id"),
    pytest.param({"name": "x"}, "does not say which addon: none of _id, id, guid, slug", id="nameless"),
    pytest.param({"kind": "rating", "_id": 1}, "add-ons and users can be merged, not 'rating'", id="kind"),
    pytest.param([1], "not an object: 1", id="no object"),
    pytest.param(ours(name={"en-US": None}), '"en-US" is required', id="a rule"),
    pytest.param({"slug": {"$gt": ""}}, "bad slug: {'$gt': ''}", id="no slug"),
    pytest.param(ours(slug="taken"), "slug 'taken' is taken by addon 3", id="taken"),
    pytest.param(ours(versions=[{"id": 13}]), "$.versions[1]: object missing required field", id="half"),
    pytest.param({"kind": "addon", "_id": 4, "tags": []}, "add-on 4 is deleted", id="deleted"),
    pytest.param(
        {"kind": "addon", "_id": 3, "status": "public"},
        "add-on 3 cannot be public: no listed version of it is approved",
        id="nothing to show",
    ),
    pytest.param({"kind": "user", "_id": 7, "deleted": True}, "run.py user delete", id="account"),
    pytest.param(
        {"kind": "user", "_id": 7, "permissions": ["x"]}, "'x' is not a permission", id="permission"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("record", "reason"), REFUSED)
async def test_what_cannot_be_is_named_and_the_rest_is_done(
    record: Any, reason: str, store: Store, tmp_path: Path
) -> None:
    other = make_addon(_id=3, guid="3@x", slug="taken", status="nominated", versions=[])
    gone = make_addon(_id=4, guid="4@x", slug=None, status="deleted")
    documents = (make_addon(), other, gone)
    await store.write([*(Insert("addons", one) for one in documents), Insert("users", make_user())])
    good = {"kind": "addon", "_id": 3, "hotness": 3.0}
    summary, reporter = await merged(store, tmp_path, good, record, ours(hotness=1.0))
    [(location, fault)] = reporter.bad_records
    assert reason in fault
    assert location.endswith("partial:2")
    assert (summary.records, summary.bad) == (2, 1)
    stored = [await store.find_addon("id", id) for id in (1, 3)]
    assert [addon and addon["hotness"] for addon in stored] == [1.0, 3.0]
    assert await log(store) == []
