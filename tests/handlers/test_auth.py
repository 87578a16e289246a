"""Credentials over HTTP: which endpoint looks at which, what a broken one gets, the order of checks.

Rules: contract/auth.md 1, 1.1, 1.2, 1.3, 1.4, 2, 4 and 7; contract/versions.md 17; contract/versions.md
12.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from server.auth.credentials.apikeys import make_api_key
from server.auth.credentials.sessions import make_session
from server.auth.credentials.tokens import make_token
from server.auth.keys.keyring import Keyring, Secret
from server.embedded.mongod import OwnMongod
from tests.client import Answer, Client
from tests.factories import make_addon, make_user
from tests.handlers.loaded_server import load, serving
from tests.sweep import sweep

SECRET = "signs in tests/handlers/test_auth.py"
KEYRING = Keyring([Secret(SECRET)])
ANN = make_user(_id=7, username="ann", permissions=["Site:Edit"])
BOB = make_user(_id=8, username="bob", read_dev_agreement=None)
EVE = make_user(_id=9, username="eve", banned=True)
API = ("v3", "v4", "v5")
JWT_REALM = 'JWT realm="Access to addons.mozilla.org external API"'
SESSION_REALM = 'Session realm="Access to addons.mozilla.org internal API with session key"'
BEARER_REALM = 'bearer realm="api"'
SESSION_REALMS = {"v3": BEARER_REALM, "v4": BEARER_REALM, "v5": SESSION_REALM}

ADDON = "addons/addon/1/"
# Path below /api/vN/ -> the schemes it looks at.
BOTH, INTERNAL, NONE = ("JWT", "Bearer", "Session"), ("Bearer", "Session"), ()
PATHS: dict[str, tuple[str, ...]] = {
    ADDON: BOTH,
    f"{ADDON}versions/": BOTH,
    f"{ADDON}versions/10/": BOTH,
    f"{ADDON}eula_policy/": BOTH,
    "addons/search/": NONE,
    "addons/autocomplete/": NONE,
    "addons/categories/": NONE,
    "addons/language-tools/?app=firefox": NONE,
    "addons/replacement-addon/": NONE,
}


class World:
    def __init__(self, url: str, folder: Path, secrets: dict[int, str], sessions: dict[int, str]) -> None:
        self.client = Client(url)
        self.folder = folder
        self.secrets, self.sessions = secrets, sessions

    def header(self, scheme: str, user: Any = ANN, **claims: Any) -> str:
        if scheme == "Bearer":
            return f"Bearer {make_token(user, KEYRING)}"
        if scheme == "Session":
            return f"Session {self.sessions[user['_id']]}"
        now = int(time.time())
        payload = {"iss": f"user:{user['_id']}:1", "iat": now, "exp": now + 60, **claims}
        return "JWT " + jwt.encode(payload, self.secrets[user["_id"]], algorithm="HS256")

    def get(self, path: str, header: str | None, api: str = "v5", **headers: str) -> Answer:
        return self.request("GET", path, header, api, **headers)

    def request(self, method: str, path: str, header: str | None, api: str = "v5", **headers: str) -> Answer:
        sent = {**headers, **({"Authorization": header} if header is not None else {})}
        return self.client.request(method, f"/api/{api}/{path}", headers=sent)


@pytest.fixture(scope="module")
def world(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("auth")
    documents: list[dict[str, Any]] = [{"kind": "addon", **make_addon()}]
    secrets, sessions = {}, {}
    for user in (ANN, BOB, EVE):
        sessions[user["_id"]], session = make_session(user, KEYRING)
        secrets[user["_id"]], key = make_api_key(user["_id"], 1, KEYRING)
        documents += [{"kind": "user", **user}, {"kind": "session", **session}, {"kind": "apikey", **key}]
    with serving(folder, documents, mongod, AMOEBA_SECRET_KEY=SECRET) as program:
        opened = World(program.url, folder, secrets, sessions)
        yield opened
        opened.client.close()


@sweep("api", API)
@pytest.mark.parametrize("scheme", BOTH)
@pytest.mark.parametrize("path", PATHS)
def test_broken_credential_is_refused_where_it_is_looked_at(
    world: World, path: str, scheme: str, api: str
) -> None:
    answer = world.get(path, f"{scheme} broken", api)
    if scheme not in PATHS[path]:
        assert answer.status == 200
        return
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == (JWT_REALM if PATHS[path] == BOTH else SESSION_REALMS[api])
    assert answer.headers["Cache-Control"] == "s-maxage=0"
    assert answer.json.keys() == ({"detail"} if scheme == "JWT" else {"detail", "code"})


@sweep("api", API)
@pytest.mark.parametrize("scheme", BOTH)
def test_good_credential_is_served_and_not_shared(world: World, scheme: str, api: str) -> None:
    for path in PATHS:
        answer = world.get(path, world.header(scheme), api)
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "s-maxage=0"
        assert "WWW-Authenticate" not in answer.headers


BROKEN: dict[str, tuple[str, dict[str, str]]] = {
    "bearer alone": (
        "Bearer",
        {
            "detail": "Invalid Authorization header. No credentials provided.",
            "code": "ERROR_INVALID_HEADER",
        },
    ),
    "session with spaces": (
        "Session a b",
        {
            "detail": "Invalid Authorization header. Credentials string should not contain spaces.",
            "code": "ERROR_INVALID_HEADER",
        },
    ),
    "bearer forged": (
        "Bearer a:b:c",
        {"detail": "Error decoding signature.", "code": "ERROR_DECODING_SIGNATURE"},
    ),
    "session unknown": (
        "Session abc",
        {
            "detail": "Valid user session not found matching the provided session key.",
            "code": "ERROR_AUTHENTICATION_EXPIRED",
        },
    ),
    "jwt alone": ("jwt", {"detail": "Invalid Authorization header. No credentials provided."}),
    "jwt undecodable": ("JWT abc", {"detail": "Error decoding signature."}),
}


@pytest.mark.parametrize(("header", "body"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT"])
def test_bodies(world: World, method: str, header: str, body: dict[str, str]) -> None:
    answer = world.request(method, ADDON, header)
    assert answer.status == 401
    if method != "HEAD":
        assert answer.json == body


@pytest.mark.parametrize(
    ("user", "scheme", "body"),
    [
        (EVE, "Bearer", {"detail": "Incorrect authentication credentials."}),
        (EVE, "JWT", {"detail": "User account is disabled."}),
        (BOB, "JWT", {"detail": "User has not read developer agreement."}),
        (make_user(_id=99), "Bearer", {"detail": "Incorrect authentication credentials."}),
        (
            EVE,
            "Session",
            {
                "detail": "Valid user session not found matching the provided session key.",
                "code": "ERROR_AUTHENTICATION_EXPIRED",
            },
        ),
    ],
)
def test_accounts_that_may_not(world: World, user: Any, scheme: str, body: dict[str, str]) -> None:
    assert world.get(ADDON, world.header(scheme, user)).json == body


def test_text_is_localised_and_code_is_not(world: World) -> None:
    body = world.get(f"{ADDON}?lang=fr", "Bearer x").json
    assert body["code"] == "ERROR_DECODING_SIGNATURE"
    assert body["detail"] != "Error decoding signature."


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Digest x", "Token abc", "Bearerx y"])
def test_other_schemes_are_anonymous(world: World, header: str) -> None:
    assert world.get(ADDON, header).status == 200
    assert world.request("DELETE", "accounts/session/", header).status == 401


@sweep("api", API)
def test_who_is_not_signed_in_has_no_session_to_end(world: World, api: str) -> None:
    for header in (None, world.header("JWT"), "JWT broken"):
        answer = world.request("DELETE", "accounts/session/", header, api)
        assert answer.status == 401
        assert answer.json == {"detail": "Authentication credentials were not provided."}
        assert answer.headers["WWW-Authenticate"] == SESSION_REALMS[api]


def test_preflight_asks_for_nothing(world: World) -> None:
    answer = world.request(
        "OPTIONS",
        "accounts/session/",
        None,
        **{"Origin": "https://a.example", "Access-Control-Request-Method": "DELETE"},
    )
    assert answer.status == 200
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"


def test_elsewhere_any_origin_and_no_credentials(world: World) -> None:
    answer = world.get(ADDON, world.header("Bearer"), Origin="https://a.example")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("scheme", INTERNAL)
def test_signing_out_ends_every_session_and_token(world: World, scheme: str) -> None:
    """BOB's, so that ANN's serve the other tests; the second scheme finds it done."""
    header = world.header(scheme, BOB)
    expected = {
        "Bearer": {"detail": "Incorrect authentication credentials."},
        "Session": {
            "detail": "Valid user session not found matching the provided session key.",
            "code": "ERROR_AUTHENTICATION_EXPIRED",
        },
    }
    if scheme == INTERNAL[0]:
        answer = world.request("DELETE", "accounts/session/", header)
        assert (answer.status, answer.json) == (200, {"ok": True})
        cookies = answer.headers.get_all("Set-Cookie") or []
        assert {cookie.split("=")[0] for cookie in cookies} == {"sessionid", "frontend_auth_token"}
    answer = world.request("DELETE", "accounts/session/", header)
    assert (answer.status, answer.json) == (401, expected[scheme])
    assert world.get(ADDON, header).status == 401


def test_read_only_comes_before_credentials_and_reads_go_on(world: World, mongod: OwnMongod) -> None:
    """The last test, because nothing ends the mode again."""
    load(world.folder, [{"kind": "site", "_id": "state", "read_only": True, "notice": None}], mongod)
    deadline = time.monotonic() + 5
    while not world.get("site/", None).json["read_only"]:
        assert time.monotonic() < deadline
    for header in (None, "Bearer broken", "JWT", world.header("Bearer")):
        for method, path in (("DELETE", "accounts/session/"), ("PUT", ADDON)):
            answer = world.request(method, path, header)
            assert answer.status == 503
            assert answer.json.keys() == {"error"}
    assert world.get(ADDON, "Bearer broken").status == 401
    assert world.get(ADDON, world.header("JWT")).status == 200
