"""Which change is which event (contract/webhooks.md 2)."""

from typing import Any

from server.rules.review.reviews import approve_version, reject_version
from server.rules.versions import with_file_status
from server.webhooks.events import TYPES, Event, change_events, is_event_name, matches, rating_events
from tests.factories import make_addon, make_file, make_user, make_version

NOW = "2026-11-28T00:00:00Z"
WAITING = with_file_status(make_version(reviewed=None), "unreviewed")
LISTED = make_addon()
AWAITS = make_addon(versions=[WAITING], status="nominated")
SECOND = make_version(id=11, version="2.0", files=[make_file(id=101, status="unreviewed")], reviewed=None)
DELETED = make_addon(status="deleted", slug=None)


def changed_version(**fields: Any) -> Any:
    return make_addon(versions=[make_version(**fields)])


# What an add-on was, what it is, and what is told.
ADDONS: list[tuple[Any, Any, list[str]]] = [
    (None, AWAITS, ["addon.created", "version.submitted"]),
    (None, LISTED, ["addon.created", "version.submitted", "version.approved"]),
    (LISTED, LISTED, []),
    (LISTED, make_addon(summary={"en-US": "Other."}), ["addon.updated"]),
    (LISTED, make_addon(average_daily_users=5, hotness=1.0, modified=NOW, last_updated=NOW), []),
    (LISTED, make_addon(reviewer_flags={"needs_admin_code_review": True}), []),
    (LISTED, make_addon(status="disabled"), ["addon.status_changed"]),
    (LISTED, make_addon(disabled_by_user=True), ["addon.status_changed"]),
    (LISTED, DELETED, ["addon.deleted"]),
    (DELETED, make_addon(status="deleted", slug=None, authors=[]), []),
    (LISTED, make_addon(versions=[SECOND, make_version()]), ["version.submitted"]),
    (LISTED, changed_version(release_notes={"en-US": "New."}), ["version.updated"]),
    (LISTED, changed_version(is_disabled=True), ["version.updated"]),
    (LISTED, changed_version(modified=NOW), []),
    (LISTED, changed_version(deleted=True), ["version.deleted"]),
    (LISTED, make_addon(versions=[]), ["version.deleted"]),
    (AWAITS, approve_version(AWAITS, 10, NOW), ["addon.status_changed", "version.approved"]),
    (AWAITS, reject_version(AWAITS, 10, NOW), ["addon.status_changed", "version.rejected"]),
    (LISTED, reject_version(LISTED, 10, NOW), ["addon.status_changed", "version.rejected"]),
]
ACCOUNTS: list[tuple[Any, Any, list[str]]] = [
    (None, make_user(), ["account.created"]),
    (make_user(), make_user(last_login=NOW, auth_id="1" * 32, modified=NOW), []),
    (make_user(), make_user(banned=True), ["account.updated"]),
    (make_user(), make_user(deleted=True, display_name=None), ["account.deleted"]),
    (make_user(deleted=True), make_user(deleted=True, email=None), []),
]


def test_a_change_is_these_events() -> None:
    rows = [("addon", *row) for row in ADDONS] + [("user", *row) for row in ACCOUNTS]
    actual_types = [[event.type for event in change_events(kind, old, new)] for kind, old, new, _ in rows]
    wrong = [(number, actual) for number, actual in enumerate(actual_types) if actual != rows[number][3]]
    assert wrong == []
    assert {type for actual in actual_types for type in actual} | {
        t for t in TYPES if t.startswith("rating.")
    } == {*TYPES}


def test_what_is_told_says_what_it_is_about() -> None:
    old = make_addon(revision=3)
    [event] = change_events("addon", old, make_addon(status="deleted", slug=None, revision=4))
    about = {"id": 1, "guid": "tab-tree@example.org", "slug": "tab-tree", "type": "extension"}
    assert event == Event(
        "addon.deleted", {"addon": {**about, "status": "deleted", "is_disabled": False, "revision": 4}}
    )
    [event] = change_events("addon", old, make_addon(summary=None, tags=["x"], revision=4))
    assert event.data["changed"] == ["summary", "tags"]
    [event] = change_events("addon", old, make_addon(disabled_by_user=True))
    assert event.data["previous"] == {"status": "public", "is_disabled": False}
    [event] = change_events("addon", AWAITS, approve_version(AWAITS, 10, NOW) | {"status": "nominated"})
    assert event.data["version"] == {"id": 10, "version": "1.0", "channel": "listed"}


def test_ratings_are_told_of_by_their_records() -> None:
    record = {
        "action": "rating-added",
        "addon_id": 1,
        "details": {"rating": 5, "score": 4, "body": "Secret."},
    }
    [event] = rating_events(record)
    assert event == Event("rating.created", {"rating": {"id": 5, "score": 4, "addon_id": 1}})
    assert rating_events({"action": "slug-changed", "details": {}}) == []


def test_nothing_that_a_person_wrote_is_in_an_event() -> None:
    texts = ["Ann", "ann@example.org", "Tabs in a tree.", "Other."]
    rows = [("addon", *row) for row in ADDONS] + [("user", *row) for row in ACCOUNTS]
    actual = repr([change_events(kind, old, new) for kind, old, new, _ in rows])
    assert [text for text in texts if text in actual] == []


def test_what_endpoints_ask_for() -> None:
    assert matches([], "addon.created") and matches(["addon.*"], "addon.created")
    assert matches(["rating.created", "addon.created"], "addon.created")
    assert not matches(["version.*", "addon.deleted"], "addon.created")
    names = ["addon.created", "addon.*", "*", "addon", "addon.nothing", "webhook.test", ""]
    assert [name for name in names if is_event_name(name)] == ["addon.created", "addon.*"]
