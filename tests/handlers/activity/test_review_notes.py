"""Review notes: access, pages, objects, names, replies, decisions, files (contract/activity.md 1).

Rules: contract/activity.md 1.3, 1.6 and 1.8.
"""

import json
from itertools import product
from typing import Any

import pytest

from conf.actions import ACTIONS, label
from server.rules.review.reviews import DECISIONS
from tests.client import Answer, Client
from tests.handlers.activity import reviewed_addons
from tests.handlers.activity.reviewed_addons import (
    GONE,
    HISTORY,
    KIND_IDS,
    LISTED,
    MAIN,
    OWN,
    WITHDRAWN,
    WRITTEN,
    notes_path,
)
from tests.handlers.addons.visibility import EVERYBODY, USERS, authorization
from tests.sweep import sweep

API = ("v3", "v4", "v5")
FLAGS = {"is_disabled_by_developer", "is_disabled_by_mozilla"}
TEAM = "Add-ons Review Team"


def get(world: Client, role: str, path: str, **words: Any) -> Answer:
    return world.get(path, headers=authorization(role) | words.pop("headers", {}), **words)


def post(world: Client, role: str, path: str, body: Any) -> Answer:
    return world.post(path, headers=authorization(role), json_body=body)


def refused(role: str) -> int:
    return 401 if role == "-" else 403


class TestAccess:
    # Add-on, its version: who may read, who may write (1.1).
    CASES = [
        pytest.param(MAIN, LISTED, "ahlcuvw*", "ahlcu*", id="mixed"),
        pytest.param(MAIN, WITHDRAWN, "ahlcuvw*", "ahlcu*", id="disabled version"),
        pytest.param(
            reviewed_addons.UNLISTED_ONLY, 200, "ahuvw*", "ahu*", id="unlisted only: not listed reviewers"
        ),
        pytest.param(reviewed_addons.NOMINATED, 400, "ahlcv*", "ahlc*", id="not public"),
        pytest.param(reviewed_addons.THEME, 500, "ahtv*", "aht*", id="theme"),
        pytest.param(reviewed_addons.DISABLED, 700, "ahlcv*", "ahlc*", id="disabled by Mozilla"),
    ]

    @sweep("version", API)
    @pytest.mark.parametrize(("addon", "version_id", "readers", "writers"), CASES)
    def test_by_role(
        self, world: Client, version: str, addon: int, version_id: int, readers: str, writers: str
    ) -> None:
        path = notes_path(version, addon, version_id)
        for role in EVERYBODY:
            read = get(world, role, path)
            assert read.status == (200 if role in readers else refused(role)), role
            # An empty text is the last thing to be looked at, and nothing is written.
            written = post(world, role, path, {"comments": ""})
            assert written.status == (400 if role in writers else refused(role)), role
            for answer in (read, written):
                if answer.status in (401, 403):
                    assert set(answer.json) == {"detail", *FLAGS}

    def test_deleted_addon_is_for_its_viewers(self, world: Client) -> None:
        path = notes_path("v5", reviewed_addons.DELETED, 300)
        for role in EVERYBODY:
            assert get(world, role, path).status == (200 if role in "d*" else 404), role
            assert post(world, role, path, {"comments": "x"}).status == 404, role

    def test_deleted_version_is_for_its_viewers(self, world: Client) -> None:
        path = notes_path("v5", MAIN, GONE)
        assert [get(world, role, path).status for role in "al*"] == [404, 404, 200]
        assert [post(world, role, path, {"comments": ""}).status for role in "al*"] == [404, 404, 400]

    def test_no_region_is_kept_from_its_people(self, world: Client) -> None:
        path = notes_path("v5", reviewed_addons.BLOCKED, 600)
        assert get(world, "a", path, headers={"X-Country-Code": "DE"}).status == 200

    @pytest.mark.parametrize("wanted", ["9999", "v10.0", "10.0", "x", "²", "9" * 30])
    def test_version_by_its_id_only(self, world: Client, wanted: str) -> None:
        path = notes_path("v5", MAIN, "%C2%B2" if wanted == "²" else wanted)
        assert get(world, "a", path).status == 404

    @pytest.mark.parametrize("note", ["9999", "x", str(KIND_IDS["comment"]), "3000"])
    def test_note_unknown_private_or_of_another_version(self, world: Client, note: str) -> None:
        assert get(world, "*", notes_path("v5", MAIN, LISTED, note)).json == {"detail": "Not found."}

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
    @pytest.mark.parametrize("note", ["", "1000"])
    def test_other_methods(self, world: Client, method: str, note: str) -> None:
        answer = world.request(method, notes_path("v5", MAIN, LISTED, note), headers=authorization("*"))
        assert answer.status == 405

    def test_internal_credentials_only(self, world: Client) -> None:
        answer = world.get(notes_path("v5", MAIN, LISTED), headers={"Authorization": "JWT x"})
        assert (answer.status, "Session" in answer.headers["WWW-Authenticate"]) == (401, True)


class TestPages:
    def test_newest_first_and_counted(self, world: Client) -> None:
        first = get(world, "a", notes_path("v5", MAIN, HISTORY)).json
        assert list(first) == ["page_size", "page_count", "count", "next", "previous", "results"]
        assert (first["page_size"], first["page_count"], first["count"]) == (25, 3, 60)
        pages = world.pages(notes_path("v5", MAIN, HISTORY), headers=authorization("a"))
        ids = [row["id"] for page in pages for row in page.json["results"]]
        assert ids == list(range(2059, 1999, -1))

    @pytest.mark.parametrize(("asked", "size"), [("1", 1), ("50", 50), ("51", 50), ("0", 25)])
    def test_page_size(self, world: Client, asked: str, size: int) -> None:
        answer = get(world, "a", notes_path("v5", MAIN, HISTORY) + f"?page_size={asked}").json
        assert answer["page_size"] == len(answer["results"]) == size

    def test_page_past_the_end(self, world: Client) -> None:
        assert get(world, "a", notes_path("v5", MAIN, HISTORY) + "?page=4").json == {
            "detail": "Invalid page."
        }


class TestObject:
    KEYS = [
        *("id", "action", "action_label", "comments", "user", "date", "highlight"),
        *("attachment_url", "attachment_size", "policies"),
    ]

    @sweep("version", API)
    def test_keys(self, world: Client, version: str) -> None:
        note = get(world, "a", notes_path(version, MAIN, WITHDRAWN, 3000)).json
        assert list(note) == self.KEYS
        nulls = {"id": None, "url": None, "username": None} if version == "v3" else {}
        assert note["user"] == {"name": TEAM, **nulls}
        assert note["policies"] == ["One.", "Two."]
        assert (note["date"], note["comments"]) == ("2024-05-01T00:50:00Z", "comments of 3000")
        assert note["attachment_url"] is note["attachment_size"] is None

    @pytest.mark.parametrize("action", [name for name in ACTIONS if name != "comment"])
    def test_every_kind(self, world: Client, action: str) -> None:
        """Table 1.4: label, action, who is named, what is hidden."""
        path = notes_path("v5", MAIN, LISTED, KIND_IDS[action])
        author, reviewer = get(world, "a", path).json, get(world, "v", path).json
        assert (author["action"], author["action_label"]) == (action, label(action))
        assert reviewer["user"]["name"] == "Real l"
        assert author["user"]["name"] == ("Real l" if ACTIONS[action].names_user else TEAM)
        is_sanitized = ACTIONS[action].is_sanitized
        for shown in (author, reviewer):
            assert shown["comments"] == (
                reviewed_addons.PLACEHOLDER if is_sanitized else f"comments of {KIND_IDS[action]}"
            )
            assert shown["policies"] == ([reviewed_addons.PLACEHOLDER] if is_sanitized else [])

    def test_private_and_unknown_kinds_are_in_no_list(self, world: Client) -> None:
        for role in "al*":
            rows = get(world, role, notes_path("v5", MAIN, WITHDRAWN)).json["results"]
            assert [row["id"] for row in rows] == [3002, 3001, 3000, 3005]

    def test_only_the_label_follows_the_language(self, world: Client) -> None:
        note = get(world, "a", notes_path("v5", MAIN, WITHDRAWN, 3000) + "?lang=de").json
        assert (note["action"], note["action_label"]) == ("approved", "Genehmigt")

    def test_of_an_author_who_writes_a_signed_kind(self, world: Client) -> None:
        assert get(world, "h", notes_path("v5", MAIN, WITHDRAWN, 3005)).json["user"]["name"] == "Real a"


class TestHighlight:
    def test_what_is_newer_than_the_last_answer(self, world: Client) -> None:
        rows = get(world, "a", notes_path("v5", MAIN, WITHDRAWN)).json["results"]
        assert {row["id"]: row["highlight"] for row in rows} == {
            3002: True,
            3001: True,
            3000: False,
            3005: False,
        }

    def test_all_where_nothing_answers(self, world: Client) -> None:
        rows = get(world, "a", notes_path("v5", MAIN, HISTORY)).json["results"]
        assert all(row["highlight"] for row in rows)

    def test_all_kinds(self, world: Client) -> None:
        rows = get(world, "a", notes_path("v5", MAIN, LISTED) + "?page_size=50").json["results"]
        last = max(KIND_IDS[name] for name, action in ACTIONS.items() if action.clears_highlight)
        assert [row["highlight"] for row in rows] == [row["id"] > last for row in rows]


class TestReply:
    @sweep("version", API)
    @pytest.mark.parametrize(
        ("body", "text"),
        [
            ({}, "This field is required."),
            ({"comments": ""}, "This field may not be blank."),
            ({"comments": "  "}, "This field may not be blank."),
            ({"comments": None}, "This field may not be null."),
            ({"comments": "x" * 100_001}, "Ensure this field has no more than 100000 characters."),
            ({"comments": ["x"]}, "Not a valid string."),
        ],
    )
    def test_refused(self, world: Client, version: str, body: Any, text: str) -> None:
        answer = post(world, "a", notes_path(version, WRITTEN, 800), body)
        assert (answer.status, answer.json) == (400, {"comments": [text]})

    @sweep("version", API)
    @pytest.mark.parametrize(
        ("role", "action", "highlight"),
        [
            pytest.param("a", "developer-reply", False, id="author"),
            pytest.param("l", "reviewer-reply", True, id="reviewer"),
            pytest.param("u", "reviewer-reply", True, id="unlisted reviewer"),
        ],
    )
    def test_posted(self, world: Client, version: str, role: str, action: str, highlight: bool) -> None:
        path = notes_path(version, WRITTEN, 800)
        answer = post(world, role, path, {"comments": f"said by {role}"})
        assert answer.status == 201
        created = answer.json
        assert (created["action"], created["comments"], created["highlight"]) == (
            action,
            f"said by {role}",
            highlight,
        )
        assert created["user"]["name"] == f"Real {role}"  # its writer is not hidden from themselves
        assert get(world, "v", path).json["results"][0] == created
        body = get(world, role, f"{path}{created['id']}/").json
        assert body["comments"] == created["comments"]

    def test_no_reply_address_is_shown(self, world: Client) -> None:
        path = notes_path("v5", WRITTEN, 800)
        answer = post(world, "a", path, {"comments": f"I wrote to {reviewed_addons.REPLY_ADDRESS.upper()}."})
        assert answer.json["comments"] == "I wrote to [reply address]."
        stored = get(world, "u", notes_path("v5", MAIN, reviewed_addons.UNLISTED, 3009)).json
        assert stored["comments"] == "[reply address]> wrote:"

    def test_any_version_and_text_of_the_greatest_length(self, world: Client) -> None:
        answer = post(world, "a", notes_path("v5", MAIN, WITHDRAWN), {"comments": "y" * 100_000})
        assert (answer.status, len(answer.json["comments"])) == (201, 100_000)


def review_path(version_id: int, addon: int = WRITTEN) -> str:
    return f"/api/v5/addons/addon/{addon}/versions/{version_id}/review/"


class TestReview:
    def test_by_who_reviews_the_channel(self, world: Client) -> None:
        for role in EVERYBODY:
            listed = post(world, role, review_path(800), {})
            unlisted = post(world, role, review_path(801), {})
            assert listed.status == (400 if role in "lc*" else refused(role)), role
            assert unlisted.status == (400 if role in "u*" else refused(role)), role

    @pytest.mark.parametrize("decision", DECISIONS)
    @sweep("version", API)
    def test_not_of_ones_own(self, world: Client, version: str, decision: str) -> None:
        """An add-on's authors may not, even if they are admins."""
        for role, version_id in product("lcu*", (900, 901)):
            path = review_path(version_id, OWN).replace("v5", version)
            assert post(world, role, path, {"decision": decision, "comments": "Fine."}).status == 403, role
        assert get(world, "v", notes_path(version, OWN, 900)).json["results"] == []

    @pytest.mark.parametrize(
        ("body", "faults"),
        [
            ({}, {"decision": ["This field is required."]}),
            ({"decision": "praise"}, {"decision": ['"praise" is not a valid choice.']}),
            (
                {"decision": "reject", "policies": "x"},
                {"policies": ['Expected a list of items but got type "str".']},
            ),
            pytest.param(
                {"decision": "approve"},
                {"decision": ["This version does not await a review."]},
                id="approved already",
            ),
        ],
    )
    def test_refused(self, world: Client, body: Any, faults: Any) -> None:
        answer = post(world, "l", review_path(800), body)
        assert (answer.status, answer.json) == (400, faults)

    def test_approved_then_rejected(self, world: Client) -> None:
        answer = post(world, "u", review_path(801), {"decision": "approve", "comments": "Good."})
        assert (answer.status, answer.json["action"], answer.json["comments"]) == (201, "approved", "Good.")
        detail = "/api/v5/addons/addon/8/versions/801/"
        assert get(world, "a", detail).json["file"]["status"] == "public"
        answer = post(world, "u", review_path(801), {"decision": "reject", "policies": ["No."]})
        assert (answer.status, answer.json["policies"]) == (201, ["No."])
        assert get(world, "a", detail).json["file"]["status"] == "disabled"
        for decision, told in (
            ("reject", "File is already disabled."),
            ("approve", "This version does not await a review."),
        ):
            answer = post(world, "u", review_path(801), {"decision": decision})
            assert (answer.status, answer.json) == (400, {"decision": [told]})
        results = get(world, "a", notes_path("v5", WRITTEN, 801)).json["results"]
        assert [(row["action"], row["user"]["name"]) for row in results] == [
            ("rejected", TEAM),
            ("approved", TEAM),
        ]

    def test_approval_publishes_a_nominated_addon(self, world: Client) -> None:
        assert post(world, "l", review_path(400, 4), {"decision": "approve"}).status == 201
        assert world.get("/api/v5/addons/addon/4/").json["status"] == "public"

    def test_with_a_file(self, world: Client) -> None:
        parts = {"decision": b"request-information", "comments": b"See the file."}
        answer = world.post(review_path(800), **multipart("l", parts, b"<script>"))
        assert answer.status == 201, answer.body
        assert answer.json["attachment_size"] == "8\xa0bytes"
        file = get(world, "a", answer.json["attachment_url"])
        assert (file.status, file.body) == (200, b"<script>")

    def test_with_a_file_too_large(self, world: Client) -> None:
        answer = world.post(
            review_path(800), **multipart("l", {"decision": b"request-information"}, bytes(2**21 + 1))
        )
        assert (answer.status, list(answer.json)) == (400, ["attachment"])


def multipart(role: str, fields: dict[str, bytes], file: bytes) -> dict[str, Any]:
    lines = [
        b'--b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (name.encode(), value)
        for name, value in fields.items()
    ]
    lines.append(
        b'--b\r\nContent-Disposition: form-data; name="attachment"; filename="a.html"\r\n\r\n%b\r\n' % file
    )
    headers = authorization(role) | {"Content-Type": "multipart/form-data; boundary=b"}
    return {"headers": headers, "body": b"".join(lines) + b"--b--\r\n"}


class TestAttachment:
    def test_path_and_size(self, world: Client) -> None:
        note = get(world, "a", notes_path("v5", MAIN, WITHDRAWN, 3001)).json
        assert (note["attachment_url"], note["attachment_size"]) == (
            "/activity/attachment/3001",
            "6\xa0bytes",
        )

    def test_for_authors_and_any_reviewer(self, world: Client) -> None:
        for role in EVERYBODY:
            answer = get(world, role, "/activity/attachment/3001")
            assert answer.status == (200 if role in "ahlctuvw*" else 404), role
            if answer.status == 200:
                assert answer.body == b"a file"
                assert answer.headers["Access-Control-Allow-Origin"] == "*"
                assert answer.headers["Content-Type"] == "application/octet-stream"
                disposition = "attachment; filename*=UTF-8''log%20%C3%A4.txt"
                assert answer.headers["Content-Disposition"] == disposition

    @pytest.mark.parametrize("id", [3006, 3007], ids=["add-on", "version"])
    def test_of_what_is_deleted_for_its_viewers(self, world: Client, id: int) -> None:
        """As the note itself (1.1)."""
        for role in EVERYBODY:
            status = get(world, role, f"/activity/attachment/{id}").status
            assert status == (200 if role in "d*" else 404), role

    @pytest.mark.parametrize("id", [3000, 3002, 3003, 9999])
    def test_none_hidden_private_unknown(self, world: Client, id: int) -> None:
        assert get(world, "*", f"/activity/attachment/{id}").status == 404


def test_private_comments_are_shown_to_nobody_anywhere(world: Client) -> None:
    marker = json.dumps(f"comments of {KIND_IDS['comment']}").encode()
    for role in USERS:
        for version in API:
            assert marker not in get(world, role, notes_path(version, MAIN, LISTED) + "?page_size=50").body
