"""The released versions of applications, and what is checked against them (contract/extras.md 8)."""

import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from server.embedded.mongod import OwnMongod
from tests.factories import make_user
from tests.handlers.loaded_server import environment
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, SECRET, Api, lines, signed
from tests.handlers.writable_server import SETTINGS, SUBMITTER, USERS, addon
from tests.shell_commands import Shell

RELEASER = make_user(_id=30, username="releng", permissions=["AppVersions:Create"])
FIREFOX = "{ec8030f7-c20a-464f-9b0e-13a3a9e97384}"
DOCUMENTS = [
    *lines("user", *USERS, RELEASER),
    *lines("addon", addon(1), addon(2)),
    *lines("app_versions", {"_id": "firefox", "versions": ["57.0", "115.*", "115.0"]}),
]


@pytest.fixture(scope="module")
def keys(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, Any]]:
    folder = tmp_path_factory.mktemp("app-versions")
    with signed(folder, DOCUMENTS, mongod, **SETTINGS) as api:
        shell = Shell(folder / "data", environment(folder, mongod) | {"AMOEBA_SECRET_KEY": SECRET})

        def header(user: Any) -> dict[str, str]:
            key, now = json.loads(shell("apikey", user["username"], "--json")), int(time.time())
            claims = {"iss": key["key"], "iat": now, "exp": now + 60}
            return {"Authorization": "JWT " + jwt.encode(claims, key["secret"])}

        yield api, header


def test_release_automation_adds_them(keys: tuple[Api, Any]) -> None:
    api, header = keys
    signed_in = header(RELEASER)

    def put(path: str, headers: Any = signed_in, version: str = "v5") -> Any:
        return api.request("PUT", f"/api/{version}/applications/{path}/", headers=headers)

    for path, status in (("firefox/142.0a1", 201), ("android/142.0a1", 202), ("firefox/142.0", 202)):
        answer = put(path)
        assert (answer.status, answer.body) == (status, b""), path
    for app, known in {
        "firefox": ["57.0", "115.0", "115.*", "142.0a1", "142.0", "142.*"],
        "android": ["142.0a1", "142.0", "142.*"],
    }.items():
        assert api.get(f"/api/v4/applications/{app}/").json["versions"] == known
    assert api.get("/api/v5/applications/firefox/").json["guid"] == FIREFOX
    for path, said in (
        ("mosaic/1.0", "Invalid application parameter"),
        ("thunderbird/115.0", "Invalid application parameter"),
        ("firefox/new", "Invalid version parameter"),
        ("firefox/142.*", "Invalid version parameter"),
    ):
        answer = put(path)
        assert (answer.status, answer.json) == (400, {"detail": said}), path
    assert put("firefox/143.0", {}).json == NOT_AUTHENTICATED
    assert put("firefox/143.0", header(SUBMITTER)).json == FORBIDDEN
    assert put("firefox/143.0", version="v3").json == NOT_FOUND
    assert api.get("/api/v5/applications/mosaic/").json == NOT_FOUND


def test_versions_nobody_released_are_refused_where_there_is_a_list(keys: tuple[Api, Any]) -> None:
    api, _ = keys
    for compatibility, fault in (
        ({"firefox": {"min": "57.0", "max": "*"}}, None),
        ({"firefox": {"min": "57.0", "max": "115.*"}}, None),
        ({"firefox": {"min": "58.0"}}, "Unknown min app version specified"),
        ({"firefox": {"max": "116.*"}}, "Unknown max app version specified"),
        ({"thunderbird": {"min": "58.0"}}, None),
    ):
        answer = api.ask(
            "PATCH", "v4", "addons/addon/1/versions/10/", SUBMITTER, {"compatibility": compatibility}
        )
        assert answer.status == (400 if fault else 200), (compatibility, answer.json)
        assert not fault or answer.json == {"compatibility": [fault]}
    package = {"version": "7.0", "license": "MIT", "compatibility": {"firefox": {"min": "58.0"}}}
    answer = api.ask("POST", "v5", "addons/addon/2/versions/", SUBMITTER, package)
    assert (answer.status, answer.json) == (400, {"compatibility": ["Unknown min app version specified"]})
