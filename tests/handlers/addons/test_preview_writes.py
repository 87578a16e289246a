"""Previews and policies written through the API (contract/writes.md 6, 8).

Rules: contract/addons.md 9.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.factories import make_preview
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, Api
from tests.handlers.writable_server import DEVELOPER, FLAGS, OWNER, STRANGER, SUBMITTER, addon, writing
from tests.sweep import sweep

PREVIEW = make_preview(caption={"en-US": "Tabs."})
NOT_FOR_THEMES = ["This cannot be set for add-ons of this type."]
ADDONS = [
    addon(1, previews=[PREVIEW]),
    addon(2),
    addon(3, type="statictheme", previews=[PREVIEW | {"id": 6}]),
]
VERSIONS = ("v3", "v4", "v5")


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with writing(tmp_path_factory.mktemp("preview_writes"), mongod, *ADDONS) as started:
        yield started


@sweep("version", VERSIONS)
@pytest.mark.parametrize(
    ("method", "path", "user", "status", "told"),
    [
        ("POST", "1/previews/", None, 401, NOT_AUTHENTICATED | FLAGS),
        ("POST", "1/previews/", STRANGER, 403, FORBIDDEN | FLAGS),
        ("POST", "1/previews/", OWNER, 400, {"image": ["No file was submitted."]}),
        ("POST", "3/previews/", OWNER, 400, NOT_FOR_THEMES),
        ("PATCH", "1/previews/5/", STRANGER, 403, FORBIDDEN | FLAGS),
        ("PATCH", "1/previews/6/", OWNER, 404, NOT_FOUND),
        ("PATCH", "1/previews/x/", OWNER, 404, NOT_FOUND),
        ("PATCH", "3/previews/6/", OWNER, 400, NOT_FOR_THEMES),
        ("DELETE", "3/previews/6/", OWNER, 400, NOT_FOR_THEMES),
        ("GET", "1/previews/", OWNER, 405, {"detail": 'Method "GET" not allowed.'}),
        ("GET", "1/previews/5/", OWNER, 405, {"detail": 'Method "GET" not allowed.'}),
        ("PATCH", "1/eula_policy/", None, 401, NOT_AUTHENTICATED | FLAGS),
        ("PATCH", "1/eula_policy/", STRANGER, 403, FORBIDDEN | FLAGS),
        ("PATCH", "3/eula_policy/", OWNER, 400, NOT_FOR_THEMES),
    ],
)
def test_refused(api: Api, version: str, method: str, path: str, user: Any, status: int, told: Any) -> None:
    answer = api.ask(method, version, f"addons/addon/{path}", user, {} if method != "GET" else None)
    assert (answer.status, answer.json) == (status, told)


@sweep("version", VERSIONS)
def test_a_preview_comes_changes_and_goes(api: Api, version: str) -> None:
    sent = {"image_url": "/previews/full/9.png", "caption": {"en-US": "New."}, "image_size": [10, 20]}
    answer = api.ask("POST", version, "addons/addon/2/previews/", SUBMITTER, sent)
    assert answer.status == 201
    created = answer.json
    assert (created["caption"], created["image_size"]) == ({"en-US": "New."}, [10, 20])
    assert created["image_url"] == "https://addons.example.org/user-media/previews/full/9.png"
    assert api.ask("GET", version, "addons/addon/2/").json["previews"] == [created]
    path = f"addons/addon/2/previews/{created['id']}/"
    changed = api.ask("PATCH", version, path, DEVELOPER, {"caption": {"fr": "Neuf."}, "image_url": "/x.png"})
    assert (changed.status, changed.json) == (200, created | {"caption": {"en-US": "New.", "fr": "Neuf."}})
    assert api.ask("DELETE", version, path, DEVELOPER).status == 204
    assert api.ask("GET", version, "addons/addon/2/").json["previews"] == []
    assert api.ask("DELETE", version, path, DEVELOPER).status == 404


@sweep("version", VERSIONS)
def test_policies_are_written_and_followed(api: Api, version: str) -> None:
    path = "addons/addon/2/eula_policy/"
    answer = api.ask("PATCH", version, path, DEVELOPER, {"eula": {"en-US": "Agree.", "fr": "Oui."}})
    policies = {"eula": {"en-US": "Agree.", "fr": "Oui."}, "privacy_policy": None}
    assert (answer.status, answer.json) == (200, policies)
    assert api.ask("GET", version, path).json == policies
    body = api.ask("GET", version, "addons/addon/2/").json
    assert (body["has_eula"], body["has_privacy_policy"]) == (True, False)
    assert api.ask("PATCH", version, path, DEVELOPER, {"eula": None}).json["eula"] is None
    assert api.ask("GET", version, "addons/addon/2/").json["has_eula"] is False


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"eula": "x"}, {"eula": ["You must provide an object of {lang-code:value}."]}),
        ({"eula": {"en-US": ""}}, {"eula": ["This field may not be blank."]}),
        (
            {"privacy_policy": {"fr": "x"}},
            {
                "privacy_policy": [
                    'A value in the default locale of "en-US" is required if other translations are set.'
                ]
            },
        ),
    ],
)
def test_faults_of_policies(api: Api, sent: Any, told: Any) -> None:
    answer = api.ask("PATCH", "v5", "addons/addon/1/eula_policy/", OWNER, sent)
    assert (answer.status, answer.json) == (400, told)
