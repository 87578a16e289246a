"""The signing API: packages that become versions by themselves (contract/uploads.md 7).

Rules: contract/uploads.md 7.1, 7.2, 7.3 and 7.4.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from conf.messages import text
from server.auth.credentials.apikeys import make_api_key
from server.embedded.mongod import OwnMongod
from tests.client import Answer
from tests.factories import make_file, make_version
from tests.handlers.signed_client import (
    FORBIDDEN,
    KEYRING,
    NOT_AUTHENTICATED,
    Api,
    authorization,
    lines,
    signed,
)
from tests.handlers.signing_client import Signer
from tests.handlers.upload_client import send, upload
from tests.handlers.writable_server import (
    ADMIN,
    DENIED,
    DEVELOPER,
    OUTDATED,
    OWNER,
    SETTINGS,
    SPARE,
    STRANGER,
    USERS,
    addon,
    at_once,
)
from tests.packages import package
from tests.server.whole_documents import DOCUMENTS

SITE = "https://addons.example.org"
BLOCK = DOCUMENTS["blocks"]
KEYS = {user["_id"]: make_api_key(user["_id"], 1, KEYRING) for user in USERS}


def old(number: int, channel: str, **fields: Any) -> dict[str, Any]:
    version = make_version(id=number * 10, channel=channel, files=[make_file(id=number * 10)])
    return addon(number, versions=[version], **fields)


ADDONS = [
    old(1, "listed", disabled_by_user=True),
    old(2, "listed", status="disabled"),
    old(3, "listed", categories={}),
    old(4, "listed", type="statictheme"),
    old(5, "unlisted", status="incomplete"),
    old(6, "listed", status="deleted"),
    addon(7, versions=[make_version(id=70, deleted=True, files=[make_file(id=70)])]),
    *map(addon, SPARE),
]


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    keys = [{"kind": "apikey", **key} for _, key in KEYS.values()]
    documents = [*lines("user", *USERS), *lines("addon", *ADDONS), *keys, *lines("block", BLOCK)]
    with signed(tmp_path_factory.mktemp("signing"), documents, mongod, **SETTINGS) as started:
        yield started


def signer(api: Api, user: Any = OWNER, version: str = "v4") -> Signer:
    secret, key = KEYS[user["_id"]]
    return Signer(api, key["_id"], secret, version)


def made(guid: str | None, version: str | None = "1.0", **manifest: Any) -> bytes:
    gecko = {"browser_specific_settings": {"gecko": {"id": guid}} if guid else None}
    return package(**gecko | {"version": version} | manifest)


def guid_of(number: int) -> str:
    return f"addon{number}@example.org"


class TestNewAddon:
    def test_it_becomes_an_unlisted_version_by_itself(self, api: Api) -> None:
        version, guid = "v4", "new@example.org"
        ann, content = signer(api), made(guid)
        answer = ann.put(guid, "1.0", content, channel="listed")
        assert answer.status == 201, answer.body
        assert answer.headers["Content-Type"] == "application/json"
        sent = answer.json
        assert sent == {
            "guid": guid,
            "active": False,
            "automated_signing": True,
            "url": f"{SITE}/api/{version}/addons/{guid}/versions/1.0/uploads/{sent['pk']}/",
            "files": [],
            "passed_review": False,
            "pk": sent["pk"],
            "processed": False,
            "reviewed": False,
            "valid": False,
            "validation_results": None,
            "validation_url": f"{SITE}/en-US/developers/upload/{sent['pk']}",
            "version": "1.0",
        }
        done = ann.signed(answer)
        [file] = done["files"]
        assert (done["processed"], done["valid"], done["active"], done["reviewed"]) == (True,) * 4
        assert (done["passed_review"], done["validation_results"]["success"]) == (True, True)
        assert (file["signed"], file["hash"][:7]) == (True, "sha256:")
        assert ann.get(f"addons/{guid}/versions/1.0/").json == done
        fetched = ann.get(file["download_url"])
        assert (fetched.status, fetched.body == content) == (200, True)
        body = api.ask("GET", "v5", f"addons/addon/{guid}/", OWNER).json
        assert (body["status"], body["latest_unlisted_version"]["version"]) == ("incomplete", "1.0")
        again = ann.put(guid, "1.1", made(guid, "1.1"))
        assert again.status == 202
        assert ann.signed(again)["active"] is True

    @pytest.mark.parametrize("number", ["1.0", None], ids=["with its number", "without"])
    def test_without_an_id_one_is_made(self, api: Api, number: str | None) -> None:
        ann = signer(api, version="v3")
        more = {"version": number} if number else {}
        answer = ann.send("POST", "addons/", upload=("tree.xpi", made(None)), **more)
        assert answer.status == 201
        done = ann.signed(answer)
        assert done["guid"].startswith("{")
        assert "%7B" in done["url"]
        assert len(done["files"]) == 1

    def test_the_id_of_the_address_is_taken_where_there_is_no_other(self, api: Api) -> None:
        guid, long = "named@example.org", f"{'x' * 60}@example.org"
        assert signer(api).signed(signer(api).put(guid, "1.0", made(None)))["guid"] == guid
        refused = signer(api).put(long, "1.0", made(None))
        text = "Please specify your Add-on ID in the manifest if it's longer than 64 characters."
        assert (refused.status, refused.json) == (400, {"error": text})
        assert signer(api).put(long, "1.0", made(long)).status == 201


class TestKnownAddon:
    @pytest.mark.parametrize(
        ("channel", "number"),
        [("unlisted", 21), ("nonsense", 22), (None, 5)],
        ids=["unlisted", "no channel", "as the newest"],
    )
    def test_its_channel(self, api: Api, channel: str | None, number: int) -> None:
        more = {"channel": channel} if channel else {}
        answer = signer(api).put(guid_of(number), "2.0", made(guid_of(number), "2.0"), **more)
        assert answer.status == 202, answer.body
        done = signer(api).signed(answer)
        unlisted = channel == "unlisted" or number == 5
        assert done["automated_signing"] is unlisted
        assert (done["active"], done["files"][0]["signed"]) == (unlisted, unlisted)
        assert done["reviewed"] is unlisted

    def test_what_only_the_linter_would_say_is_in_the_validation(self, api: Api) -> None:
        content = made(guid_of(23), "2.0", background={"scripts": ["lost.js"]})
        answer = signer(api).put(guid_of(23), "2.0", content)
        assert answer.status == 202
        done = signer(api).signed(answer)
        assert (done["processed"], done["valid"], done["files"]) == (True, False, [])
        assert done["validation_results"]["messages"][0]["id"] == ["MANIFEST_BACKGROUND_FILE_NOT_FOUND"]

    def test_of_two_packages_of_one_number_one_becomes_the_version(self, api: Api) -> None:
        """The newer, unless the older was made a version of before: then its sender is told."""
        contents = [made(guid_of(24), "2.0", description=text) for text in "ab"]
        answers = at_once(api, 2, lambda one, place: signer(one).put(guid_of(24), "2.0", contents[place]))
        done = [signer(api).signed(answer) for answer in answers]
        assert done[0]["files"] == done[1]["files"]
        assert len(done[0]["files"]) == 1
        messages = [one["validation_results"]["messages"][0]["message"] for one in done if not one["valid"]]
        assert messages in ([], ["Version 2.0 already exists."])
        newest = signer(api).get(f"addons/{guid_of(24)}/versions/2.0/").json["pk"]
        assert newest in [one["pk"] for one in done]

    def test_one_that_was_used_otherwise_stays_valid(self, api: Api) -> None:
        answer = signer(api).put(guid_of(25), "2.0", made(guid_of(25), "2.0"), channel="unlisted")
        done = signer(api).signed(answer)
        again = api.ask("POST", "v5", "addons/addon/25/versions/", OWNER, {"upload": done["pk"]})
        assert again.json == {"upload": ["Upload is not valid."]}
        assert signer(api).get(done["url"]).json["valid"] is True

    def test_two_numbers_at_once_both_become_versions(self, api: Api) -> None:
        def put(client: Api, place: int) -> Answer:
            number = f"{place + 2}.0"
            return signer(client).put(guid_of(26), number, made(guid_of(26), number), channel="unlisted")

        answers = at_once(api, 3, put)
        assert [len(signer(api).signed(answer)["files"]) for answer in answers] == [1] * 3


def error(answer: Answer) -> tuple[int, Any]:
    assert answer.json.keys() == {"error"}
    return answer.status, answer.json["error"]


UNKNOWN = "tab@example.org"
REFUSED: dict[str, tuple[str, str, bytes, dict[str, str], int, str]] = {
    "another number": (UNKNOWN, "1.1", made(UNKNOWN), {}, 400, "Version does not match the manifest file."),
    "another id": (
        UNKNOWN, "1.0", made("other@example.org"), {}, 400, "Invalid Add-on ID in URL or package",
    ),
    "no id": ("tab", "1.0", made(None), {}, 400, "Invalid Add-on ID in URL or package"),
    "disabled": (
        guid_of(2), "2.0", made(guid_of(2), "2.0"), {}, 400,
        "You cannot add versions to an add-on that has status: Disabled by Mozilla.",
    ),
    "deleted": (
        guid_of(6), "2.0", made(guid_of(6), "2.0"), {}, 400,
        "You cannot add versions to an add-on that has status: Deleted.",
    ),
    "invisible": (
        guid_of(1), "2.0", made(guid_of(1), "2.0"), {"channel": "listed"}, 400,
        'You cannot add listed versions to an add-on set to "Invisible" state.',
    ),
    "an incomplete listing": (
        guid_of(3), "2.0", made(guid_of(3), "2.0"), {"channel": "listed"}, 400,
        "You cannot add a listed version to this add-on via the API due to missing metadata. "
        "Please submit via the website",
    ),
    "another type": (
        guid_of(4), "2.0", made(guid_of(4), "2.0"), {}, 400,
        "The type (Extension) does not match the type of your add-on on AMO (Theme)",
    ),
    "a number that is there": (
        guid_of(30), "1.0", made(guid_of(30)), {}, 409, "Version 1.0 already exists.",
    ),
    "a number that was there": (
        guid_of(7), "1.0", made(guid_of(7)), {}, 409, "Version 1.0 was uploaded before and deleted.",
    ),
    "a lesser number": (
        guid_of(30), "0.9", made(guid_of(30), "0.9"), {}, 400,
        "Version 0.9 must be greater than the previous approved version 1.0.",
    ),
    "a reserved id": (
        "x@mozilla.com", "1.0", made(None), {}, 400,
        "You cannot submit an add-on using an ID ending with this suffix: @mozilla.com",
    ),
    "blocked": (
        "bad@example.org", "1.0", made("bad@example.org"), {}, 400,
        text("version_blocked", version="1.0", link=f"{SITE}/blocked-addon/bad%40example.org/1.0/"),
    ),
    "no archive": (UNKNOWN, "1.0", b"nothing", {}, 400, "Invalid or corrupt add-on file."),
    "no manifest": (UNKNOWN, "1.0", package(""), {}, 400, "No manifest.json found"),
    "no version": (
        UNKNOWN, "1.0", made(UNKNOWN, version=None), {}, 400,
        "\"/\" must have required property 'version'",
    ),
    "a wrong version": (
        UNKNOWN, "1 0", made(UNKNOWN, "1 0"), {}, 400,
        "Version numbers should only contain letters, numbers, and these punctuation characters: +*.-_.",
    ),
}  # fmt: skip


def test_what_is_refused_at_once(api: Api) -> None:
    wrong = {}
    for case, (guid, version, content, more, status, said) in REFUSED.items():
        answer = signer(api).put(guid, version.replace(" ", "%20"), content, **more)
        if (answer.status, answer.json) != (status, {"error": said}):
            wrong[case] = (answer.status, answer.body)
    assert wrong == {}


def test_a_form_without_file(api: Api) -> None:
    missing = (400, 'Missing "upload" key in multipart file data.')
    for method, path in (("PUT", f"addons/{UNKNOWN}/versions/1.0/"), ("POST", "addons/")):
        for parts in ({}, {"upload": "a text"}):
            assert error(signer(api).send(method, path, **parts)) == missing
        headers = signer(api).header()
        answer = api.request(method, f"/api/v4/{path}", headers=headers, json_body={"upload": "x"})
        assert error(answer) == missing


def test_posting_an_id_that_is_taken(api: Api) -> None:
    answer = signer(api).send("POST", "addons/", upload=("a.xpi", made(guid_of(30), "9.0")), version="9.0")
    assert error(answer) == (409, "Duplicate add-on ID found.")


class TestWho:
    def test_nobody_elses_addon(self, api: Api) -> None:
        not_owner = (403, "You do not own this add-on.")
        for number in (30, 2, 6):
            answer = signer(api, STRANGER).put(guid_of(number), "2.0", made(guid_of(number), "2.0"))
            assert error(answer) == not_owner
            assert error(signer(api, STRANGER).get(f"addons/{guid_of(number)}/versions/1.0/")) == not_owner
        assert signer(api, ADMIN).put(guid_of(30), "2.0", made(guid_of(30), "2.0")).status == 403

    def test_an_author_and_an_editor_see_it(self, api: Api) -> None:
        answer = signer(api).put(guid_of(31), "2.0", made(guid_of(31), "2.0"))
        for user in (OWNER, DEVELOPER, ADMIN):
            assert signer(api, user).get(answer.json["url"]).json["pk"] == answer.json["pk"]
        assert signer(api, STRANGER).get(answer.json["url"]).status == 403

    def test_an_upload_for_nothing_yet_is_its_senders(self, api: Api) -> None:
        guid = "contested@example.org"
        bad = made(guid, background={"scripts": ["lost.js"]})
        sent = [signer(api, user).put(guid, "1.0", bad) for user in (OWNER, STRANGER)]
        assert [answer.status for answer in sent] == [201, 201]
        assert signer(api).get(f"addons/{guid}/versions/1.0/").json["pk"] == sent[0].json["pk"]
        unknown = (404, f'Could not find Add-on with ID "{guid}".')
        assert error(signer(api).get(sent[1].json["url"])) == unknown
        assert error(signer(api, ADMIN).get(sent[1].json["url"])) == unknown

    def test_of_two_who_want_one_id_one_gets_it_and_the_other_is_told(self, api: Api) -> None:
        guid = "raced@example.org"
        users = (OWNER, STRANGER)
        answers = at_once(
            api, 2, lambda client, place: signer(client, users[place]).put(guid, "1.0", made(guid))
        )
        taken = [place for place, answer in enumerate(answers) if answer.status != 201]
        assert len(taken) <= 1
        statuses = [
            signer(api, user).signed(answer)
            for user, answer in zip(users, answers, strict=True)
            if answer.status == 201
        ]
        assert sum(bool(status.get("files")) for status in statuses) == 1

    def test_what_is_unknown(self, api: Api) -> None:
        unknown = (404, 'Could not find Add-on with ID "no@example.org".')
        assert error(signer(api).get("addons/no@example.org/versions/1.0/")) == unknown
        none = (404, "No uploaded file for that add-on and version.")
        pk = "0" * 32
        for path in ("1.0", "9", f"1.0/uploads/{pk}", "1.0/uploads/x"):
            assert error(signer(api).get(f"addons/{guid_of(30)}/versions/{path}/")) == none

    def test_api_keys_alone_are_taken(self, api: Api) -> None:
        for method, path in (("PUT", f"addons/{UNKNOWN}/versions/1.0/"), ("POST", "addons/")):
            for user in (None, OWNER):
                answer = send(api, user, method, f"v4/{path}", upload=("a.xpi", made(UNKNOWN)))
                assert (answer.status, answer.json) == (401, NOT_AUTHENTICATED)
                assert answer.headers["WWW-Authenticate"].startswith("JWT ")
        answer = api.request("GET", f"/api/v4/addons/{UNKNOWN}/versions/1.0/", headers=authorization(OWNER))
        assert answer.status == 401
        broken = {"Authorization": "JWT x.y.z"}
        assert api.request("GET", "/api/v4/addons/x@y/versions/1.0/", headers=broken).status == 401

    def test_who_may_not_submit(self, api: Api) -> None:
        for user in (OUTDATED, DENIED):
            assert signer(api, user).put(UNKNOWN, "1.0", made(UNKNOWN)).status == 403

    def test_v5_has_none_of_it(self, api: Api) -> None:
        ann = signer(api, version="v5")
        assert ann.put(UNKNOWN, "1.0", made(UNKNOWN)).status == 404
        assert ann.send("POST", "addons/", upload=("a.xpi", made(None))).status == 404
        assert ann.get(f"addons/{guid_of(30)}/versions/1.0/").status == 404

    @pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
    def test_other_verbs(self, api: Api, method: str) -> None:
        assert signer(api).send(method, f"addons/{UNKNOWN}/versions/1.0/").status == 405
        assert signer(api).get("addons/").status == 405


def test_writes_wait_in_read_only_mode_and_reads_go_on(api: Api) -> None:
    sent = signer(api).put(guid_of(32), "2.0", made(guid_of(32), "2.0"))
    assert api.ask("PATCH", "v5", "site/", ADMIN, {"read_only": True}).status == 200
    try:
        assert signer(api).put(guid_of(32), "2.1", made(guid_of(32), "2.1")).status == 503
        assert signer(api).get(sent.json["url"]).status == 200
    finally:
        api.ask("PATCH", "v5", "site/", ADMIN, {"read_only": False})
    assert len(signer(api).signed(sent)["files"]) == 1


def test_they_count_as_submissions(mongod: OwnMongod, tmp_path: Any) -> None:
    secret, key = KEYS[OWNER["_id"]]
    documents = [*lines("user", *USERS), *lines("addon", addon(20)), {"kind": "apikey", **key}]
    with signed(tmp_path, documents, mongod) as api:
        ann = Signer(api, key["_id"], secret)
        statuses = [ann.send("PUT", f"addons/{guid_of(20)}/versions/2.0/").status for _ in range(4)]
        assert statuses == [400, 400, 400, 429]
        assert ann.get(f"addons/{guid_of(20)}/versions/1.0/").status == 404


def test_uploads_of_both_kinds_are_in_ones_list(api: Api) -> None:
    sent = signer(api, DEVELOPER).put(guid_of(33), "2.0", made(guid_of(33), "2.0"))
    plain = upload(api, DEVELOPER, made(guid_of(33), "2.1"))["uuid"]
    listed = {one["uuid"] for one in api.ask("GET", "v5", "addons/upload/", DEVELOPER).json["results"]}
    assert {sent.json["pk"], plain} <= listed
    assert api.ask("GET", "v4", "addons/upload/", DEVELOPER).json == FORBIDDEN
