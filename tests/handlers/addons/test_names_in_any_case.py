"""Guids and slugs ignore case, so capitals cannot imitate another add-on's (contract/versions.md 12)."""

from collections.abc import Iterator
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Answer
from tests.handlers.signed_client import Api
from tests.handlers.writable_server import ADMIN, OWNER, SUBMITTER, addon, at_once, writing

GUID = "addon1@example.org"
HIDDEN = addon(2, disabled_by_user=True)
DELETED = addon(3, status="deleted", slug=None)


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with writing(tmp_path_factory.mktemp("anycase"), mongod, addon(1), HIDDEN, DELETED) as started:
        yield started


def submission(guid: str) -> dict[str, Any]:
    file = {"url": "https://files.example/a.xpi", "hash": "sha256:" + "ab" * 32, "size": 5}
    version = {"version": "2.0", "license": "MIT", "guid": guid, "file": file}
    names = {"name": {"en-US": "Another"}, "summary": {"en-US": "Another one"}}
    return {**names, "categories": ["tabs"], "version": version}


@pytest.mark.parametrize(
    "guid", [GUID.upper(), "ADDON2@example.org", "ADDON3@example.org"], ids=["public", "hidden", "deleted"]
)
def test_no_second_addon_of_a_guid(api: Api, guid: str) -> None:
    answer = api.ask("POST", "v5", "addons/addon/", SUBMITTER, submission(guid))
    assert (answer.status, "Duplicate add-on ID found." in str(answer.json)) == (409, True)


def test_put_of_a_guid_in_capitals_is_about_the_same_addon(api: Api) -> None:
    version = {**submission(GUID)["version"], "version": "7.0"}
    answer = api.ask("PUT", "v5", f"addons/addon/{GUID.upper()}/", SUBMITTER, {"version": version})
    assert (answer.status, answer.json["id"], answer.json["guid"]) == (200, 1, GUID)


@pytest.mark.parametrize("slug", ["SLUG-2", "Slug-2"])
def test_no_second_addon_of_a_slug(api: Api, slug: str) -> None:
    answer = api.ask("PATCH", "v5", "addons/addon/1/", OWNER, {"slug": slug})
    assert (answer.status, list(answer.json)) == (400, ["slug"])
    other_slug = slug.replace("2", "1")
    assert api.ask("PATCH", "v5", "addons/addon/1/", OWNER, {"slug": other_slug}).json["slug"] == other_slug


@pytest.mark.parametrize("name", [GUID.upper(), "SLUG-1"])
def test_it_is_found_by_any_spelling(api: Api, name: str) -> None:
    assert api.ask("GET", "v5", f"addons/addon/{name}/").json["guid"] == GUID
    hidden = api.ask("GET", "v5", f"addons/addon/{name.replace('1', '2')}/", ADMIN)
    assert hidden.json["id"] == 2


@pytest.mark.parametrize("params", [f"guid={GUID.upper()}", f"guid=x@y,{GUID.title()}"])
def test_search_finds_it_by_any_spelling(api: Api, params: str) -> None:
    results = api.ask("GET", "v5", f"addons/search/?{params}").json["results"]
    assert [one["guid"] for one in results] == [GUID]


def test_of_many_at_once_one_gets_the_guid(api: Api) -> None:
    guids = ["race@example.org", "RACE@example.org", "Race@example.org", "race@EXAMPLE.org"]

    def post(client: Api, place: int) -> Answer:
        return client.ask("POST", "v5", "addons/addon/", SUBMITTER, submission(guids[place]))

    assert sorted(answer.status for answer in at_once(api, len(guids), post)) == [201, 409, 409, 409]
