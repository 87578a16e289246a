"""Accounts over HTTP: who sees what, what may be written, what a deletion takes along (contract/writes.md
10).
"""

import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from server.auth.credentials.sessions import make_session
from server.auth.credentials.tokens import make_token
from server.embedded.mongod import OwnMongod
from tests.factories import make_addon, make_file, make_user, make_version
from tests.handlers.signed_client import FORBIDDEN, KEYRING, NOT_AUTHENTICATED, NOT_FOUND, Api, lines, signed
from tests.sweep import sweep

ANN = make_user(_id=7, homepage="https://ann.example/", fxa_id="f" * 32, picture="/userpics/7.png")
BOB = make_user(_id=8, username="bob", display_name=None, is_public=False, biography={"fr": "Né ici."})
ADMIN = make_user(_id=9, username="admin", permissions=["Users:Edit"])
REVIEWER = make_user(_id=10, username="rev", permissions=["Addons:Review", "Addons:ContentReview"])
GONE = make_user(_id=11, username="gone", deleted=True)
SOLE = make_user(_id=12, username="sole")
SHARED = make_user(_id=13, username="shared")
EDITED = make_user(_id=14, username="edited", display_name="Before")


def owned(id: int, *authors: Any, **fields: Any) -> Any:
    rows = [
        {"user_id": user["_id"], "role": role, "listed": listed, "position": number}
        for number, (user, role, listed) in enumerate(authors)
    ]
    return make_addon(
        _id=id,
        guid=f"a{id}@example.org",
        slug=f"a{id}",
        authors=rows,
        versions=[make_version(id=id * 10, files=[make_file(id=id * 100)])],
        **fields,
    )


def rating_summary(average: float) -> Any:
    return make_addon()["ratings"] | {"average": average}


ADDONS = [
    owned(1, (ANN, "owner", True), ratings=rating_summary(4.0)),
    owned(2, (ANN, "owner", True), type="statictheme", ratings=rating_summary(3.5)),
    owned(3, (ANN, "owner", False)),
    owned(4, (ANN, "owner", True), status="disabled"),
    owned(5, (SOLE, "owner", True)),
    owned(6, (SHARED, "owner", True), (ANN, "developer", False)),
    owned(7, (EDITED, "owner", True)),
]
RATINGS = [
    {
        "_id": id,
        "addon_id": 1,
        "version_id": 10,
        "version": "1.0",
        "user_id": user["_id"],
        "score": 4,
        "is_latest": True,
        "created": "2024-01-01T00:00:00Z",
        "modified": "2024-01-01T00:00:00Z",
    }
    for id, user in ((1, SOLE), (2, BOB))
]
SESSION_KEY, SESSION = make_session(SOLE, KEYRING)
DOCUMENTS = [
    *lines("user", ANN, BOB, ADMIN, REVIEWER, GONE, SOLE, SHARED, EDITED),
    *lines("addon", *ADDONS),
    *lines("rating", *RATINGS),
    *lines("session", SESSION),
]
PUBLIC = {
    *("id", "name", "url", "username", "average_addon_rating", "biography", "created", "homepage"),
    *("has_anonymous_display_name", "has_anonymous_username", "is_addon_developer", "is_artist"),
    *("location", "num_addons_listed", "occupation", "picture_type", "picture_url"),
}
PRIVATE = PUBLIC | {
    *("deleted", "display_name", "email", "fxa_edit_email_url", "is_verified", "last_login"),
    *("last_login_ip", "permissions", "read_dev_agreement", "site_status"),
}
BASE = "accounts/account/"
SITE = "https://addons.example"


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with signed(tmp_path_factory.mktemp("accounts"), DOCUMENTS, mongod, AMOEBA_SITE_URL=SITE) as started:
        yield started


class TestRead:
    @sweep("version", ["v3", "v4", "v5"])
    @pytest.mark.parametrize(
        ("name", "user", "keys"),
        [
            pytest.param("7", None, PUBLIC, id="stranger"),
            pytest.param("ann", BOB, PUBLIC, id="by-name"),
            pytest.param("7", ANN, PRIVATE, id="self"),
            pytest.param("8", BOB, PRIVATE, id="self-not-public"),
            pytest.param("8", ADMIN, PRIVATE, id="admin"),
            pytest.param("10", REVIEWER, PRIVATE | {"reviewer_name"}, id="reviewer"),
        ],
    )
    def test_who_sees_what(self, api: Api, version: str, name: str, user: Any, keys: set[str]) -> None:
        answer = api.ask("GET", version, f"{BASE}{name}/", user)
        assert answer.status == 200
        assert set(answer.json) == (keys - {"site_status"} if version == "v3" else keys)

    @pytest.mark.parametrize(
        ("name", "user"),
        [
            ("8", None),
            ("bob", ANN),
            ("11", ADMIN),
            ("gone", None),
            ("99", ADMIN),
            ("nobody", None),
            ("9" * 30, None),
        ],
    )
    def test_all_others_are_404(self, api: Api, name: str, user: Any) -> None:
        answer = api.ask("GET", "v5", f"{BASE}{name}/", user)
        assert (answer.status, answer.json) == (404, NOT_FOUND)

    def test_what_strangers_read(self, api: Api) -> None:
        body = api.ask("GET", "v5", f"{BASE}7/").json
        assert body["name"] == "Ann"
        assert body["url"] == f"{SITE}/en-US/firefox/user/7/"
        assert (body["is_addon_developer"], body["is_artist"], body["num_addons_listed"]) == (
            True,
            True,
            2,
        )
        assert body["average_addon_rating"] == 3.75
        assert body["picture_url"] == f"{SITE}/user-media/userpics/7.png"
        assert (body["picture_type"], body["homepage"]) == ("image/png", "https://ann.example/")

    def test_what_oneself_reads(self, api: Api) -> None:
        body = api.ask("GET", "v5", "accounts/profile/", REVIEWER).json
        assert body["permissions"] == ["Addons:ContentReview", "Addons:Review"]
        assert body["site_status"] == {"read_only": False, "notice": None}
        assert (body["read_dev_agreement"], body["is_verified"], body["deleted"]) == (True, False, False)

    def test_who_has_no_name(self, api: Api) -> None:
        body = api.ask("GET", "v4", f"{BASE}8/", BOB).json
        assert (body["name"], body["has_anonymous_display_name"]) == ("Firefox user 8", True)
        assert (body["biography"], body["picture_url"], body["picture_type"]) == (None, None, None)
        french = api.ask("GET", "v4", f"{BASE}8/?lang=fr", BOB).json
        assert french["biography"] == "Né ici."

    @sweep("version", ["v3", "v4", "v5"])
    def test_profile_is_for_who_is_signed_in(self, api: Api, version: str) -> None:
        answer = api.ask("GET", version, "accounts/profile/")
        assert (answer.status, answer.json) == (401, NOT_AUTHENTICATED)
        assert answer.headers["WWW-Authenticate"].startswith("JWT ")
        profile = api.ask("GET", version, "accounts/profile/", ANN)
        assert profile.json == api.ask("GET", version, f"{BASE}7/", ANN).json


PNG = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


class TestEdit:
    @pytest.mark.parametrize(("version", "user"), [("v3", EDITED), ("v4", ADMIN), ("v5", EDITED)])
    def test_fields(self, api: Api, version: str, user: Any) -> None:
        fields = {
            "biography": f"Born in {version}.",
            "homepage": f"https://{version}.example/",
            "location": "Here",
            "occupation": None,
        }
        ignored = {"email": "x@example.org", "username": "x", "deleted": True, "permissions": ["*:*"]}
        answer = api.ask("PATCH", version, f"{BASE}14/", user, fields | ignored)
        assert answer.status == 200
        for name, value in (fields | {"email": "ann@example.org", "username": "edited"}).items():
            assert answer.json[name] == value
        assert (answer.json["permissions"], answer.json["deleted"]) == ([], False)
        assert api.ask("GET", version, f"{BASE}14/", EDITED).json == answer.json

    def test_a_new_name_shows_on_the_add_ons(self, api: Api) -> None:
        assert api.ask("PATCH", "v5", f"{BASE}14/", EDITED, {"display_name": "Änne"}).status == 200
        assert api.ask("GET", "v5", "addons/addon/7/").json["authors"][0]["name"] == "Änne"
        assert (
            api.ask("GET", "v5", "addons/search/?guid=a7@example.org").json["results"][0]["authors"][0][
                "name"
            ]
            == "Änne"
        )
        assert api.ask("PATCH", "v5", f"{BASE}14/", EDITED, {"display_name": None}).status == 200
        assert api.ask("GET", "v5", "addons/addon/7/").json["authors"][0]["name"] == "Firefox user 14"

    @pytest.mark.parametrize(
        ("fields", "texts"),
        [
            ({"display_name": "x"}, ["Ensure this field has at least 2 characters."]),
            ({"display_name": "x" * 51}, ["Ensure this field has no more than 50 characters."]),
            ({"display_name": "\u200b\u200b\u200b"}, ["Must contain at least one printable character."]),
            ({"display_name": ""}, ["This field may not be blank."]),
            ({"display_name": "Mozilla"}, ["This display name cannot be used."]),
            ({"display_name": True}, ["Not a valid string."]),
            ({"biography": "See http://spam.example"}, ["No links are allowed."]),
            ({"biography": "www.spam.example"}, ["No links are allowed."]),
            ({"homepage": "nowhere"}, ["Enter a valid URL."]),
            (
                {"homepage": f"{SITE}/me"},
                ["The homepage field can only be used to link to external websites."],
            ),
            ({"location": "x" * 256}, ["Ensure this field has no more than 255 characters."]),
            ({"occupation": {}}, ["Not a valid string."]),
        ],
        ids=str,
    )
    def test_faults(self, api: Api, fields: Any, texts: Any) -> None:
        answer = api.ask("PATCH", "v5", f"{BASE}14/", EDITED, fields)
        assert (answer.status, answer.json) == (400, {next(iter(fields)): texts})

    def test_reviewers_have_another_name(self, api: Api) -> None:
        path = f"{BASE}10/"
        assert api.ask("PATCH", "v5", path, REVIEWER, {"reviewer_name": "R. Viewer"}).json["reviewer_name"]
        blank = api.ask("PATCH", "v5", path, REVIEWER, {"reviewer_name": ""})
        assert (blank.status, blank.json["reviewer_name"]) == (200, None)
        denied = api.ask("PATCH", "v5", path, REVIEWER, {"reviewer_name": "Firefox"})
        assert denied.json == {"reviewer_name": ["This reviewer name cannot be used."]}
        assert (
            "reviewer_name" not in api.ask("PATCH", "v5", f"{BASE}14/", EDITED, {"reviewer_name": "x"}).json
        )

    @pytest.mark.parametrize("method", ["PATCH", "DELETE"])
    @pytest.mark.parametrize(
        ("name", "user", "status", "body"),
        [
            ("7", None, 401, NOT_AUTHENTICATED),
            ("7", BOB, 403, FORBIDDEN),
            ("99", BOB, 404, NOT_FOUND),
            ("11", ADMIN, 404, NOT_FOUND),
        ],
    )
    def test_who_may_not(self, api: Api, method: str, name: str, user: Any, status: int, body: Any) -> None:
        for path in (f"{BASE}{name}/", f"{BASE}{name}/picture/")[: 2 if method == "DELETE" else 1]:
            answer = api.ask(method, "v5", path, user, {"display_name": "x"})
            assert (answer.status, answer.json) == (status, body)

    @pytest.mark.parametrize(
        ("path", "allow"),
        [(f"{BASE}7/", "DELETE, GET, HEAD, OPTIONS, PATCH"), (f"{BASE}7/picture/", "DELETE, OPTIONS")],
    )
    def test_put_is_405(self, api: Api, path: str, allow: str) -> None:
        answer = api.ask("PUT", "v5", path, ANN, {})
        assert (answer.status, answer.headers["Allow"]) == (405, allow)


class TestPicture:
    def _upload(self, api: Api, content: bytes) -> Any:
        head = b'--x\r\nContent-Disposition: form-data; name="picture_upload"; filename="a.png"\r\n'
        body = head + b"Content-Type: image/png\r\n\r\n" + content + b"\r\n--x--\r\n"
        sent = {"Content-Type": "multipart/form-data; boundary=x"}
        sent["Authorization"] = f"Bearer {make_token(ANN, KEYRING)}"
        return api.request("PATCH", f"/api/v5/{BASE}7/", headers=sent, body=body)

    @pytest.mark.parametrize(
        ("content", "text"),
        [
            pytest.param(b"GIF89a", "Images must be either PNG or JPG.", id="kind"),
            pytest.param(PNG + chunk(b"acTL", b"\0" * 8), "Images cannot be animated.", id="animated"),
            pytest.param(b"x" * (4 * 1024 * 1024 + 1), "Please use images smaller than 4MB.", id="size"),
            pytest.param(
                b"nonsense",
                "Upload a valid image. The file you uploaded was either not an image or a corrupted image.",
                id="broken",
            ),
        ],
    )
    def test_faults(self, api: Api, content: bytes, text: str) -> None:
        answer = self._upload(api, content)
        assert (answer.status, answer.json) == (400, {"picture_upload": [text]})

    def test_is_taken_away(self, api: Api) -> None:
        answer = api.ask("DELETE", "v5", f"{BASE}ann/picture/", ANN)
        assert (answer.status, answer.json["picture_url"]) == (200, None)
        assert set(answer.json) == PRIVATE
        assert api.ask("GET", "v5", "addons/addon/1/").json["authors"][0]["picture_url"] is None


class TestDelete:
    """The last tests, because they delete accounts."""

    def test_everything_of_a_sole_author_goes(self, api: Api) -> None:
        count = api.ask("GET", "v5", "addons/addon/1/").json["ratings"]["count"]
        answer = api.ask("DELETE", "v5", f"{BASE}12/", SOLE)
        assert (answer.status, answer.body) == (204, b"")
        assert {cookie.split("=")[0] for cookie in answer.headers.get_all("Set-Cookie") or []} == {
            "sessionid",
            "frontend_auth_token",
        }
        assert api.ask("GET", "v5", f"{BASE}12/", ADMIN).status == 404
        assert api.ask("GET", "v5", "accounts/profile/", SOLE).status == 401
        by_session = api.ask("GET", "v5", "accounts/profile/", **{"Authorization": f"Session {SESSION_KEY}"})
        assert by_session.status == 401
        assert api.ask("GET", "v5", "addons/addon/5/").status == 404
        assert api.ask("GET", "v5", "ratings/rating/1/").status == 404
        assert api.ask("GET", "v5", "addons/addon/1/").json["ratings"]["count"] == count - 1

    def test_a_shared_add_on_stays_with_the_others(self, api: Api) -> None:
        assert api.ask("DELETE", "v4", f"{BASE}shared/", ADMIN).status == 204
        answer = api.ask("GET", "v5", "addons/addon/6/")
        assert [author["id"] for author in answer.json["authors"]] == [7]
        assert api.ask("GET", "v5", "accounts/profile/", ADMIN).status == 200
