"""Versions added, edited and deleted through the API, and what reviewers find (contract/writes.md 5)."""

from collections.abc import Iterator
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.factories import make_file, make_version
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, Api
from tests.handlers.writable_server import (
    DEVELOPER,
    FLAGS,
    OWNER,
    REVIEWER,
    SPARE,
    STRANGER,
    SUBMITTER,
    addon,
    writing,
)
from tests.sweep import sweep

MIXED = [
    make_version(id=21, version="3.0", created="2025-03-01T00:00:00Z", channel="unlisted"),
    make_version(
        id=22, version="2.0", created="2025-02-01T00:00:00Z", files=[make_file(id=22, status="unreviewed")]
    ),
    make_version(id=23, version="1.5", created="2025-01-01T00:00:00Z", deleted=True),
    make_version(id=24, version="1.0"),
]
ADDONS = [
    addon(1),
    addon(2, versions=MIXED),
    addon(3, type="statictheme"),
    addon(4, status="disabled"),
    *(addon(number) for number in SPARE),
]


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with writing(tmp_path_factory.mktemp("version_writes"), mongod, *ADDONS) as started:
        yield started


def path(number: int, version: str = "") -> str:
    return f"addons/addon/{number}/versions/" + (f"{version}/" if version else "")


@sweep("version", ["v3", "v4", "v5"])
@pytest.mark.parametrize(
    ("method", "target", "user", "status", "body"),
    [
        ("POST", path(1), None, 401, NOT_AUTHENTICATED | FLAGS),
        ("POST", path(1), STRANGER, 403, FORBIDDEN | FLAGS),
        ("POST", path(1), REVIEWER, 403, FORBIDDEN | FLAGS),
        ("POST", path(404), OWNER, 404, NOT_FOUND),
        ("POST", path(4), OWNER, 403, FORBIDDEN | FLAGS | {"is_disabled_by_mozilla": True}),
        ("POST", path(1), DEVELOPER, 400, {"upload": ["This field is required."]}),
        ("PATCH", path(2, "22"), STRANGER, 403, FORBIDDEN | FLAGS),
        ("PATCH", path(2, "22"), DEVELOPER, 200, None),
        ("PATCH", path(2, "v2.0"), DEVELOPER, 200, None),
        ("PATCH", path(2, "2.0"), DEVELOPER, 200, None),
        ("PATCH", path(2, "21"), DEVELOPER, 200, None),
        ("PATCH", path(2, "23"), DEVELOPER, 404, NOT_FOUND),
        ("PATCH", path(2, "999"), DEVELOPER, 404, NOT_FOUND),
        ("PATCH", path(2, "v9"), DEVELOPER, 404, NOT_FOUND),
        ("DELETE", path(2, "23"), DEVELOPER, 404, NOT_FOUND),
        ("DELETE", path(2, "22"), STRANGER, 403, FORBIDDEN | FLAGS),
        ("DELETE", path(2, "22"), None, 401, NOT_AUTHENTICATED | FLAGS),
    ],
)
def test_who(api: Api, version: str, method: str, target: str, user: Any, status: int, body: Any) -> None:
    answer = api.ask(method, version, target, user, {})
    assert answer.status == status
    if body is not None:
        assert answer.json == body


@pytest.mark.parametrize("version", ["v3", "v4", "v5"])
def test_a_new_version_waits_for_its_review(api: Api, number: int, version: str) -> None:
    sent = {
        "version": "2.0",
        "license": "MIT",
        "release_notes": {"en-US": "Better."},
        "approval_notes": "Look at tabs.js.",
        "compatibility": ["firefox", "android"],
        "file": {"hash": "sha256:" + "12" * 32, "size": 9, "permissions": ["tabs"]},
    }
    answer = api.ask("POST", version, path(number), SUBMITTER, sent)
    assert answer.status == 201
    created = answer.json
    assert (created["version"], created["channel"], created["release_notes"]) == (
        "2.0",
        "listed",
        {"en-US": "Better."},
    )
    assert created["compatibility"].keys() == {"firefox", "android"}
    assert ("approval_notes" in created) == (version == "v5")
    [file] = created["files"] if version != "v5" else [created["file"]]
    assert (file["status"], file["size"], file["permissions"]) == ("unreviewed", 9, ["tabs"])
    body = api.ask("GET", version, f"addons/addon/{number}/").json
    assert body["current_version"]["version"] == "1.0"
    assert api.ask("GET", version, path(number, "v2.0")).status == 401
    notes = api.ask("GET", version, path(number, str(created["id"])) + "reviewnotes/", OWNER).json["results"]
    assert {note["action"] for note in notes} == {"review-requested", "notes-for-reviewers-changed"}


def test_an_approved_version_becomes_the_current_one(api: Api, number: int) -> None:
    created = api.ask("POST", "v5", path(number), SUBMITTER, {"version": "2.0"}).json
    review = {"decision": "approve", "comments": "Fine."}
    answer = api.ask("POST", "v5", path(number, str(created["id"])) + "review/", REVIEWER, review)
    assert answer.status == 201
    body = api.ask("GET", "v5", f"addons/addon/{number}/").json
    assert body["current_version"]["version"] == "2.0"


def test_an_edit_is_seen_at_once(api: Api, number: int) -> None:
    sent = {
        "release_notes": {"en-US": "Now with notes."},
        "custom_license": {"name": {"en-US": "Mine"}, "text": {"en-US": "Do."}},
    }
    answer = api.ask("PATCH", "v5", path(number, str(number * 10)), DEVELOPER, sent)
    assert answer.status == 200
    body = api.ask("GET", "v5", path(number, str(number * 10))).json
    assert body["release_notes"] == {"en-US": "Now with notes."}
    assert (body["license"]["is_custom"], body["license"]["text"]) == (True, {"en-US": "Do."})


def test_plain_notes_are_english_first(api: Api, number: int) -> None:
    """Their default locale is en-US, whatever language they were sent in."""
    target = path(number, "v1.0")
    french = api.ask("PATCH", "v4", target + "?lang=fr", OWNER, {"release_notes": "Mieux."})
    text = 'A value in the default locale of "en-US" is required if other translations are set.'
    assert (french.status, api.ask("PATCH", "v4", target, OWNER, {"release_notes": "Better."}).status) == (
        400,
        200,
    )
    assert list(french.json) == ["release_notes"]
    english = api.ask("PATCH", "v5", target, OWNER, {"release_notes": {"en-US": None, "fr": "Mieux."}})
    assert english.json == {"release_notes": [text]}
    assert api.ask("PATCH", "v4", target + "?lang=fr", OWNER, {"release_notes": "Mieux."}).status == 200


def test_a_withdrawn_version_gives_way_to_the_one_before(api: Api, number: int) -> None:
    created = api.ask("POST", "v5", path(number), SUBMITTER, {"version": "2.0"}).json
    target = path(number, str(created["id"]))
    api.ask("POST", "v5", target + "review/", REVIEWER, {"decision": "approve", "comments": ""})
    assert api.ask("PATCH", "v5", target, OWNER, {"is_disabled": True}).json["is_disabled"] is True
    assert api.ask("GET", "v5", f"addons/addon/{number}/").json["current_version"]["version"] == "1.0"
    assert api.ask("PATCH", "v5", path(number, "v1.0"), OWNER, {"is_disabled": True}).status == 200
    hidden = api.ask("GET", "v5", f"addons/addon/{number}/")
    assert hidden.status == 401
    assert api.ask("GET", "v5", f"addons/addon/{number}/", OWNER).json["status"] == "incomplete"
    assert api.ask("PATCH", "v5", target, OWNER, {"is_disabled": False}).status == 200
    assert api.ask("GET", "v5", f"addons/addon/{number}/").json["current_version"]["version"] == "2.0"


@pytest.mark.parametrize("version", ["v3", "v4", "v5"])
def test_a_deleted_version_is_gone_and_its_number_with_it(api: Api, number: int, version: str) -> None:
    answer = api.ask("DELETE", version, path(number, "v1.0"), DEVELOPER)
    assert (answer.status, answer.body) == (204, b"")
    assert api.ask("GET", version, path(number, "v1.0"), OWNER).status == 404
    assert api.ask("GET", version, f"addons/addon/{number}/", OWNER).json["current_version"] is None
    again = api.ask("POST", version, path(number), SUBMITTER, {"version": "1.0"})
    assert (again.status, again.json) == (409, {"version": ["Version 1.0 was uploaded before and deleted."]})


@pytest.mark.parametrize(
    ("number", "sent", "status", "told"),
    [
        pytest.param(2, {"upload": None}, 400, {"upload": ["This field may not be null."]}, id="null-upload"),
        pytest.param(2, {}, 400, {"version": ["This field is required."]}, id="no-number"),
        pytest.param(2, {"version": "2.0"}, 409, {"version": ["Version 2.0 already exists."]}, id="exists"),
        pytest.param(
            2,
            {"version": "9", "type": "dictionary"},
            400,
            {"upload": ["The type (Dictionary) does not match the type of your add-on on AMO (Extension)"]},
            id="another-type",
        ),
        pytest.param(
            3,
            {"version": "9", "license": "MIT"},
            400,
            {"license": ["Wrong add-on type for this license."]},
            id="licence-of-another-kind",
        ),
        pytest.param(
            2,
            {"version": "9", "license": "MIT", "custom_license": {}},
            400,
            {"license": ["Both `license` and `custom_license` cannot be provided together."]},
            id="both-licences",
        ),
    ],
)
def test_faults_of_new_versions(api: Api, number: int, sent: Any, status: int, told: Any) -> None:
    answer = api.ask("POST", "v5", path(number), SUBMITTER, sent)
    assert (answer.status, answer.json) == (status, told)


def test_a_filter_is_no_matter_of_one_version(api: Api) -> None:
    answer = api.ask("GET", "v5", path(2, "24") + "?filter=all_with_unlisted", OWNER)
    assert answer.json == ['The "filter" parameter is not valid in this context.']
    answer = api.ask("GET", "v5", path(2) + "?filter=foo", OWNER)
    assert (answer.status, answer.json) == (400, ['Invalid "filter" parameter specified.'])
