"""Edits of add-ons: permissions, refusals, when reads show them (contract/writes.md 3.2, 4.1).

Rules: contract/writes.md 1.4; contract/writes.md 4.
"""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Answer
from tests.factories import make_version
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, Api
from tests.handlers.writable_server import (
    ADMIN,
    DENIED,
    DEVELOPER,
    FLAGS,
    OUTDATED,
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
    *(addon(number) for number in SPARE),
]
DENIED_TEXT = {"detail": "The email address used for your account is not allowed for submissions."}


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with writing(tmp_path_factory.mktemp("addon_writes"), mongod, *ADDONS) as started:
        yield started


class TestWho:
    @sweep("version", VERSIONS)
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
            body = api.ask("GET", "v5", "addons/addon/perspicacious/", reader).json
            assert (body["id"], body["name"]) == (number, {"en-US": "Perspicacious"})
        assert api.ask("GET", "v5", f"addons/addon/slug-{number}/").status == 404

    @pytest.mark.timed
    def test_is_found_by_search_within_300_milliseconds(self, api: Api, number: int) -> None:
        word = "xylophonist"
        started = time.monotonic()
        api.ask("PATCH", "v5", f"addons/addon/{number}/", OWNER, {"name": {"en-US": word.title()}})
        while True:
            results = api.ask("GET", "v5", f"addons/search/?q={word}").json["results"]
            if number in [row["id"] for row in results]:
                break
            assert time.monotonic() - started < 5, "not found"
        assert time.monotonic() - started < 0.3

    @pytest.mark.parametrize("version", ["v3", "v4"])
    def test_takes_plain_text_in_the_request_language(self, api: Api, number: int, version: str) -> None:
        path = f"addons/addon/{number}/"
        assert api.ask("PATCH", version, path + "?lang=fr", OWNER, {"name": "Arbre"}).json["name"] == "Arbre"
        name = api.ask("GET", version, path).json["name"]
        assert name == {"en-US": "Tab Tree", "fr": "Arbre"}

    @sweep("version", VERSIONS)
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

        def translate(client: Api, place: int) -> Answer:
            sent = {"summary": {locales[place]: f"Summary in {locales[place]}"}}
            return client.ask("PATCH", "v5", f"addons/addon/{number}/", OWNER, sent)

        answers = at_once(api, len(locales), translate)
        assert {answer.status for answer in answers} == {200}
        summary = api.ask("GET", "v5", f"addons/addon/{number}/").json["summary"]
        assert summary.keys() == {"en-US", *locales}


def test_writers_who_come_too_often_wait(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("often")
    with writing(folder, mongod, addon(1), AMOEBA_THROTTLING="true") as api:
        paths = ["addons/addon/1/", "addons/addon/404/", "addons/addon/1/versions/10/", "addons/addon/1/"]
        answers = [api.ask("PATCH", "v5", path, OWNER, {}) for path in paths]
        assert [answer.status for answer in answers] == [200, 404, 200, 429]
        assert answers[3].json["detail"].startswith("Request was throttled. Expected available in ")
        assert 0 < int(answers[3].headers["Retry-After"]) <= 60
        assert api.ask("GET", "v5", "addons/addon/1/", OWNER).status == 200
        assert api.ask("PATCH", "v5", "addons/addon/1/", SUBMITTER, {}).status == 200
