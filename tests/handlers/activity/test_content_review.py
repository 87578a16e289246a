"""Listing content review: states, access, requests, decisions (contract/activity.md 2)."""

from typing import Any

import pytest

from tests.client import Answer, Client
from tests.handlers.activity import reviewed_addons
from tests.handlers.activity.reviewed_addons import BARE, NOT_REJECTED, REJECTED, REQUESTED
from tests.handlers.addons.visibility import EVERYBODY, authorization
from tests.sweep import sweep

FIELD = "has_requested_review"


def path(addon: object, version: str = "v5") -> str:
    return f"/api/{version}/addons/addon/{addon}/listingcontentreview/"


def get(world: Client, role: str, addon: object) -> Answer:
    return world.get(path(addon), headers=authorization(role))


def patch(world: Client, role: str, addon: object, body: Any) -> Answer:
    return world.patch(path(addon), headers=authorization(role), json_body=body)


def decide(world: Client, role: str, addon: object, body: Any) -> Answer:
    return world.post(path(addon) + "decision/", headers=authorization(role), json_body=body)


def state(
    rejected: bool, can: bool, has: bool, policies: list[str] | None = None, comments: Any = None
) -> Any:
    return {
        "is_rejected": rejected,
        "can_request_review": can,
        "has_requested_review": has,
        "policies": policies or [],
        "comments": comments,
    }


NONE = state(False, False, False)


@sweep("version", ["v3", "v4"])
def test_of_the_newest_version_alone(world: Client, version: str) -> None:
    for method in ("GET", "PATCH"):
        assert world.request(method, path(REJECTED, version), headers=authorization("a")).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods(world: Client, method: str) -> None:
    assert world.request(method, path(REJECTED), headers=authorization("a")).status == 405


class TestAccess:
    def test_read_by_authors_and_reviewers(self, world: Client) -> None:
        for role in EVERYBODY:
            answer = get(world, role, REJECTED)
            assert answer.status == (200 if role in "ahlcv*" else 401 if role == "-" else 403), role
            if answer.status != 200:
                assert len(answer.json) == 3

    def test_requested_by_authors(self, world: Client) -> None:
        for role in EVERYBODY:
            answer = patch(world, role, REJECTED, {})
            assert answer.status == (400 if role in "ah" else 401 if role == "-" else 403), role

    def test_decided_by_content_reviewers(self, world: Client) -> None:
        for role in EVERYBODY:
            answer = decide(world, role, REJECTED, {})
            assert answer.status == (400 if role in "c*" else 401 if role == "-" else 403), role

    @pytest.mark.parametrize("decision", ["approve", "reject"])
    @pytest.mark.parametrize("role", ["c", "*"])
    def test_not_decided_by_its_authors(self, world: Client, role: str, decision: str) -> None:
        assert decide(world, role, reviewed_addons.OWN_REJECTED, {"decision": decision}).status == 403
        assert get(world, role, reviewed_addons.OWN_REJECTED).json == state(
            True, False, True, [], "Too loud."
        )

    def test_by_slug_and_guid(self, world: Client) -> None:
        for name in (f"activity-{REJECTED}", f"activity-{REJECTED}@example.org"):
            assert get(world, "a", name).status == 200

    def test_deleted(self, world: Client) -> None:
        assert [get(world, role, reviewed_addons.DELETED).status for role in "al*"] == [404, 404, 200]
        assert patch(world, "a", reviewed_addons.DELETED, {FIELD: True}).status == 404
        assert decide(world, "*", reviewed_addons.DELETED, {"decision": "approve"}).status == 404


class TestStates:
    @pytest.mark.parametrize(
        ("addon", "shown"),
        [
            pytest.param(NOT_REJECTED, NONE, id="not rejected"),
            pytest.param(REQUESTED, state(True, False, True, [], "Too loud."), id="requested"),
            pytest.param(BARE, state(True, True, False), id="rejected elsewhere"),
            pytest.param(REJECTED, state(True, True, False, ["No noise."], "Too loud."), id="rejected"),
        ],
    )
    def test_shown(self, world: Client, addon: int, shown: Any) -> None:
        answer = get(world, "h", addon)
        assert (answer.status, answer.json) == (200, shown)


class TestRequest:
    @pytest.mark.parametrize(
        ("body", "text"),
        [
            ({}, "This field is required."),
            ({FIELD: None}, "This field may not be null."),
            ({FIELD: "true"}, "Must be a valid boolean."),
            ({FIELD: "  "}, "Must be a valid boolean."),
            ({FIELD: 1}, "Must be a valid boolean."),
            ({FIELD: False}, '"false" is not a valid choice.'),
        ],
        ids=str,
    )
    def test_refused(self, world: Client, body: Any, text: str) -> None:
        for addon in (REJECTED, NOT_REJECTED):
            answer = patch(world, "a", addon, body)
            assert (answer.status, answer.json) == (400, {FIELD: [text]})

    def test_not_rejected(self, world: Client) -> None:
        answer = patch(world, "a", NOT_REJECTED, {FIELD: True})
        text = "This add-on's listing has not been rejected."
        assert (answer.status, answer.json) == (400, {FIELD: [text]})

    @pytest.mark.parametrize("addon", [REJECTED, BARE, REQUESTED])
    def test_accepted_and_repeated(self, world: Client, addon: int) -> None:
        for _ in range(2):
            answer = patch(world, "h", addon, {FIELD: True})
            assert (answer.status, answer.json["can_request_review"], answer.json[FIELD]) == (
                202,
                False,
                True,
            )
            assert get(world, "a", addon).json == answer.json


class TestDecision:
    def test_whole_round(self, world: Client) -> None:
        """Rejected, edited, asked again, rejected again, approved."""
        addon = reviewed_addons.MAIN
        detail = f"/api/v5/addons/addon/{addon}/"
        body = {"decision": "reject", "policies": ["No noise."], "comments": "Too loud."}
        answer = decide(world, "c", addon, body)
        assert (answer.status, answer.json) == (200, state(True, True, False, ["No noise."], "Too loud."))
        assert world.get(detail).status == 401  # no longer public
        edited = world.patch(detail, headers=authorization("a"), json_body={"summary": {"en-US": "Quiet."}})
        assert edited.status == 200, edited.body
        assert get(world, "a", addon).json["can_request_review"]  # editing alone re-opens nothing
        assert patch(world, "a", addon, {FIELD: True}).json[FIELD]
        answer = decide(world, "c", addon, {"decision": "reject"})
        assert answer.json == state(True, True, False)
        assert decide(world, "c", addon, {"decision": "approve"}).json == NONE
        assert world.get(detail).json["status"] == "public"

    def test_disabled_stays_so(self, world: Client) -> None:
        assert decide(world, "c", reviewed_addons.DISABLED, {"decision": "reject"}).json == NONE
        answer = patch(world, "a", reviewed_addons.DISABLED, {FIELD: True})
        assert answer.status == 400

    @pytest.mark.parametrize("body", [{}, {"decision": "x"}, {"decision": "reject", "policies": [1, None]}])
    def test_refused(self, world: Client, body: Any) -> None:
        assert decide(world, "c", NOT_REJECTED, body).status == 400
