"""What reviewers do, and what follows for status and content review (contract/activity.md 2)."""

from typing import Any

import pytest

from conf.model.addons import AddonDoc
from server.rules.review import reviews
from tests.factories import make_addon, make_file, make_version

NOW = "2026-05-06T07:08:09Z"
AWAITING = make_version(
    id=11, version="2.0", created="2025-01-01T00:00:00Z", files=[make_file(status="unreviewed")]
)
PROMOTED = [{"group": "recommended", "apps": ["firefox"]}]


def addon_in(state: int, **fields: Any) -> AddonDoc:
    review = {"state": state, "policies": ["p"], "comments": "c", "reviewed": None}
    return make_addon(content_review=review, **fields)


def test_the_first_approved_listed_version_makes_an_addon_public() -> None:
    addon = reviews.approve_version(make_addon(status="nominated", versions=[AWAITING]), 11, NOW)
    assert (addon["status"], addon["last_updated"], addon["modified"]) == ("public", NOW, NOW)
    [version] = addon["versions"]
    assert (version["files"][0]["status"], version["reviewed"], version["human_reviewed"]) == (
        "public",
        NOW,
        True,
    )


def test_an_unlisted_approval_is_no_matter_of_the_listing() -> None:
    before = make_addon(status="incomplete", versions=[AWAITING | {"channel": "unlisted"}])
    addon = reviews.approve_version(before, 11, NOW)
    assert (addon["status"], addon["last_updated"]) == ("incomplete", before["last_updated"])


@pytest.mark.parametrize(("human", "approvals"), [(True, PROMOTED), (False, [])])
def test_a_persons_approval_covers_the_promoted_groups(human: bool, approvals: Any) -> None:
    before = make_addon(promoted=PROMOTED, versions=[AWAITING | {"approvals": []}])
    [version] = reviews.approve_version(before, 11, NOW, human=human)["versions"]
    assert (version["approvals"], version["human_reviewed"]) == (approvals, human)


@pytest.mark.parametrize(("state", "after"), [(0, 2), (1, 2), (2, 2), (3, 3), (4, 4)])
def test_a_persons_approval_passes_the_content_unless_it_was_rejected(state: int, after: int) -> None:
    addon = reviews.approve_version(addon_in(state, versions=[AWAITING]), 11, NOW)
    assert addon["content_review"]["state"] == after


@pytest.mark.parametrize(
    ("before", "version_id", "status"),
    [
        (make_addon(status="nominated", versions=[AWAITING]), 11, "incomplete"),
        (make_addon(versions=[AWAITING, make_version()]), 11, "public"),
        (make_addon(versions=[AWAITING, make_version()]), 10, "nominated"),
        (make_addon(), 10, "incomplete"),
        (make_addon(status="disabled"), 10, "disabled"),
    ],
)
def test_a_rejected_version_takes_its_part_of_the_status(
    before: AddonDoc, version_id: int, status: str
) -> None:
    addon = reviews.reject_version(before, version_id, NOW)
    assert addon["status"] == status
    [rejected] = [version for version in addon["versions"] if version["id"] == version_id]
    assert rejected["files"][0]["status"] == "disabled"


@pytest.mark.parametrize(
    ("status", "after"), [("public", "rejected"), ("nominated", "rejected"), ("disabled", "disabled")]
)
def test_a_rejected_listing(status: str, after: str) -> None:
    addon = reviews.reject_listing(addon_in(2, status=status), ["spam"], "No.", NOW)
    assert addon["status"] == after
    assert addon["content_review"] == {"state": 3, "policies": ["spam"], "comments": "No.", "reviewed": None}


@pytest.mark.parametrize(
    ("versions", "status"),
    [([make_version()], "public"), ([AWAITING], "nominated"), ([], "incomplete")],
)
def test_an_approved_listing_has_the_status_of_its_versions(versions: Any, status: str) -> None:
    addon = reviews.approve_listing(addon_in(4, status="rejected", versions=versions), NOW)
    assert addon["status"] == status
    assert addon["content_review"] == {"state": 2, "policies": [], "comments": None, "reviewed": NOW}


@pytest.mark.parametrize(
    ("status", "state", "after"),
    [("rejected", 3, 4), ("rejected", 4, 4), ("public", 2, 2), ("public", 3, 3)],
)
def test_another_look_is_asked_for_once(status: str, state: int, after: int) -> None:
    before = addon_in(state, status=status)
    addon = reviews.request_listing_review(before, NOW)
    assert addon["content_review"]["state"] == after
    assert (addon is before) == (state == after)
