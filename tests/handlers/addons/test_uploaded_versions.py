"""Add-ons and versions made of uploads (contract/uploads.md 5 and 6).

Rules: contract/uploads.md 5, 5.1, 5.2 and 6.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.handlers.signed_client import Api, authorization
from tests.handlers.upload_client import send, upload
from tests.handlers.writable_server import (
    ADMIN,
    AUTHORS,
    OWNER,
    REVIEWER,
    SPARE,
    STRANGER,
    addon,
    at_once,
    writing,
)
from tests.packages import package

METADATA = {"categories": ["tabs"]}
LICENSE = {"license": "MIT"}
NOT_VALID = {"upload": ["Upload is not valid."]}


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    addons = [
        addon(1, type="statictheme"),
        addon(2, disabled_by_user=True),
        addon(3, type="dictionary", target_locale="fr", status="public"),
        addon(4, status="rejected"),
        addon(5, status="deleted"),
        addon(6, type="language", target_locale="fr", authors=[AUTHORS[0] | {"user_id": ADMIN["_id"]}]),
        *map(addon, SPARE),
    ]
    with writing(tmp_path_factory.mktemp("uploaded"), mongod, *addons) as started:
        yield started


def gecko(guid: str | None, **fields: Any) -> dict[str, Any]:
    return {"browser_specific_settings": {"gecko": {"id": guid, **fields}} if guid else None}


def sent(api: Api, user: Any = OWNER, channel: str = "listed", **manifest: Any) -> str:
    """The uuid of a package that is processed and valid."""
    uploaded = upload(api, user, package(**manifest), channel)
    assert uploaded["valid"], uploaded["validation"]["messages"]
    return str(uploaded["uuid"])


def get_version(api: Api, number: int, **manifest: Any) -> str:
    """A package for add-on `number` of the module."""
    return sent(api, **{"version": "2.0", **gecko(f"addon{number}@example.org"), **manifest})


def add(api: Api, number: int, body: Any, user: Any = OWNER) -> Any:
    return api.ask("POST", "v5", f"addons/addon/{number}/versions/", user, body)


class TestCreate:
    def test_what_the_package_says_is_what_the_addon_says(self, api: Api) -> None:
        uuid = sent(
            api,
            **gecko("new@example.org", strict_min_version="60.0"),
            permissions=["tabs"],
            homepage_url="https://example.com/",
        )
        answer = api.ask(
            "POST", "v5", "addons/addon/", OWNER, {**METADATA, "version": {"upload": uuid, **LICENSE}}
        )
        assert answer.status == 201, answer.body
        made, version = answer.json, answer.json["version"]
        assert (made["guid"], made["status"], made["type"]) == ("new@example.org", "nominated", "extension")
        assert (made["name"], made["summary"]) == ({"en-US": "Tab Tree"}, {"en-US": "Tabs in a tree."})
        assert made["homepage"]["url"] == {"en-US": "https://example.com/"}
        assert (version["version"], version["channel"]) == ("1.0", "listed")
        assert version["compatibility"] == {
            "firefox": {"min": "60.0", "max": "*"},
            "android": {"min": "48.0", "max": "*"},
        }
        file = version["file"]
        assert (file["status"], file["permissions"]) == ("unreviewed", ["tabs"])
        assert file["hash"].startswith("sha256:")
        assert file["size"] > 0
        assert version["edit_url"].endswith(f"/versions/{version['id']}")
        assert api.ask("GET", "v5", f"addons/upload/{uuid}/", OWNER).json["submitted"] is True

    def test_an_id_is_made_where_there_is_none(self, api: Api) -> None:
        uuid = sent(api, channel="unlisted", **gecko(None))
        answer = api.ask("POST", "v5", "addons/addon/", OWNER, {"version": {"upload": uuid}})
        assert answer.status == 201, answer.body
        assert answer.json["guid"].startswith("{")
        assert answer.json["status"] == "incomplete"
        assert answer.json["version"]["file"]["status"] == "public"

    def test_put_creates_and_then_adds(self, api: Api) -> None:
        path = "addons/addon/put%40example.org/"
        for number, status in (("1.0", 201), ("1.1", 200)):
            uuid = sent(api, channel="unlisted", version=number, **gecko("put@example.org"))
            answer = api.ask("PUT", "v5", path, OWNER, {"version": {"upload": uuid}})
            assert answer.status == status, answer.body
            assert answer.json["version"]["version"] == number
        wrong = sent(api, channel="unlisted", version="1.2", **gecko("other@example.org"))
        answer = api.ask("PUT", "v5", path, OWNER, {"version": {"upload": wrong}})
        assert answer.status == 400
        assert answer.json == {"version": {"upload": ["GUID mismatch between the URL and manifest."]}}

    def test_what_a_listing_cannot_have_is_told(self, api: Api) -> None:
        uuid = sent(api, name="x" * 51, description=None, **gecko("long@example.org"))
        answer = api.ask("POST", "v5", "addons/addon/", OWNER, {"version": {"upload": uuid, **LICENSE}})
        assert answer.status == 400
        assert answer.json == {"name": ["Ensure this field has no more than 50 characters."]}
        answer = api.ask(
            "POST",
            "v5",
            "addons/addon/",
            OWNER,
            {"name": {"en-US": "x"}, "version": {"upload": uuid, **LICENSE}},
        )
        assert answer.json.keys() == {"categories", "summary"}
        whole = {"name": {"en-US": "x"}, "summary": {"en-US": "x"}, **METADATA}
        answer = api.ask("POST", "v5", "addons/addon/", OWNER, {**whole, "version": {"upload": uuid}})
        assert answer.status == 400
        assert answer.json["version"].keys() == {"license"}

    @pytest.mark.parametrize(
        ("manifest", "text"),
        [
            (
                {
                    "langpack_id": "fr",
                    "browser_specific_settings": {
                        "gecko": {"id": "perm@example.org", "strict_max_version": "99.*"}
                    },
                },
                "You cannot submit a language pack",
            ),
            (
                {"files": {"META-INF/mozilla.rsa": b"..Mozilla Extensions.."}},
                "You cannot submit a Mozilla Signed",
            ),
            (gecko("x@mozilla.com"), "You cannot submit an add-on using an ID ending with this suffix"),
        ],
        ids=["language pack", "signed", "reserved id"],
    )
    def test_what_needs_a_permission(self, api: Api, manifest: Any, text: str) -> None:
        uuid = sent(api, channel="unlisted", **{**gecko("perm@example.org"), **manifest})
        answer = api.ask("POST", "v5", "addons/addon/", OWNER, {"version": {"upload": uuid}})
        assert answer.status == 400
        [told] = answer.json["version"]["upload"]
        assert told.startswith(text)

    @pytest.mark.parametrize("number", [1, 5], ids=["by another", "by one that is deleted"])
    def test_a_guid_that_is_taken(self, api: Api, number: int) -> None:
        uuid = sent(api, channel="unlisted", **gecko(f"ADDON{number}@example.org"))
        answer = api.ask("POST", "v5", "addons/addon/", OWNER, {"version": {"upload": uuid}})
        assert (answer.status, answer.json) == (409, {"version": ["Duplicate add-on ID found."]})

    def test_a_name_with_a_trademark(self, api: Api) -> None:
        uuid = sent(api, name="Firefox Tree", **gecko("mark@example.org"))
        body = {**METADATA, "version": {"upload": uuid, **LICENSE}}
        answer = api.ask("POST", "v5", "addons/addon/", OWNER, body)
        text = "Add-on names cannot contain the Mozilla or Firefox trademarks."
        assert (answer.status, answer.json) == (400, {"name": [text]})


class TestUse:
    def test_once(self, api: Api, number: int) -> None:
        uuid = get_version(api, number)
        answers = at_once(api, 3, lambda client, _: add(client, number, {"upload": uuid}))
        assert sorted(answer.status for answer in answers) == [201, 400, 400] or {
            answer.status for answer in answers
        } == {201, 400, 409}
        answer = add(api, number, {"upload": uuid})
        assert (answer.status, answer.json) == (400, NOT_VALID)

    def test_ones_own_and_valid_alone(self, api: Api, number: int) -> None:
        invalid = upload(api, OWNER, b"nothing")["uuid"]
        others = sent(api, STRANGER, version="2.0", **gecko(f"addon{number}@example.org"))
        for uuid in (invalid, others):
            answer = add(api, number, {"upload": uuid})
            assert (answer.status, answer.json) == (400, NOT_VALID)
        answer = add(api, number, {"upload": "0" * 32})
        assert answer.json["upload"][0].startswith("Object with uuid=00000000-")


class TestVersion:
    def test_it_awaits_review_in_place_of_the_one_before(self, api: Api, number: int) -> None:
        first = add(api, number, {"upload": get_version(api, number, version="2.0")}).json
        notes = {"release_notes": {"en-US": "New."}, "approval_notes": "Look."}
        answer = add(api, number, {"upload": get_version(api, number, version="2.1"), **notes})
        assert answer.status == 201, answer.body
        created = answer.json
        assert created["release_notes"] == {"en-US": "New."}
        assert created["license"]["slug"] == "MPL-2.0"
        assert created["file"]["status"] == "unreviewed"
        path = f"addons/addon/{number}/versions/{first['id']}/"
        assert api.ask("GET", "v5", path, OWNER).json["file"]["status"] == "disabled"

    def test_unlisted_ones_are_public_at_once(self, api: Api, number: int) -> None:
        uuid = get_version(api, number, channel="unlisted")
        created = add(api, number, {"upload": uuid}).json
        assert (created["channel"], created["file"]["status"]) == ("unlisted", "public")

    def test_a_form_will_do(self, api: Api, number: int) -> None:
        uuid = get_version(api, number)
        path = f"v5/addons/addon/{number}/versions/"
        answer = send(api, OWNER, "POST", path, upload=uuid, source="", approval_notes="x", license="MIT")
        assert answer.status == 201, answer.body
        assert (answer.json["approval_notes"], answer.json["license"]["slug"]) == ("x", "MIT")

    @pytest.mark.parametrize(
        ("manifest", "status", "body"),
        [
            (gecko("x@example.org"), 400, {"upload": "The add-on ID in your manifest.json (x@example.org)"}),
            ({"theme": {}}, 400, {"upload": "The type (Theme) does not match the type of your add-on"}),
            ({"version": "1.0"}, 409, {"version": "Version 1.0 already exists."}),
            (
                {"version": "0.9"},
                400,
                {"version": "Version 0.9 must be greater than the previous approved version 1.0."},
            ),
        ],
        ids=["another id", "another type", "a number that is there", "a lesser number"],
    )
    def test_what_does_not_fit(self, api: Api, manifest: Any, status: int, body: Any) -> None:
        answer = add(api, SPARE[-1], {"upload": get_version(api, SPARE[-1], **manifest)})
        assert answer.status == status, answer.body
        [(key, text)] = body.items()
        assert answer.json.keys() == {key}
        assert answer.json[key][0].startswith(text)

    def test_an_unlisted_number_may_be_any(self, api: Api, number: int) -> None:
        uuid = get_version(api, number, version="0.9", channel="unlisted")
        assert add(api, number, {"upload": uuid}).status == 201

    def test_a_dictionary_stays_in_its_language(self, api: Api) -> None:
        words = {"dictionaries": {"de": "a.dic"}, "files": {"a.dic": ""}}
        answer = add(api, 3, {"upload": get_version(api, 3, **words)})
        text = "The locale of an existing dictionary/language pack cannot be changed"
        assert (answer.status, answer.json) == (400, {"upload": [text]})
        words["dictionaries"] = {"fr": "a.dic"}
        assert add(api, 3, {"upload": get_version(api, 3, **words), **LICENSE}).status == 201

    def test_a_language_pack_goes_with_the_browsers_numbers_and_stays_in_its_language(self, api: Api) -> None:
        for locale, status in (("de", 400), ("fr", 201)):
            gecko = {"gecko": {"id": "addon6@example.org", "strict_max_version": "99.*"}}
            settings: dict[str, Any] = {"langpack_id": locale, "browser_specific_settings": gecko}
            uuid = sent(api, ADMIN, version="0.9", **settings)
            answer = add(api, 6, {"upload": uuid, **LICENSE}, ADMIN)
            assert answer.status == status, answer.body

    def test_not_of_a_rejected_addon(self, api: Api) -> None:
        answer = add(api, 4, {"upload": get_version(api, 4)})
        text = "Listed versions cannot be submitted while add-on listing is rejected."
        assert (answer.status, answer.json) == (400, {"non_field_errors": [text]})

    def test_not_of_a_disabled_addon(self, api: Api) -> None:
        answer = add(api, 2, {"upload": get_version(api, 2)})
        assert answer.status == 400
        text = "Listed versions cannot be submitted while add-on is disabled."
        assert answer.json == {"non_field_errors": [text]}

    def test_what_it_is_made_for_can_be_said_but_for_android(self, api: Api, number: int) -> None:
        settings = {"gecko": {"id": f"addon{number}@example.org"}, "gecko_android": {}}
        uuid = get_version(api, number, browser_specific_settings=settings)
        answer = add(api, number, {"upload": uuid, "compatibility": {"android": {"min": "120.0"}}})
        assert answer.status == 400
        assert answer.json["compatibility"][0].endswith("for this application (Firefox for Android)")
        created = add(api, number, {"upload": uuid, "compatibility": {"firefox": {"min": "80.0"}}}).json
        assert created["compatibility"] == {"firefox": {"min": "80.0", "max": "*"}}

    def test_strangers_make_none(self, api: Api, number: int) -> None:
        uuid = sent(api, STRANGER, version="2.0", **gecko(f"addon{number}@example.org"))
        assert add(api, number, {"upload": uuid}, STRANGER).status == 403
        assert add(api, number, {"upload": uuid}, None).status == 401


def test_a_server_may_approve_what_is_clean(mongod: OwnMongod, tmp_path: Any) -> None:
    with writing(tmp_path, mongod, addon(20), AMOEBA_AUTO_APPROVE="true") as api:
        remarked = get_version(api, 20, version="2.0", permissions=["souls"])
        clean = get_version(api, 20, version="2.1")
        assert add(api, 20, {"upload": remarked}).json["file"]["status"] == "unreviewed"
        created = add(api, 20, {"upload": clean}).json
        assert (created["file"]["status"], created["reviewed"] is not None) == ("public", True)
        body = api.ask("GET", "v5", "addons/addon/20/").json
        assert body["current_version"]["version"] == "2.1"
        notes = api.ask("GET", "v5", f"addons/addon/20/versions/{created['id']}/reviewnotes/", ADMIN).json
        assert [note["action"] for note in notes["results"]] == ["approved"]


def test_reviewers_see_what_validation_said_and_get_the_file(api: Api, number: int) -> None:
    """Of the version's channel; its authors too (contract/reviewers.md 3)."""
    uuid = get_version(api, number)
    listed = add(api, number, {"upload": uuid}).json["file"]["id"]
    unlisted = sent(api, OWNER, "unlisted", version="3.0", **gecko(f"addon{number}@example.org"))
    unlisted = add(api, number, {"upload": unlisted}).json["file"]["id"]
    base = f"reviewers/addon/{number}/file"
    people = {"stranger": None, "user": STRANGER, "author": OWNER, "reviewer": REVIEWER, "admin": ADMIN}
    for version in ("v3", "v4", "v5"):
        found = {
            name: [
                api.ask("GET", version, f"{base}/{file}/validation/", user).status
                for file in (listed, unlisted)
            ]
            for name, user in people.items()
        }
        assert found == {
            "stranger": [401, 401],
            "user": [403, 403],
            "author": [200, 200],
            "reviewer": [200, 403],
            "admin": [200, 200],
        }
    body = api.ask("GET", "v5", f"{base}/{listed}/validation/", REVIEWER).json
    assert body == {"validation": api.ask("GET", "v5", f"addons/upload/{uuid}/", OWNER).json["validation"]}
    for path in (
        f"reviewers/addon/{number + 1}/file/{listed}/validation/",  # of another add-on
        f"{base}/{number * 10}/validation/",  # never uploaded
        f"{base}/999999999999999999999/validation/",
        f"reviewers/addon/99999/file/{listed}/validation/",
        f"reviewers/addon/slug-{number}/file/{listed}/validation/",
    ):
        assert (path, api.ask("GET", "v5", path, ADMIN).status) == (path, 404)
    assert api.ask("POST", "v5", f"{base}/{listed}/validation/", REVIEWER, {}).status == 405
    for file, statuses in ((listed, (200, 200, 200)), (unlisted, (404, 404, 200))):
        path = f"/firefox/downloads/file/{file}/x.xpi"
        users = (None, REVIEWER, ADMIN)
        assert tuple(api.get(path, headers=authorization(user)).status for user in users) == statuses
