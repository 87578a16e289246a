"""Add-ons created, put and deleted through the API (contract/writes.md 3, 4.2, 4.3).

Rules: contract/writes.md 3.3; contract/packages.md 4, 4.2, 4.4 and 5.
"""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from itsdangerous import TimestampSigner

from server.embedded.mongod import OwnMongod
from tests.handlers.signed_client import FORBIDDEN, KEYRING, NOT_AUTHENTICATED, NOT_FOUND, Api
from tests.handlers.writable_server import (
    DEVELOPER,
    FLAGS,
    OWNER,
    REVIEWER,
    SPARE,
    STRANGER,
    SUBMITTER,
    VIEWER,
    addon,
    at_once,
    writing,
)
from tests.sweep import sweep

VERSIONS = ("v3", "v4", "v5")
ADDONS = [
    addon(1),
    addon(2),
    addon(3, status="disabled"),
    addon(4, status="rejected"),
    addon(5, status="deleted", slug=None),
    *(addon(number) for number in SPARE),
]
METADATA = {"name": {"en-US": "Brand new"}, "summary": {"en-US": "Quite."}, "categories": ["tabs"]}
PACKAGE = {"version": "1.0", "license": "MIT"}
DUPLICATE = {"version": ["Duplicate add-on ID found."]}
BOTH = "Both `license` and `custom_license` cannot be provided together."
TOKEN_MISSING = ['"delete_confirm" token must be supplied for add-on delete.']
TOKEN_INVALID = ['"delete_confirm" token is invalid.']


def listed(**package: Any) -> dict[str, Any]:
    """A new add-on that has what a listing needs, and such a package."""
    return {**METADATA, "version": {**PACKAGE, **package}}


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with writing(tmp_path_factory.mktemp("submissions"), mongod, *ADDONS) as started:
        yield started


class Past(TimestampSigner):
    """Signs as if it were some seconds ago."""

    seconds = 0

    def get_timestamp(self) -> int:
        return int(time.time()) - self.seconds


def check_version(api: Api, version: str, made: Any, number: str) -> None:
    """The answer to a submission names the version just made as its own page does."""
    assert list(made)[-1] == "version"
    answer = api.ask("GET", version, f"addons/addon/{made['id']}/versions/v{number}/", SUBMITTER)
    assert made["version"] == answer.json
    assert made["version"]["edit_url"].endswith(f"/versions/{made['version']['id']}")


class TestCreate:
    @sweep("version", VERSIONS)
    def test_listed(self, api: Api, version: str) -> None:
        sent = listed()
        answer = api.ask("POST", version, "addons/addon/", SUBMITTER, sent)
        assert answer.status == 201
        created = answer.json
        assert (created["status"], created["slug"][:9], created["type"]) == (
            "nominated",
            "brand-new",
            "extension",
        )
        assert [author["id"] for author in created["authors"]] == [SUBMITTER["_id"]]
        assert created["current_version"]["version"] == "1.0"
        check_version(api, version, created, "1.0")
        path = f"addons/addon/{created['id']}/"
        assert api.ask("GET", version, path).status == 401
        assert api.ask("GET", version, path, SUBMITTER).json["guid"] == created["guid"]

    def test_unlisted_needs_no_metadata(self, api: Api) -> None:
        sent = {"version": {"version": "0.1", "channel": "unlisted"}}
        created = api.ask("POST", "v5", "addons/addon/", SUBMITTER, sent).json
        assert (created["status"], created["current_version"]) == ("incomplete", None)
        assert created["latest_unlisted_version"]["version"] == "0.1"
        assert (created["version"]["version"], created["version"]["channel"]) == ("0.1", "unlisted")

    def test_what_nobody_lists_need_not_be_fit_for_a_listing(self, api: Api) -> None:
        package = {"version": "0.1", "channel": "unlisted", "summary": "Made for https://example.com/. " * 20}
        assert api.ask("POST", "v5", "addons/addon/", SUBMITTER, {"version": package}).status == 201

    def test_the_same_name_at_the_same_time(self, api: Api) -> None:
        sent = listed() | {"name": {"en-US": "All at once"}}
        answers = at_once(
            api, 6, lambda client, _: client.ask("POST", "v5", "addons/addon/", SUBMITTER, sent)
        )
        assert {answer.status for answer in answers} == {201}
        assert len({answer.json["slug"] for answer in answers}) == 6

    @pytest.mark.parametrize(
        ("sent", "status", "told"),
        [
            pytest.param({}, 400, {"version": ["This field is required."]}, id="no-version"),
            pytest.param(
                {"version": None}, 400, {"version": ["This field may not be null."]}, id="null-version"
            ),
            pytest.param(
                {"version": []},
                400,
                {"version": {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}},
                id="version-no-object",
            ),
            pytest.param(
                {"version": {"upload": "foo"}},
                400,
                {"version": {"upload": ["“foo” is not a valid UUID."]}},
                id="upload-no-uuid",
            ),
            pytest.param(
                {"version": PACKAGE},
                400,
                {
                    field: ["This field is required for add-ons with listed versions."]
                    for field in ("categories", "name", "summary")
                },
                id="no-metadata",
            ),
            pytest.param(
                {**METADATA, "version": {"version": "1.0"}},
                400,
                {"version": {"license": ["This field, or custom_license, is required for listed versions."]}},
                id="no-licence",
            ),
            pytest.param(
                listed(custom_license={"name": {}}),
                400,
                {"version": {"license": [BOTH]}},
                id="both-licences",
            ),
            pytest.param(
                listed(release_notes={"fr": "Mieux."}),
                400,
                {
                    "version": {
                        "release_notes": [
                            'A value in the default locale of "en-US" is required if other translations are '
                            "set."
                        ]
                    }
                },
                id="notes-without-english",
            ),
            pytest.param(
                listed() | {"summary": {"en-US": "See example.com"}},
                400,
                {"summary": ["URLs are not allowed."]},
                id="url-in-summary",
            ),
            pytest.param(
                {
                    "categories": ["tabs"],
                    "version": {**PACKAGE, "name": "Firefox", "summary": "https://example.com/"},
                },
                400,
                {
                    "name": ["Add-on names cannot contain the Mozilla or Firefox trademarks."],
                    "summary": ["URLs are not allowed."],
                },
                id="faults-of-the-manifest",
            ),
            pytest.param(listed(guid="addon1@example.org"), 409, DUPLICATE, id="guid-taken"),
            pytest.param(listed(guid="addon5@example.org"), 409, DUPLICATE, id="guid-of-a-deleted-add-on"),
            pytest.param(
                listed() | {"name": {"en-US": "Firefox"}},
                400,
                {"name": ["Add-on names cannot contain the Mozilla or Firefox trademarks."]},
                id="trademark",
            ),
        ],
    )
    def test_faults(self, api: Api, sent: Any, status: int, told: Any) -> None:
        answer = api.ask("POST", "v5", "addons/addon/", SUBMITTER, sent)
        assert (answer.status, answer.json) == (status, told)

    def test_not_everybody_may_describe_a_package(self, api: Api) -> None:
        answer = api.ask("POST", "v5", "addons/addon/", OWNER, {"version": PACKAGE, "slug": "12"})
        assert answer.status == 400
        assert answer.json == {
            "version": {"upload": ["This field is required."]},
            "slug": ["This slug cannot be used. Please choose another."],
        }


class TestPut:
    def test_an_unknown_guid_creates(self, api: Api) -> None:
        package = {**PACKAGE, "guid": "put@example.org", "name": "Put", "summary": "Put."}
        sent = {"categories": ["tabs"], "version": package}
        answer = api.ask("PUT", "v5", "addons/addon/put@example.org/", SUBMITTER, sent)
        assert (answer.status, answer.json["guid"]) == (201, "put@example.org")
        assert answer.json["name"] == {"en-US": "Put"}
        check_version(api, "v5", answer.json, "1.0")

    def test_a_known_guid_is_edited_and_has_one_more_version(self, api: Api, number: int) -> None:
        guid = f"addon{number}@example.org"
        package = {**PACKAGE, "version": "7.0", "guid": guid, "name": "Not taken"}
        sent = {"summary": {"en-US": "Taken"}, "version": package}
        answer = api.ask("PUT", "v5", f"addons/addon/{guid}/", SUBMITTER, sent)
        assert answer.status == 200
        assert (answer.json["name"], answer.json["summary"]) == ({"en-US": "Tab Tree"}, {"en-US": "Taken"})
        check_version(api, "v5", answer.json, "7.0")
        version = api.ask("GET", "v5", f"addons/addon/{number}/versions/v7.0/", SUBMITTER).json
        assert (version["version"], version["file"]["status"]) == ("7.0", "unreviewed")

    @pytest.mark.parametrize(
        ("path", "user", "status", "told"),
        [
            pytest.param("slug-1", SUBMITTER, 404, NOT_FOUND, id="by-slug"),
            pytest.param("1", SUBMITTER, 404, NOT_FOUND, id="by-id"),
            pytest.param("not%20a%20guid", SUBMITTER, 404, NOT_FOUND, id="no-guid"),
            pytest.param("a@new.example", None, 401, NOT_AUTHENTICATED, id="anonymous-new"),
            pytest.param("addon1@example.org", None, 401, NOT_AUTHENTICATED | FLAGS, id="anonymous-known"),
            pytest.param("addon1@example.org", STRANGER, 403, FORBIDDEN | FLAGS, id="stranger"),
        ],
    )
    def test_who_may_not(self, api: Api, path: str, user: Any, status: int, told: Any) -> None:
        answer = api.ask("PUT", "v5", f"addons/addon/{path}/", user, {})
        assert (answer.status, answer.json) == (status, told)

    @pytest.mark.parametrize(
        ("guid", "package", "status", "told"),
        [
            pytest.param(
                *("a@new.example", {}, 400),
                {"upload": ["A GUID must be specified in the manifest."]},
                id="manifest-without-guid",
            ),
            pytest.param(
                *("addon1@example.org", {"guid": "b@new.example"}, 400),
                {"upload": ["GUID mismatch between the URL and manifest."]},
                id="manifest-of-another",
            ),
            pytest.param(
                *("addon5@example.org", {"guid": "addon5@example.org"}, 409),
                ["Duplicate add-on ID found."],
                id="guid-of-a-deleted-add-on",
            ),
            pytest.param(
                *("addon1@example.org", {"guid": "addon1@example.org"}, 409),
                ["Version 1.0 already exists."],
                id="version-exists",
            ),
            pytest.param(
                *("addon4@example.org", {"guid": "addon4@example.org", "version": "2.0"}, 400),
                {
                    "non_field_errors": [
                        "Listed versions cannot be submitted while add-on listing is rejected."
                    ]
                },
                id="listing-rejected",
            ),
            pytest.param(
                *(
                    "addon1@example.org",
                    {"guid": "addon1@example.org", "version": "2", "type": "statictheme"},
                    400,
                ),
                {"upload": ["The type (Theme) does not match the type of your add-on on AMO (Extension)"]},
                id="another-type",
            ),
        ],
    )
    def test_faults(self, api: Api, guid: str, package: Any, status: int, told: Any) -> None:
        answer = api.ask("PUT", "v5", f"addons/addon/{guid}/", SUBMITTER, listed(**package))
        assert (answer.status, answer.json) == (status, {"version": told})


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
        sent = listed() | {"slug": f"slug-{number}"}
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

    @pytest.mark.parametrize(("seconds", "status"), [(55, 204), (62, 400)])
    def test_the_token_is_good_for_a_minute(self, api: Api, number: int, seconds: int, status: int) -> None:
        signer = KEYRING.signer("amoeba.delete")
        signer.__class__ = Past
        signer.seconds = seconds  # type: ignore[attr-defined]
        token = signer.sign(str(number)).decode()
        answer = api.ask("DELETE", "v5", f"addons/addon/{number}/?delete_confirm={token}", OWNER)
        assert answer.status == status
        assert status == 204 or answer.json == TOKEN_INVALID

    def test_of_two_at_the_same_time_one_finds_nothing(self, api: Api, number: int) -> None:
        path = f"addons/addon/{number}/?delete_confirm={self.token(api, number)}"
        answers = at_once(api, 2, lambda client, _: client.ask("DELETE", "v5", path, OWNER))
        assert sorted(answer.status for answer in answers) == [204, 404]

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
