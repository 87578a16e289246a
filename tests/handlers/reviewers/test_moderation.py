"""Actions of review administrators on add-ons, and their effects (contract/reviewers.md 1, 2, 9)."""

import json
from typing import Any

import pytest

from server.rules.review.reviewer_flags import FLAGS, is_held
from tests.factories import make_addon
from tests.handlers.reviewers.reviewers_server import (
    LATE,
    MANAGER,
    PAST,
    THEMES,
    TOOL,
    UNLISTED,
    Reviewing,
    act,
    decide,
    described,
    submitted,
)
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, Api
from tests.handlers.signing_client import Signer
from tests.handlers.upload_client import upload
from tests.handlers.writable_server import ADMIN, OWNER, REVIEWER, SUBMITTER
from tests.packages import package

# Flags, and whether they hold a listed and an unlisted version back.
HELD: list[tuple[dict[str, Any], bool, bool]] = [
    ({}, False, False),
    ({"auto_approval_disabled": True}, True, False),
    ({"auto_approval_disabled_unlisted": True}, False, True),
    ({"auto_approval_disabled_until_next_approval": True}, True, False),
    ({"auto_approval_disabled_until_next_approval_unlisted": True}, False, True),
    ({"auto_approval_delayed_until": LATE}, True, False),
    ({"auto_approval_delayed_until_unlisted": LATE}, False, True),
    ({"auto_approval_delayed_until": PAST, "auto_approval_delayed_until_unlisted": PAST}, False, False),
    ({"needs_admin_code_review": True}, True, True),
    ({"needs_admin_content_review": True, "needs_admin_theme_review": True}, False, False),
]
BOOLEANS = [name for name in FLAGS if "until" not in name or "next" in name][:-1]
GUID = "addon8@example.org"
TAKEN = {"version": ["Duplicate add-on ID found."]}


def test_what_holds_a_version_back() -> None:
    for flags, listed, unlisted in HELD:
        flagged = make_addon(reviewer_flags=flags)
        held = [is_held(flagged, channel, "2026-01-01T00:00:00Z") for channel in ("listed", "unlisted")]
        assert held == [listed, unlisted], flags


def test_who_may(api: Api) -> None:
    for version in ("v3", "v4", "v5"):
        for action in ("flags", "enable", "disable", "allow_resubmission", "deny_resubmission"):
            for number in (1, 999_999):
                where = (version, action, number)
                assert act(api, number, action, None, version=version).json == NOT_AUTHENTICATED, where
                for user in (OWNER, REVIEWER, UNLISTED, THEMES):
                    answer = act(api, number, action, user, version=version)
                    assert (answer.status, answer.json) == (403, FORBIDDEN), where
            assert act(api, 999_999, action, version=version).json == NOT_FOUND, (version, action)
            assert api.ask("POST", version, f"reviewers/addon/slug-1/{action}/", MANAGER).status == 404
            assert api.ask("GET", version, f"reviewers/addon/1/{action}/", MANAGER).status == 405
    for action in ("flags", "enable", "disable"):
        assert act(api, 15, action).json == NOT_FOUND, "of what is deleted"


class TestFlags:
    def test_those_sent_change_and_all_are_told(self, api: Api, desk: Reviewing) -> None:
        none: dict[str, Any] = {name: False if name in BOOLEANS else None for name in FLAGS}
        flags = {name: value for name, value in none.items() if name != "pending_info_request"}
        assert act(api, 1, "flags", body={}).json == flags
        assert act(api, 1, "flags", body={}, version="v3").json == none
        for name in flags:
            value = True if name in BOOLEANS else LATE
            flags[name] = value
            answer = act(api, 1, "flags", body={name: value, "unknown": 1, "pending_info_request": LATE})
            assert (answer.status, answer.json) == (200, flags), name
        dates = {
            "auto_approval_delayed_until": None,
            "auto_approval_delayed_until_unlisted": "2030-01-02T03:04+02:00",
        }
        answer = act(api, 1, "flags", ADMIN, dates, version="v4").json
        assert (answer["auto_approval_delayed_until"], answer["auto_approval_delayed_until_unlisted"]) == (
            None,
            "2030-01-02T01:04:00Z",
        )
        entry = desk.log(1)["reviewer-flags-changed"]
        assert (entry["user_id"], entry["details"]["new"]["auto_approval_delayed_until"]) == (
            ADMIN["_id"],
            None,
        )

    def test_faults(self, api: Api) -> None:
        format_ = (
            "Datetime has wrong format. Use one of these formats instead: "
            "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
        )
        value: Any
        for name in FLAGS:
            for value in ("soon", [], {}, 2) if name in BOOLEANS else ("soon", [], {}, 2, True, "2020-01-02"):
                message = "Must be a valid boolean." if name in BOOLEANS else format_
                answer = act(api, 2, "flags", body={name: value}, version="v3")
                assert (answer.status, answer.json) == (400, {name: [message]}), (name, value)
        assert act(api, 2, "flags", body={BOOLEANS[0]: None}).json == {
            BOOLEANS[0]: ["This field may not be null."]
        }

    def test_a_request_for_information_is_a_note(self, api: Api, desk: Reviewing) -> None:
        assert act(api, 3, "flags", body={"pending_info_request": LATE}, version="v3").status == 200
        assert desk.log(3)["information-request-altered"]["user_id"] == MANAGER["_id"]
        act(api, 3, "flags", body={"pending_info_request": None}, version="v3")
        assert "information-request-removed" in desk.log(3)

    def test_what_the_server_approves_by_itself(self, api: Api) -> None:
        """Of unlisted versions, flag by flag; of uploads that validation has nothing against, one of each."""
        for number, (flags, listed, unlisted) in enumerate(HELD, 20):
            assert act(api, number, "flags", body=flags).status == 200
            created = submitted(api, number, "unlisted", "2.0")
            assert created["file"]["status"] == ("unreviewed" if unlisted else "public"), flags
            if number in (21, 22):
                uuid = packed(api, f"addon{number}@example.org", "2.1")
                answer = api.ask("POST", "v5", f"addons/addon/{number}/versions/", OWNER, {"upload": uuid})
                assert answer.json["file"]["status"] == ("unreviewed" if listed else "public"), flags
        for number, channel, user in ((23, "listed", REVIEWER), (24, "unlisted", UNLISTED)):
            waits = submitted(api, number, channel, "2.2")
            assert decide(api, number, waits["id"], user).status == 201
            assert not any(act(api, number, "flags", body={}).json.values()), "until the next approval"

    @pytest.mark.parametrize(
        ("number", "flag", "reviewer"),
        [(10, "needs_admin_code_review", REVIEWER), (14, "needs_admin_theme_review", THEMES)],
    )
    def test_administrators_alone_decide(self, api: Api, number: int, flag: str, reviewer: Any) -> None:
        if number == 10:  # a reviewer leaves it to them
            assert decide(api, number, number * 10, reviewer, "request-super-review").status == 201
            assert act(api, number, "flags", body={}).json[flag] is True
        act(api, number, "flags", body={flag: True})
        for decision in ("approve", "reject"):
            answer = decide(api, number, number * 10, reviewer, decision)
            assert (answer.status, answer.json) == (403, FORBIDDEN)
        assert decide(api, number, number * 10, reviewer, "request-information").status == 201
        assert decide(api, number, number * 10, ADMIN).status == 201

    def test_so_do_they_about_listings(self, api: Api) -> None:
        act(api, 4, "flags", body={"needs_admin_content_review": True})
        for user, status in ((THEMES, 403), (ADMIN, 200)):
            path = "addons/addon/4/listingcontentreview/decision/"
            assert api.ask("POST", "v5", path, user, {"decision": "approve"}).status == status


def packed(api: Api, guid: str, version: str) -> str:
    """The uuid of an upload."""
    settings: Any = {"browser_specific_settings": {"gecko": {"id": guid}}}
    return str(upload(api, OWNER, package(version=version, **settings))["uuid"])


class TestDisabling:
    def test_there_and_back(self, api: Api, desk: Reviewing) -> None:
        waiting = desk.waiting_syncs()
        act(api, 6, "flags", body={"auto_approval_disabled": True})
        assert desk.waiting_syncs() == waiting, "flags are no news to Basket"
        for _ in range(2):
            answer = act(api, 5, "disable")
            assert (answer.status, answer.body) == (202, b"")
        assert desk.waiting_syncs() == waiting + 1
        gone = api.ask("GET", "v5", "addons/addon/5/")
        assert (gone.status, gone.json["is_disabled_by_mozilla"]) == (401, True)
        assert api.ask("GET", "v5", "addons/search/?guid=addon5@example.org").json["count"] == 0
        for _ in range(2):
            answer = act(api, 5, "enable")
            assert (answer.status, answer.body) == (202, b"")
        assert api.ask("GET", "v5", "addons/addon/5/").json["status"] == "public"
        assert api.ask("GET", "v5", "addons/search/?guid=addon5@example.org").json["count"] == 1
        for action in ("force-disabled", "force-enabled"):
            assert desk.log(5)[action]["user_id"] == MANAGER["_id"]

    @pytest.mark.parametrize(("number", "status"), [(6, "public"), (11, "nominated")])
    def test_the_status_its_versions_make(self, api: Api, number: int, status: str) -> None:
        act(api, number, "disable")
        act(api, number, "enable")
        assert api.ask("GET", "v5", f"addons/addon/{number}/", OWNER).json["status"] == status


class TestResubmission:
    def create(self, api: Api, guid: str, user: Any = SUBMITTER) -> Any:
        version = described(guid, "3.0")
        body = {
            "name": {"en-US": "Again"},
            "summary": {"en-US": "Anew."},
            "categories": ["tabs"],
            "version": version,
        }
        return api.ask("POST", "v5", "addons/addon/", user, body)

    def delete(self, api: Api, number: int, owner: Any = OWNER) -> None:
        path = f"addons/addon/{number}/"
        token = api.ask("GET", "v5", f"{path}delete_confirm/", owner).json["delete_confirm"]
        assert api.ask("DELETE", "v5", f"{path}?delete_confirm={token}", owner).status == 204

    def test_a_live_one(self, api: Api) -> None:
        steps = [("allow", 409), ("deny", 202), ("deny", 409), ("allow", 202), ("allow", 409), ("deny", 202)]
        for action, status in steps:
            answer = act(api, 7, f"{action}_resubmission")
            assert (answer.status, answer.body) == (status, b""), action
        assert submitted(api, 7, "listed", "2.0"), "it counts once the add-on is deleted"

    def test_a_deleted_one(self, api: Api, desk: Reviewing) -> None:
        self.delete(api, 8)
        assert self.create(api, GUID).json == TAKEN
        assert act(api, 8, "deny_resubmission").status == 202
        assert act(api, 8, "deny_resubmission").status == 409
        assert self.create(api, GUID).json == TAKEN
        assert act(api, 8, "allow_resubmission").status == 202
        assert act(api, 8, "allow_resubmission").status == 409
        answer = self.create(api, GUID, TOOL)
        assert (answer.status, answer.json) == (409, TAKEN), "strangers cannot take it over"
        answer = self.create(api, GUID)
        assert answer.status == 201, answer.json
        body = answer.json
        assert body["guid"] == GUID
        assert api.ask("GET", "v5", f"addons/addon/{GUID}/", SUBMITTER).json["id"] == body["id"] != 8
        assert desk.log(8)["guid-reused"]["details"] == {"guid": GUID, "addon": body["id"]}
        assert {"denied-guid-added", "denied-guid-deleted"} <= desk.log(8).keys()
        self.delete(api, body["id"], SUBMITTER)
        assert self.create(api, GUID).json == TAKEN, "it was allowed once"

    def test_a_guid_that_nobody_has(self, api: Api) -> None:
        answer = self.create(api, "never@example.org")
        assert (answer.status, answer.json) == (409, TAKEN)

    def test_a_package_that_is_sent_to_be_signed(self, desk: Reviewing) -> None:
        guid = "addon54@example.org"
        self.delete(desk.api, 54)
        key = json.loads(desk.shell("apikey", OWNER["username"], "--json"))
        signer = Signer(desk.api, key["key"], key["secret"])
        gecko: Any = {"browser_specific_settings": {"gecko": {"id": guid}}}
        content = package(version="3.0", **gecko)
        closed = {"error": "You cannot add versions to an add-on that has status: Deleted."}
        assert signer.put(guid, "3.0", content).json == closed
        assert act(desk.api, 54, "allow_resubmission").status == 202
        answer = signer.put(guid, "3.0", content)
        assert answer.status == 201, answer.json
        assert signer.signed(answer)["files"]
        assert desk.api.ask("GET", "v5", f"addons/addon/{guid}/", OWNER).json["id"] != 54
        assert act(desk.api, 54, "allow_resubmission").status == 202, "of the guid it has now"
