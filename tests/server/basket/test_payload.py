"""What is sent and what causes it (contract/basket.md 3, 4, 6.2 and 9).

Rules: contract/basket.md 5, 6 and 6.1.
"""

from typing import Any

import pytest

from server.basket.payload import addon_payload, addon_synced, user_payload, user_synced
from tests.factories import make_addon, make_file, make_user, make_version

SIXTEEN = {
    *("id", "authors", "guid", "name", "default_locale", "slug", "type", "status", "is_disabled"),
    *("latest_unlisted_version", "current_version", "last_updated", "ratings", "categories"),
    *("average_daily_users", "is_recommended"),
}
SEVEN = {"id", "deleted", "display_name", "homepage", "fxa_id", "last_login", "location"}
ANN = make_user(_id=7, homepage="", fxa_id="f" * 32)
UNLISTED = make_version(id=11, version="1.1", channel="unlisted", created="2024-03-01T00:00:00Z")


def test_user_has_seven_keys_and_no_email() -> None:
    assert set(user_payload(ANN)) == SEVEN
    assert user_payload(ANN)["homepage"] == ""
    assert user_payload(make_user(display_name=None))["display_name"] is None


def test_addon_has_sixteen_keys() -> None:
    payload = addon_payload(make_addon(), {7: ANN})
    assert set(payload) == SIXTEEN
    assert payload["authors"] == [user_payload(ANN)]
    assert set(payload["ratings"]) == {"average", "bayesian_average", "count", "text_count"}
    assert payload["categories"] == {"firefox": ["tabs"]}
    expected = {"id", "compatibility", "is_strict_compatibility_enabled", "version"}
    assert set(payload["current_version"]) == expected
    assert payload["latest_unlisted_version"] is None


@pytest.mark.parametrize(
    ("fields", "key", "value"),
    [
        ({"default_locale": "fr", "name": {"en-US": "Tree", "fr": "Arbre"}}, "name", "Arbre"),
        pytest.param({"name": None}, "name", "", id="no-name-is-empty-never-None"),
        ({"disabled_by_user": True}, "is_disabled", True),
        ({"status": "disabled"}, "is_disabled", True),
        ({"promoted": [{"group": "recommended", "apps": ["firefox"]}]}, "is_recommended", True),
        ({"promoted": [{"group": "line", "apps": ["firefox"]}]}, "is_recommended", False),
        ({"authors": []}, "authors", []),
        ({"status": "deleted", "slug": None}, "status", "deleted"),
        ({"status": "deleted", "slug": None}, "current_version", None),
        ({"versions": []}, "current_version", None),
    ],
)
def test_addon_values(fields: dict[str, Any], key: str, value: Any) -> None:
    assert addon_payload(make_addon(**fields), {7: ANN})[key] == value


def test_unlisted_and_unreviewed_versions_are_always_sent() -> None:
    waiting = {**UNLISTED, "files": [make_file(status="unreviewed")]}
    payload = addon_payload(make_addon(versions=[waiting, make_version()]), {})
    assert payload["latest_unlisted_version"]["id"] == 11
    assert payload["current_version"]["id"] == 10


def test_unlisted_authors_in_position_order() -> None:
    authors = [
        {"user_id": 8, "role": "developer", "listed": False, "position": 1},
        {"user_id": 7, "role": "owner", "listed": True, "position": 0},
    ]
    payload = addon_payload(make_addon(authors=authors), {7: ANN, 8: make_user(_id=8)})
    assert [author["id"] for author in payload["authors"]] == [7, 8]


NEW_AUTHOR = {"user_id": 8, "role": "developer", "listed": True, "position": 1}
OWNER = {"user_id": 7, "role": "owner", "listed": True, "position": 0}


@pytest.mark.parametrize(
    ("change", "synced"),
    [
        ({"slug": "other"}, True),
        ({"status": "nominated"}, True),
        ({"default_locale": "fr"}, True),
        ({"disabled_by_user": True}, True),
        ({"name": {"en-US": "Tab Tree", "fr": "Arbre"}}, True),
        ({"categories": {"firefox": ["other"]}}, True),
        ({"promoted": [{"group": "recommended", "apps": ["firefox"]}]}, True),
        ({"versions": [make_version(version="1.0.1")]}, True),
        ({"versions": [make_version(compatibility={"firefox": {"min": "60.0", "max": "*"}})]}, True),
        ({"versions": [make_version(is_strict_compatibility_enabled=True)]}, True),
        ({"versions": [make_version(), UNLISTED]}, True),
        ({"authors": [OWNER, NEW_AUTHOR]}, True),
        ({"authors": []}, True),
        ({"authors": [{**OWNER, "listed": False}]}, False),
        ({"authors": [{**OWNER, "role": "developer"}]}, False),
        ({"authors": [{**OWNER, "position": 3}]}, False),
        ({"average_daily_users": 9}, False),
        ({"last_updated": "2026-01-01T00:00:00Z"}, False),
        ({"ratings": {**make_addon()["ratings"], "count": 99}}, False),
        ({"description": {"en-US": "Other"}}, False),
        ({"tags": ["music"]}, False),
        ({"icons": {"64": "x.png"}}, False),
        ({}, False),
    ],
    ids=str,
)
def test_triggers_of_an_addon(change: dict[str, Any], synced: bool) -> None:
    assert addon_synced(make_addon(), make_addon(**change)) is synced


def test_counts_cause_a_sync_only_where_the_setting_says_so() -> None:
    assert addon_synced(make_addon(), make_addon(average_daily_users=9), counts=True)


def test_nothing_follows_a_deletion() -> None:
    deleted = make_addon(status="deleted", slug=None)
    assert addon_synced(make_addon(), deleted)
    assert not addon_synced(deleted, {**deleted, "authors": []})


@pytest.mark.parametrize(
    ("change", "synced"),
    [
        ({"display_name": "B"}, True),
        ({"homepage": "https://example.org/"}, True),
        ({"fxa_id": None}, True),
        ({"last_login": "2026-01-01T00:00:00Z"}, True),
        ({"location": "Here"}, True),
        ({"deleted": True}, True),
        ({"email": "other@example.org"}, False),
        ({"biography": {"en-US": "x"}}, False),
        ({"occupation": "x"}, False),
        ({"picture": "x.png"}, False),
        ({"auth_id": "1" * 32}, False),
    ],
    ids=str,
)
def test_triggers_of_a_user(change: dict[str, Any], synced: bool) -> None:
    assert user_synced(ANN, {**ANN, **change}) is synced  # type: ignore[typeddict-item]
