"""Add-ons created, edited, put and deleted through the API (reference/writes.md 3 and 4)."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.factories import make_version
from tests.handlers.signed import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, Api
from tests.handlers.written import (
    ADMIN,
    DENIED,
    DEVELOPER,
    OUTDATED,
    OWNER,
    REVIEWER,
    STRANGER,
    SUBMITTER,
    VIEWER,
    addon,
    writing,
)

VERSIONS = ("v3", "v4", "v5")
FLAGS = {"is_disabled_by_developer": False, "is_disabled_by_mozilla": False}
UNLISTED = [make_version(id=501, channel="unlisted")]
ADDONS = [
    addon(1),
    addon(2),
    addon(3, status="disabled"),
    addon(
        4, status="rejected", content_review={"state": 3, "policies": [], "comments": None, "reviewed": None}
    ),
    addon(5, status="deleted", slug=None),
    addon(6, region_exclusions=["DE"]),
    addon(7, status="incomplete", versions=UNLISTED),
    *(addon(number) for number in range(20, 40)),
]
DENIED_TEXT = {"detail": "The email address used for your account is not allowed for submissions."}
METADATA = {"name": {"en-US": "Brand new"}, "summary": {"en-US": "Quite."}, "categories": ["tabs"]}
PACKAGE = {"version": "1.0", "license": "MIT"}
TOKEN_MISSING = ['"delete_confirm" token must be supplied for add-on delete.']
TOKEN_INVALID = ['"delete_confirm" token is invalid.']


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with writing(tmp_path_factory.mktemp("addon_writes"), *ADDONS) as started:
        yield started


@pytest.fixture
def number(numbers: Iterator[int]) -> int:
    """An add-on that no other test has."""
    return next(numbers)


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return iter(range(20, 40))


class TestWho:
    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize(
        ("identifier", "user", "status", "body"),
        [
            pytest.param("slug-1", OWNER, 200, None, id="owner"),
            pytest.param("1", DEVELOPER, 200, None, id="developer"),
            pytest.param("addon1@example.org", SUBMITTER, 200, None, id="author-not-shown"),
            pytest.param("1", STRANGER, 403, FORBIDDEN | FLAGS, id="stranger"),
            pytest.param("1", REVIEWER, 403, FORBIDDEN | FLAGS, id="reviewer"),
            pytest.param("1", ADMIN, 403, FORBIDDEN | FLAGS, id="admin-who-is-no-author"),
            pytest.param("1", None, 401, NOT_AUTHENTICATED | FLAGS, id="anonymous"),
            pytest.param(
                "3", OWNER, 403, FORBIDDEN | FLAGS | {"is_disabled_by_mozilla": True}, id="disabled"
            ),
            pytest.param("4", OWNER, 200, None, id="rejected-listing"),
            pytest.param("5", OWNER, 404, NOT_FOUND, id="deleted"),
            pytest.param("5", VIEWER, 404, NOT_FOUND, id="deleted-to-an-author-who-sees-it"),
            pytest.param("404", OWNER, 404, NOT_FOUND, id="unknown"),
            pytest.param("404", None, 404, NOT_FOUND, id="unknown-to-anonymous"),
            pytest.param("1", DENIED, 403, DENIED_TEXT, id="denied-address"),
        ],
    )
    def test_may_edit(
        self, api: Api, version: str, identifier: str, user: Any, status: int, body: Any
    ) -> None:
        answer = api.ask("PATCH", version, f"addons/addon/{identifier}/", user, {})
        assert answer.status == status
        if body is not None:
            assert answer.json == body
        assert ("WWW-Authenticate" in answer.headers) == (status == 401)

    @pytest.mark.parametrize("method", ["PATCH", "POST"])
    def test_must_have_accepted_the_agreement(self, api: Api, method: str) -> None:
        path = "addons/addon/1/" if method == "PATCH" else "addons/addon/"
        answer = api.ask(method, "v5", path, OUTDATED, {})
        assert answer.status == 403
        assert answer.json["detail"].startswith(
            "Please read and accept our Firefox Add-on Distribution Agreement as well as our Review Policies "
            "and Rules"
        )

    def test_is_withheld_from_a_country(self, api: Api) -> None:
        path, country = "addons/addon/6/", {"X-Country-Code": "DE"}
        assert api.ask("PATCH", "v5", path, OWNER, {}, **country).status == 451
        assert api.ask("PATCH", "v5", path, OWNER, {}).status == 200

    def test_creates_only_when_signed_in(self, api: Api) -> None:
        answer = api.ask("POST", "v5", "addons/addon/", None, {})
        assert (answer.status, answer.json) == (401, NOT_AUTHENTICATED)

    @pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
    def test_the_list_takes_posts_only(self, api: Api, method: str) -> None:
        answer = api.ask(method, "v5", "addons/addon/", OWNER)
        assert (answer.status, answer.json) == (405, {"detail": f'Method "{method}" not allowed.'})
        assert answer.headers["Allow"] == "OPTIONS, POST"


class TestEdit:
    def test_is_seen_at_once_everywhere(self, api: Api, number: int) -> None:
        sent = {"name": {"en-US": "Perspicacious"}, "slug": "perspicacious", "tags": ["privacy"]}
        answer = api.ask("PATCH", "v5", f"addons/addon/{number}/", OWNER, sent)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "s-maxage=0")
        assert (answer.json["name"], answer.json["tags"]) == ({"en-US": "Perspicacious"}, ["privacy"])
        assert answer.json["latest_unlisted_version"] is None
        for reader in (None, OWNER):
            shown = api.ask("GET", "v5", "addons/addon/perspicacious/", reader).json
            assert (shown["id"], shown["name"]) == (number, {"en-US": "Perspicacious"})
        assert api.ask("GET", "v5", f"addons/addon/slug-{number}/").status == 404

    @pytest.mark.parametrize("word", ["xylophonist", "quicksilvery", "zephyrous"])
    def test_is_found_by_search_within_300_milliseconds(self, api: Api, number: int, word: str) -> None:
        started = time.monotonic()
        api.ask("PATCH", "v5", f"addons/addon/{number}/", OWNER, {"name": {"en-US": word.title()}})
        while True:
            found = api.ask("GET", "v5", f"addons/search/?q={word}").json["results"]
            if [row["id"] for row in found] == [number]:
                break
            assert time.monotonic() - started < 5, "not found"
        assert time.monotonic() - started < 0.3

    @pytest.mark.parametrize("version", ["v3", "v4"])
    def test_takes_plain_text_in_the_request_language(self, api: Api, number: int, version: str) -> None:
        path = f"addons/addon/{number}/"
        assert api.ask("PATCH", version, path + "?lang=fr", OWNER, {"name": "Arbre"}).json["name"] == "Arbre"
        shown = api.ask("GET", version, path).json["name"]
        assert shown == {"en-US": "Tab Tree", "fr": "Arbre"}

    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize(
        ("sent", "told"),
        [
            ({"slug": "slug-2"}, {"slug": ["addon with this slug already exists."]}),
            ({"slug": "SLUG-2"}, {"slug": ["addon with this slug already exists."]}),
            ({"slug": 102030}, {"slug": ["This slug cannot be used. Please choose another."]}),
            ({"name": {"en-US": None}}, {"name": ['A value in the default locale of "en-US" is required.']}),
            (
                {"homepage": {"en-US": "https://addons.example.org/x"}},
                {
                    "homepage": [
                        "This field can only be used to link to external websites. URLs on "
                        "https://addons.example.org are not allowed."
                    ]
                },
            ),
            (
                {"default_locale": "ja"},
                {
                    field: ['A value in the default locale of "ja" is required.']
                    for field in ("name", "summary")
                },
            ),
            (
                {"is_experimental": None, "tags": ["x"]},
                {
                    "is_experimental": ["This field may not be null."],
                    "tags": {"0": ['"x" is not a valid choice.']},
                },
            ),
        ],
    )
    def test_faults(self, api: Api, version: str, sent: Any, told: Any) -> None:
        answer = api.ask("PATCH", version, "addons/addon/1/", OWNER, sent)
        assert (answer.status, answer.json) == (400, told)

    def test_plain_text_is_no_translation_in_v5(self, api: Api) -> None:
        answer = api.ask("PATCH", "v5", "addons/addon/1/", OWNER, {"summary": "x"})
        assert answer.json == {"summary": ["You must provide an object of {lang-code:value}."]}

    def test_faults_are_told_in_the_callers_language(self, api: Api) -> None:
        german = api.ask("PATCH", "v5", "addons/addon/1/?lang=de", OWNER, {"slug": None}).json
        assert german["slug"] != ["This field may not be null."]

    def test_what_is_not_writable_is_ignored(self, api: Api, number: int) -> None:
        sent = {"id": 1, "guid": "x@y.example", "status": "disabled", "version": {}, "weekly_downloads": 9}
        path = f"addons/addon/{number}/"
        before = api.ask("GET", "v5", path).json
        assert api.ask("PATCH", "v5", path, OWNER, sent).status == 200
        assert api.ask("GET", "v5", path).json == before

    def test_may_hide_and_show_the_addon(self, api: Api, number: int) -> None:
        path = f"addons/addon/{number}/"
        assert api.ask("PATCH", "v5", path, OWNER, {"is_disabled": True}).json["is_disabled"] is True
        hidden = api.ask("GET", "v5", path)
        assert (hidden.status, hidden.json["is_disabled_by_developer"]) == (401, True)
        assert api.ask("PATCH", "v5", path, OWNER, {"is_disabled": False}).status == 200
        assert api.ask("GET", "v5", path).status == 200

    def test_of_two_at_the_same_time_none_is_lost(self, api: Api, number: int) -> None:
        locales = ["de", "fr", "es-ES", "it", "pl", "ru", "ja", "cs"]

        def translate(locale: str) -> int:
            client = Api(api.base)
            sent = {"summary": {locale: f"Summary in {locale}"}}
            try:
                return client.ask("PATCH", "v5", f"addons/addon/{number}/", OWNER, sent).status
            finally:
                client.close()

        with ThreadPoolExecutor(len(locales)) as pool:
            assert list(pool.map(translate, locales)) == [200] * len(locales)
        shown = api.ask("GET", "v5", f"addons/addon/{number}/").json["summary"]
        assert shown.keys() == {"en-US", *locales}


class TestCreate:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_listed(self, api: Api, version: str) -> None:
        sent = {**METADATA, "version": PACKAGE}
        answer = api.ask("POST", version, "addons/addon/", SUBMITTER, sent)
        assert answer.status == 201
        made = answer.json
        assert (made["status"], made["slug"][:9], made["type"]) == ("nominated", "brand-new", "extension")
        assert [author["id"] for author in made["authors"]] == [SUBMITTER["_id"]]
        assert made["current_version"]["version"] == "1.0"
        path = f"addons/addon/{made['id']}/"
        assert api.ask("GET", version, path).status == 401
        assert api.ask("GET", version, path, SUBMITTER).json["guid"] == made["guid"]

    def test_unlisted_needs_no_metadata(self, api: Api) -> None:
        sent = {"version": {"version": "0.1", "channel": "unlisted"}}
        made = api.ask("POST", "v5", "addons/addon/", SUBMITTER, sent).json
        assert (made["status"], made["current_version"]) == ("incomplete", None)
        assert made["latest_unlisted_version"]["version"] == "0.1"

    @pytest.mark.parametrize(
        ("user", "sent", "status", "told"),
        [
            pytest.param(OWNER, {}, 400, {"version": ["This field is required."]}, id="no-version"),
            pytest.param(
                OWNER, {"version": None}, 400, {"version": ["This field may not be null."]}, id="null-version"
            ),
            pytest.param(
                OWNER,
                {"version": []},
                400,
                {"version": {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}},
                id="version-no-object",
            ),
            pytest.param(
                OWNER,
                {"version": PACKAGE, "slug": "12"},
                400,
                {
                    "version": {"upload": ["This field is required."]},
                    "slug": ["This slug cannot be used. Please choose another."],
                },
                id="without-upload",
            ),
            pytest.param(
                SUBMITTER,
                {"version": {"upload": "foo"}},
                400,
                {"version": {"upload": ["“foo” is not a valid UUID."]}},
                id="upload-no-uuid",
            ),
            pytest.param(
                SUBMITTER,
                {"version": PACKAGE},
                400,
                {
                    field: ["This field is required for add-ons with listed versions."]
                    for field in ("categories", "name", "summary")
                },
                id="no-metadata",
            ),
            pytest.param(
                SUBMITTER,
                {**METADATA, "version": {"version": "1.0"}},
                400,
                {"license": ["This field, or custom_license, is required for listed versions."]},
                id="no-licence",
            ),
            pytest.param(
                SUBMITTER,
                {**METADATA, "version": {**PACKAGE, "guid": "addon1@example.org"}},
                409,
                {"version": ["Duplicate add-on ID found."]},
                id="guid-taken",
            ),
            pytest.param(
                SUBMITTER,
                {**METADATA, "version": {**PACKAGE, "guid": "addon5@example.org"}},
                409,
                {"version": ["Duplicate add-on ID found."]},
                id="guid-of-a-deleted-add-on",
            ),
            pytest.param(
                SUBMITTER,
                {**METADATA, "name": {"en-US": "Firefox"}, "version": PACKAGE},
                400,
                {"name": ["Add-on names cannot contain the Mozilla or Firefox trademarks."]},
                id="trademark",
            ),
        ],
    )
    def test_faults(self, api: Api, user: Any, sent: Any, status: int, told: Any) -> None:
        answer = api.ask("POST", "v5", "addons/addon/", user, sent)
        assert (answer.status, answer.json) == (status, told)


class TestPut:
    def test_an_unknown_guid_creates(self, api: Api) -> None:
        package = {**PACKAGE, "guid": "put@example.org", "name": "Put", "summary": "Put."}
        sent = {"categories": ["tabs"], "version": package}
        answer = api.ask("PUT", "v5", "addons/addon/put@example.org/", SUBMITTER, sent)
        assert (answer.status, answer.json["guid"]) == (201, "put@example.org")
        assert answer.json["name"] == {"en-US": "Put"}

    def test_a_known_guid_is_edited_and_has_one_more_version(self, api: Api, number: int) -> None:
        guid = f"addon{number}@example.org"
        package = {**PACKAGE, "version": "7.0", "guid": guid, "name": "Not taken"}
        sent = {"summary": {"en-US": "Taken"}, "version": package}
        answer = api.ask("PUT", "v5", f"addons/addon/{guid}/", SUBMITTER, sent)
        assert answer.status == 200
        assert (answer.json["name"], answer.json["summary"]) == ({"en-US": "Tab Tree"}, {"en-US": "Taken"})
        version = api.ask("GET", "v5", f"addons/addon/{number}/versions/v7.0/", SUBMITTER).json
        assert (version["version"], version["file"]["status"]) == ("7.0", "unreviewed")

    @pytest.mark.parametrize(
        ("path", "user", "sent", "status", "told"),
        [
            pytest.param("slug-1", SUBMITTER, {}, 404, NOT_FOUND, id="by-slug"),
            pytest.param("1", SUBMITTER, {}, 404, NOT_FOUND, id="by-id"),
            pytest.param("not a guid", SUBMITTER, {}, 404, NOT_FOUND, id="no-guid"),
            pytest.param("a@new.example", None, {}, 401, NOT_AUTHENTICATED, id="anonymous-new"),
            pytest.param(
                "addon1@example.org", None, {}, 401, NOT_AUTHENTICATED | FLAGS, id="anonymous-known"
            ),
            pytest.param("addon1@example.org", STRANGER, {}, 403, FORBIDDEN | FLAGS, id="stranger"),
            pytest.param(
                "a@new.example",
                SUBMITTER,
                {"version": PACKAGE},
                400,
                {"version": {"upload": ["A GUID must be specified in the manifest."]}},
                id="manifest-without-guid",
            ),
            pytest.param(
                "addon1@example.org",
                SUBMITTER,
                {"version": {**PACKAGE, "guid": "b@new.example"}},
                400,
                {"version": {"upload": ["GUID mismatch between the URL and manifest."]}},
                id="manifest-of-another",
            ),
            pytest.param(
                "addon5@example.org",
                SUBMITTER,
                {**METADATA, "version": {**PACKAGE, "guid": "addon5@example.org"}},
                409,
                {"version": ["Duplicate add-on ID found."]},
                id="guid-of-a-deleted-add-on",
            ),
            pytest.param(
                "addon1@example.org",
                SUBMITTER,
                {"version": {**PACKAGE, "guid": "addon1@example.org"}},
                409,
                {"version": ["Version 1.0 already exists."]},
                id="version-exists",
            ),
        ],
    )
    def test_faults(self, api: Api, path: str, user: Any, sent: Any, status: int, told: Any) -> None:
        answer = api.ask("PUT", "v5", f"addons/addon/{path.replace(' ', '%20')}/", user, sent)
        assert (answer.status, answer.json) == (status, told)


class TestDelete:
    def token(self, api: Api, number: int) -> str:
        answer = api.ask("GET", "v5", f"addons/addon/{number}/delete_confirm/", OWNER)
        assert answer.status == 200
        found: str = answer.json["delete_confirm"]
        return found

    @pytest.mark.parametrize("version", VERSIONS)
    def test_in_two_steps(self, api: Api, number: int, version: str) -> None:
        path = f"addons/addon/{number}/"
        token = self.token(api, number)
        answer = api.ask("DELETE", version, f"{path}?delete_confirm={token}", OWNER)
        assert (answer.status, answer.body) == (204, b"")
        for user in (None, OWNER, REVIEWER):
            assert api.ask("GET", version, path, user).status == 404
        assert api.ask("GET", version, path, VIEWER).json["status"] == "deleted"
        assert api.ask("DELETE", version, f"{path}?delete_confirm={token}", OWNER).status == 404
        sent = {**METADATA, "slug": f"slug-{number}", "version": PACKAGE}
        assert api.ask("POST", version, "addons/addon/", SUBMITTER, sent).status == 201, "the slug is free"

    @pytest.mark.parametrize(
        ("query", "told"),
        [
            ("", TOKEN_MISSING),
            ("?delete_confirm=", TOKEN_MISSING),
            ("?delete_confirm=x", TOKEN_INVALID),
            ("?delete_confirm={other}", TOKEN_INVALID),
            ("?delete_confirm={own}x", TOKEN_INVALID),
            ("?delete_confirm=%C3%A9:%FF", TOKEN_INVALID),
        ],
    )
    def test_needs_its_own_token(self, api: Api, query: str, told: Any) -> None:
        query = query.format(own=self.token(api, 1), other=self.token(api, 2)) if "{" in query else query
        answer = api.ask("DELETE", "v5", f"addons/addon/1/{query}", OWNER)
        assert (answer.status, answer.json) == (400, told)

    @pytest.mark.parametrize(
        ("number", "user", "status"),
        [
            (1, SUBMITTER, 200),
            (1, DEVELOPER, 403),
            (1, STRANGER, 403),
            (1, None, 401),
            (3, OWNER, 403),
            (5, OWNER, 404),
            (404, OWNER, 404),
        ],
    )
    def test_is_for_owners(self, api: Api, number: int, user: Any, status: int) -> None:
        path = f"addons/addon/{number}/"
        assert api.ask("GET", "v5", path + "delete_confirm/", user).status == status
        expected = 400 if status == 200 else status
        assert api.ask("DELETE", "v5", path, user).status == expected


def test_writers_who_come_too_often_wait(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("often")
    with writing(folder, addon(1), AMOEBA_THROTTLING="true") as api:
        paths = ["addons/addon/1/", "addons/addon/404/", "addons/addon/1/versions/10/", "addons/addon/1/"]
        answers = [api.ask("PATCH", "v5", path, OWNER, {}) for path in paths]
        assert [answer.status for answer in answers] == [200, 404, 200, 429]
        assert answers[3].json["detail"].startswith("Request was throttled. Expected available in ")
        assert 0 < int(answers[3].headers["Retry-After"]) <= 60
        assert api.ask("GET", "v5", "addons/addon/1/", OWNER).status == 200
        assert api.ask("PATCH", "v5", "addons/addon/1/", SUBMITTER, {}).status == 200
