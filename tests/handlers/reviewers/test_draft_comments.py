"""Canned responses and draft comments (contract/reviewers.md 6)."""

from typing import Any

from tests.handlers.reviewers.reviewers_server import (
    CANNED,
    LOOKING,
    LOOKING_UNLISTED,
    MANAGER,
    MIXED,
    THEMES,
    UNLISTED,
    decide,
)
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, Api
from tests.handlers.writable_server import ADMIN, DEVELOPER, OWNER, REVIEWER, STRANGER

LISTED, HIDDEN = 500, 501  # versions of MIXED
SHOWN = [
    {"id": one["_id"], **{name: one[name] for name in ("title", "response", "category")}} for one in CANNED
]


def drafts(version_id: int, rest: str = "", number: int = MIXED) -> str:
    return f"reviewers/addon/{number}/versions/{version_id}/draft_comments/{rest}"


def write(api: Api, user: Any, body: Any, version_id: int = LISTED, number: int = MIXED) -> Any:
    return api.ask("POST", "v5", drafts(version_id, number=number), user, body)


def test_canned_responses(api: Api) -> None:
    for version in ("v3", "v4", "v5"):
        for user in (REVIEWER, UNLISTED, THEMES, LOOKING, LOOKING_UNLISTED, ADMIN):
            answer = api.ask("GET", version, "reviewers/canned-responses/", user)
            assert (answer.status, answer.json) == (200, SHOWN)
        assert api.ask("GET", version, "reviewers/canned-responses/").json == NOT_AUTHENTICATED
        for user in (OWNER, MANAGER):
            assert api.ask("GET", version, "reviewers/canned-responses/", user).json == FORBIDDEN


def test_who_may(api: Api) -> None:
    """Status of a list and of a new draft, of the listed version and of the unlisted one."""
    rows = [
        (None, 401, 401, 401, 401),
        (STRANGER, 403, 403, 403, 403),
        (MANAGER, 403, 403, 403, 403),
        (OWNER, 200, 201, 200, 201),
        (DEVELOPER, 200, 201, 200, 201),
        (REVIEWER, 200, 201, 403, 403),
        (THEMES, 200, 201, 403, 403),  # of content
        (UNLISTED, 200, 201, 200, 201),
        (LOOKING, 200, 403, 403, 403),
        (LOOKING_UNLISTED, 200, 403, 200, 403),
        (ADMIN, 200, 201, 200, 201),
    ]
    for user, *statuses in rows:
        got = [
            answer.status
            for version_id in (LISTED, HIDDEN)
            for answer in (
                api.ask("GET", "v5", drafts(version_id), user),
                write(api, user, {"comment": "Why?"}, version_id),
            )
        ]
        assert got == statuses, user and user["username"]
    for path in (drafts(10, number=1), drafts(500, number=999_999), drafts(999), drafts(500, number=15)):
        expected = 200 if path == drafts(10, number=1) else 404
        assert api.ask("GET", "v5", path, ADMIN).status == expected, path
        assert api.ask("GET", "v5", path).json["detail"] == NOT_AUTHENTICATED["detail"], path


def test_a_draft_from_its_beginning_to_its_end(api: Api) -> None:
    answer = write(api, UNLISTED, {"comment": " Why? ", "filename": "a.js", "lineno": 5, "id": 9}, HIDDEN)
    assert answer.status == 201
    draft = answer.json
    assert draft == {
        "id": draft["id"],
        "version_id": HIDDEN,
        "user": {"id": 31, "name": "Ann", "username": "uli", "url": draft["user"]["url"]},
        "comment": "Why?",
        "filename": "a.js",
        "lineno": 5,
        "canned_response": None,
    }
    own = drafts(HIDDEN, f"{draft['id']}/")
    for version in ("v3", "v4"):
        body = api.ask("GET", version, own, UNLISTED).json
        assert body.keys() == draft.keys() and body["comment"] == "Why?"
    assert api.ask("GET", "v5", own, UNLISTED).json == draft
    for path in (drafts(LISTED, f"{draft['id']}/"), drafts(HIDDEN, "999999/")):
        assert api.ask("GET", "v5", path, UNLISTED).json == NOT_FOUND, "of another version, or nobody's"
    for verb in ("GET", "PATCH", "DELETE"):
        assert api.ask(verb, "v5", own, OWNER, {}).json == NOT_FOUND, "somebody else's"
        assert api.ask(verb, "v5", own, None, {}).json["detail"] == NOT_AUTHENTICATED["detail"]
    assert api.ask("PATCH", "v5", own, UNLISTED, {"lineno": None}).json == draft | {"lineno": None}
    canned = api.ask("PATCH", "v5", own, UNLISTED, {"comment": "", "canned_response": 2}).json
    assert (canned["comment"], canned["canned_response"]) == ("", SHOWN[1])
    assert api.ask("PUT", "v5", own, UNLISTED, {}).status == 405
    answer = api.ask("DELETE", "v5", own, UNLISTED)
    assert (answer.status, answer.body) == (204, b"")
    assert api.ask("DELETE", "v5", own, UNLISTED).json == NOT_FOUND


def test_pages(api: Api) -> None:
    ids = [write(api, UNLISTED, {"comment": str(number)}, 500).json["id"] for number in range(5)]
    listed = api.ask("GET", "v5", f"{drafts(500)}?page_size=2", UNLISTED).json
    assert list(listed) == ["page_size", "page_count", "count", "next", "previous", "results"]
    count = listed["count"]
    every = [
        draft["id"]
        for page in range(1, listed["page_count"] + 1)
        for draft in api.ask("GET", "v5", f"{drafts(500)}?page_size=2&page={page}", UNLISTED).json["results"]
    ]
    assert (len(every), every[-5:]) == (count, ids) and every == sorted(every)
    assert api.ask("GET", "v5", f"{drafts(500)}?page=99", UNLISTED).status == 404


def test_faults(api: Api) -> None:
    both = {"comment": ["You can't submit a comment if `canned_response` is defined."]}
    empty = {"comment": ["You can't submit an empty comment."]}
    line = {"comment": ["You can't submit a line number without associating it to a filename."]}
    rows: list[tuple[Any, Any]] = [
        ({}, empty),
        ({"comment": " "}, empty),
        ({"comment": "x", "canned_response": 1}, both),
        ({"comment": "x", "lineno": 5}, line),
        ({"comment": "x", "lineno": 5, "filename": ""}, line),
        ({"canned_response": 9}, {"canned_response": ['Invalid pk "9" - object does not exist.']}),
        ({"comment": None}, {"comment": ["This field may not be null."]}),
        ({"comment": []}, {"comment": ["Not a valid string."]}),
        ({"comment": "x", "lineno": "a"}, {"lineno": ["A valid integer is required."]}),
        ({"comment": "x", "lineno": -1}, {"lineno": ["Ensure this value is greater than or equal to 0."]}),
        ({"comment": "x" * 100_001}, {"comment": ["Ensure this field has no more than 100000 characters."]}),
        (
            {"comment": "x", "filename": "x" * 256},
            {"filename": ["Ensure this field has no more than 255 characters."]},
        ),
        ([], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
    ]
    draft = write(api, OWNER, {"comment": "x"}).json["id"]
    for body, faults in rows:
        answer = write(api, OWNER, body)
        assert (answer.status, answer.json) == (400, faults), body
        if body != {}:
            answer = api.ask("PATCH", "v5", drafts(LISTED, f"{draft}/"), OWNER, body)
            if body == {"canned_response": 9} or "comment" in body or body == []:
                assert (answer.status, answer.json) == (400, faults), body
    assert api.ask("PATCH", "v5", drafts(LISTED, f"{draft}/"), OWNER, {}).status == 200
    answer = api.ask("PATCH", "v5", drafts(LISTED, f"{draft}/"), OWNER, {"canned_response": 1})
    assert answer.json == both, "what is stored counts"


def test_a_decision_ends_them(api: Api) -> None:
    for user in (REVIEWER, OWNER):
        assert write(api, user, {"comment": "Hm."}, 510, 51).status == 201
    assert decide(api, 51, 510, REVIEWER, "request-information").status == 201
    assert api.ask("GET", "v5", drafts(510, number=51), OWNER).json["count"] == 1
    assert decide(api, 51, 510, REVIEWER).status == 201
    for user in (REVIEWER, OWNER):
        assert api.ask("GET", "v5", drafts(510, number=51), user).json["count"] == 0
