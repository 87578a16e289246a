"""Rollbacks to earlier versions (contract/packages.md 6)."""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Answer
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, Api, authorization
from tests.handlers.upload_client import upload
from tests.handlers.writable_server import (
    ADMIN,
    DEVELOPER,
    OWNER,
    REVIEWER,
    STRANGER,
    addon,
    at_once,
    writing,
)
from tests.packages import package

NUMBER = "new_version_string"
PATIENCE = 30.0  # seconds
THEME, HIDDEN, LISTED, UNLISTED, TWICE = range(1, 6)


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    addons = [addon(THEME, type="statictheme"), addon(HIDDEN), addon(LISTED), addon(UNLISTED), addon(TWICE)]
    addons[HIDDEN - 1]["versions"][0]["is_disabled"] = True
    with writing(tmp_path_factory.mktemp("rollback"), mongod, *addons) as started:
        yield started


def release(api: Api, number: int, version: str, script: str) -> int:
    """The id of a new unlisted version, which is approved at once."""
    signature = {"META-INF/manifest.mf": "x", "META-INF/mozilla.rsa": "x"}
    gecko = {"browser_specific_settings": {"gecko": {"id": f"addon{number}@example.org"}}}
    content = package(files={"a/b.js": script, **signature}, version=version, **gecko)
    uploaded = upload(api, OWNER, content, "unlisted")
    assert uploaded["valid"], uploaded["validation"]["messages"]
    answer = api.ask("POST", "v5", f"addons/addon/{number}/versions/", OWNER, {"upload": uploaded["uuid"]})
    assert answer.status == 201, answer.body
    return int(answer.json["id"])


def roll_back(api: Api, number: int, version: object, body: Any, user: Any = OWNER, v: str = "v5") -> Answer:
    return api.ask("POST", v, f"addons/addon/{number}/versions/{version}/rollback/", user, body)


def await_version(api: Api, number: int, version: str) -> Any:
    end = time.monotonic() + PATIENCE
    while True:
        answer = api.ask("GET", "v5", f"addons/addon/{number}/versions/v{version}/", OWNER)
        if answer.status == 200 or time.monotonic() > end:
            return answer.json
        time.sleep(0.05)


def notes(api: Api, number: int, version_id: int) -> list[tuple[str, str]]:
    thread = api.ask("GET", "v5", f"addons/addon/{number}/versions/{version_id}/reviewnotes/", OWNER).json
    return [(note["action"], note["comments"]) for note in thread["results"]]


def test_an_earlier_version_is_the_newest_once_more(api: Api) -> None:
    earlier = release(api, UNLISTED, "1.1", "one();")
    release(api, UNLISTED, "1.2", "two();")
    body = {NUMBER: "1.3", "release_notes": {"en-US": "Back to one."}}
    answer = roll_back(api, UNLISTED, earlier, body, DEVELOPER)
    assert (answer.status, answer.body) == (202, b"")
    version = await_version(api, UNLISTED, "1.3")
    assert (version["channel"], version["release_notes"]) == ("unlisted", {"en-US": "Back to one."})
    file = api.get(
        version["file"]["url"].removeprefix("https://addons.example.org"), headers=authorization(OWNER)
    )
    with zipfile.ZipFile(io.BytesIO(file.body)) as archive:
        assert archive.namelist() == ["manifest.json", "a/b.js"]  # the signature was another package's
        assert archive.read("a/b.js") == b"one();"
        assert json.loads(archive.read("manifest.json"))["version"] == "1.3"
    assert ("version-rollback", "Rolled back to version 1.1.") in notes(api, UNLISTED, version["id"])


def test_one_number_is_given_once(api: Api) -> None:
    """Of two rollbacks at the same time, the second fails with a note."""
    earlier = release(api, TWICE, "1.1", "one();")
    answers = at_once(api, 2, lambda client, place: roll_back(client, TWICE, earlier, {NUMBER: "1.2"}))
    assert [answer.status for answer in answers] == [202, 202]
    await_version(api, TWICE, "1.2")
    failure = ("version-rollback-failure", "Version 1.2 already exists.")
    end = time.monotonic() + PATIENCE
    while failure not in notes(api, TWICE, earlier) and time.monotonic() < end:
        time.sleep(0.05)
    assert notes(api, TWICE, earlier).count(failure) == 1


NOT_GREATER = "Version 0.9 must be greater than the previous approved version 1.0."
FAULTS: dict[str, tuple[int, object, Any, Any]] = {
    "no number": (LISTED, 30, {}, {NUMBER: ["This field is required."]}),
    "no text": (LISTED, 30, {NUMBER: None}, {NUMBER: ["This field may not be null."]}),
    "no number of a version": (LISTED, 30, {NUMBER: "a b"}, {NUMBER: ["Enter a valid version number."]}),
    "notes": (LISTED, 30, {NUMBER: "2", "release_notes": 1}, None),
    "lower than what is approved": (LISTED, 30, {NUMBER: "0.9"}, {NUMBER: [NOT_GREATER]}),
    "its package is elsewhere": (
        *(LISTED, "v1.0", {NUMBER: "2"}),
        {"non_field_errors": ["The package of this version is not stored here."]},
    ),
    "a theme": (THEME, 10, {NUMBER: "2"}, {"non_field_errors": ["Only extensions can be rolled back."]}),
    "disabled": (
        *(HIDDEN, 20, {NUMBER: "2"}),
        {"non_field_errors": ["Only a version that is approved and not disabled can be rolled back to."]},
    ),
}


def test_what_cannot_be(api: Api) -> None:
    for case, (number, version, body, said) in FAULTS.items():
        answer = roll_back(api, number, version, body)
        assert answer.status == 400, case
        assert said is None or answer.json == said, case
    taken = roll_back(api, LISTED, 30, {NUMBER: "1.0"})
    assert (taken.status, taken.json) == (409, {NUMBER: ["Version 1.0 already exists."]})


def test_who_may(api: Api) -> None:
    facts = {"is_disabled_by_developer": False, "is_disabled_by_mozilla": False}
    for user in (STRANGER, REVIEWER, ADMIN):
        answer = roll_back(api, LISTED, 30, {NUMBER: "2"}, user)
        assert (answer.status, answer.json) == (403, FORBIDDEN | facts), user["username"]
    answer = roll_back(api, LISTED, 30, {NUMBER: "2"}, None)
    assert (answer.status, answer.json) == (401, NOT_AUTHENTICATED | facts)
    for version, target in (("v5", 99), ("v3", 30), ("v4", 30)):
        answer = roll_back(api, LISTED, target, {NUMBER: "2"}, v=version)
        assert (answer.status, answer.json) == (404, NOT_FOUND)
