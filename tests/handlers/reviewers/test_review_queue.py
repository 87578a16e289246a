"""Versions that need human review, and their due dates (contract/reviewers.md 8)."""

from typing import Any

import orjson

from tests.handlers.reviewers.reviewers_server import LATE, MANAGER, UNLISTED, Reviewing, act
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, Api
from tests.handlers.writable_server import OWNER, REVIEWER

ACTIONS = ("due_date", "set_needs_human_review", "clear_pending_rejections")
AWAITING, PUBLIC = 12, 9  # add-ons; their versions' ids are ten times theirs


def due(desk: Reviewing, version_id: int) -> Any:
    """The stored due date of the version."""
    lines = map(orjson.loads, desk.shell("dump").splitlines())
    return next((one for one in lines if one["kind"] == "review_due" and one["_id"] == version_id), None)


def test_who_may(api: Api) -> None:
    for action in ACTIONS:
        assert act(api, AWAITING, action, None, {}).json == NOT_AUTHENTICATED
        for user in (OWNER, REVIEWER, UNLISTED):
            assert act(api, AWAITING, action, user, {}).json == FORBIDDEN
        for number in (15, 999_999):
            assert act(api, number, action, MANAGER, {"version": 1, "due_date": LATE}).json == NOT_FOUND


def test_the_day(desk: Reviewing) -> None:
    for version in ("v3", "v4", "v5"):
        body = {"version": AWAITING * 10, "due_date": LATE}
        answer = act(desk.api, AWAITING, "due_date", body=body, version=version)
        assert (answer.status, answer.body) == (202, b"")
    assert due(desk, AWAITING * 10)["due"] == LATE
    answer = act(desk.api, AWAITING, "set_needs_human_review", body={"version": AWAITING * 10})
    assert (answer.status, answer.json) == (202, {"due_date": LATE}), "it had one"
    first = act(desk.api, PUBLIC, "set_needs_human_review", body={"version": PUBLIC * 10})
    assert (first.status, first.json) == (202, {"due_date": due(desk, PUBLIC * 10)["due"]})
    assert act(desk.api, PUBLIC, "due_date", body={"version": PUBLIC * 10, "due_date": LATE}).status == 202
    assert act(desk.api, PUBLIC, "clear_pending_rejections").status == 202


def test_faults(api: Api) -> None:
    required = ["This field is required."]
    unknown = {"version": ["Version not found."]}
    rows: list[tuple[int, str, Any, Any]] = [
        (AWAITING, "due_date", {}, {"version": required, "due_date": required}),
        (AWAITING, "due_date", {"version": 1, "due_date": LATE}, unknown),
        (
            AWAITING,
            "due_date",
            {"version": "x", "due_date": LATE},
            {"version": ["A valid integer is required."]},
        ),
        (AWAITING, "due_date", {"version": 120, "due_date": "soon"}, None),
        (3, "due_date", {"version": 30, "due_date": LATE}, None),
        (AWAITING, "set_needs_human_review", {}, {"version": required}),
        (AWAITING, "set_needs_human_review", {"version": 130}, unknown),
    ]
    for number, action, body, faults in rows:
        answer = act(api, number, action, body=body)
        assert answer.status == 400 and faults in (None, answer.json), (action, body)
