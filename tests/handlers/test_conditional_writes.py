"""`If-Match` lets a write happen only to what the caller has seen (contract/requests.md 17)."""

from collections.abc import Iterator
from typing import Any

import pytest

from conf.vocabulary import VERSIONS
from server.embedded.mongod import OwnMongod
from tests.client import Answer
from tests.handlers.signed_client import Api
from tests.handlers.writable_server import ADMIN, OWNER, REVIEWER, addon, at_once, writing
from tests.sweep import sweep

OTHER = '"0123456789abcdef"'
TEXT = "This was changed meanwhile: it is not what If-Match names."
COLLECTIONS = f"accounts/account/{OWNER['_id']}/collections/"
# Objects: address, who writes, a body that changes it; each has an add-on or a collection of its own.
OBJECTS: dict[str, tuple[str, Any, Any]] = {
    "add-on": ("addons/addon/20/", OWNER, {"requires_payment": True}),
    "add-on by slug": ("addons/addon/slug-21/?lang=fr", OWNER, {"requires_payment": True}),
    "hidden add-on": ("addons/addon/22/", OWNER, {"requires_payment": True}),
    "version": ("addons/addon/23/versions/230/", OWNER, {"release_notes": {"en-US": "New."}}),
    "collection": (f"{COLLECTIONS}one/", OWNER, {"description": {"en-US": "New."}}),
    "private collection": (f"{COLLECTIONS}two/", OWNER, {"description": {"en-US": "New."}}),
    "site": ("site/", ADMIN, {"notice": "Soon."}),
    "chosen keys": ("addons/addon/25/?fields=id,requires_payment", OWNER, {"requires_payment": True}),
}


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    addons = [addon(number, disabled_by_user=number == 22) for number in range(20, 30)]
    with writing(tmp_path_factory.mktemp("conditional"), mongod, *addons) as started:
        for slug, public in (("one", True), ("two", False), ("three", True)):
            body = {"name": {"en-US": slug}, "slug": slug, "public": public}
            assert started.ask("POST", "v5", COLLECTIONS, OWNER, body).status == 201
        yield started


def etag(api: Api, path: str, user: Any, version: str = "v5") -> str:
    answer = api.ask("GET", version, path, user)
    assert answer.status == 200, answer.body
    return str(answer.headers["ETag"])


def refused(answer: Answer) -> bool:
    return (answer.status, answer.json) == (412, {"detail": TEXT})


@sweep("name", OBJECTS)
def test_only_what_was_seen_is_changed(api: Api, name: str) -> None:
    path, user, body = OBJECTS[name]
    tag = etag(api, path, user)
    assert refused(api.ask("PATCH", "v5", path, user, body, **{"If-Match": OTHER}))
    assert etag(api, path, user) == tag
    done = api.ask("PATCH", "v5", path, user, body, **{"If-Match": f"{OTHER}, {tag}"})
    assert done.status == 200, done.body
    assert etag(api, path, user) != tag
    assert refused(api.ask("PATCH", "v5", path, user, body, **{"If-Match": tag}))
    assert api.ask("PATCH", "v5", path, user, body, **{"If-Match": "*"}).status == 200


@sweep("version", VERSIONS)
def test_every_version_of_the_api(api: Api, version: str) -> None:
    path, body = "addons/addon/26/", {"tags": [{"v3": "music", "v4": "privacy", "v5": "search"}[version]]}
    tag = etag(api, path, OWNER, version)
    assert refused(api.ask("PATCH", version, path, OWNER, body, **{"If-Match": OTHER}))
    assert api.ask("PATCH", version, path, OWNER, body, **{"If-Match": tag}).status == 200


def test_of_many_at_the_same_time_one_is_first(api: Api) -> None:
    path = "addons/addon/27/"
    tag = etag(api, path, OWNER)
    bodies = [{"developer_comments": {"en-US": f"Number {number}."}} for number in range(6)]

    def write(client: Api, place: int) -> Answer:
        return client.ask("PATCH", "v5", path, OWNER, bodies[place], **{"If-Match": tag})

    assert sorted(answer.status for answer in at_once(api, 6, write)) == [200, 412, 412, 412, 412, 412]


def test_who_may_not_is_told_that_first(api: Api) -> None:
    path = "addons/addon/28/"
    for user, body, status in ((None, {}, 401), (REVIEWER, {}, 403), (OWNER, {"slug": ""}, 400)):
        assert api.ask("PATCH", "v5", path, user, body, **{"If-Match": OTHER}).status == status


def test_a_replacement_of_what_is_not_there(api: Api) -> None:
    answer = api.ask("PUT", "v5", "addons/addon/new@example.org/", OWNER, {}, **{"If-Match": "*"})
    assert refused(answer)


def test_deletions(api: Api) -> None:
    three = f"{COLLECTIONS}three/"
    assert refused(api.ask("DELETE", "v5", three, OWNER, **{"If-Match": OTHER}))
    assert api.ask("DELETE", "v5", three, OWNER, **{"If-Match": etag(api, three, OWNER)}).status == 204
    path = "addons/addon/29/"
    token = api.ask("GET", "v5", f"{path}delete_confirm/", OWNER).json["delete_confirm"]
    address = f"{path}?delete_confirm={token}"
    assert refused(api.ask("DELETE", "v5", address, OWNER, **{"If-Match": OTHER}))
    assert api.ask("DELETE", "v5", address, OWNER, **{"If-Match": etag(api, path, OWNER)}).status == 204
    version = "addons/addon/24/versions/240/"
    assert refused(api.ask("DELETE", "v5", version, OWNER, **{"If-Match": OTHER}))
    assert api.ask("DELETE", "v5", version, OWNER, **{"If-Match": etag(api, version, OWNER)}).status == 204


def test_pages_of_other_origins_may_send_it(api: Api) -> None:
    headers = {"Access-Control-Request-Method": "PATCH", "Origin": "https://a.example"}
    plain = api.options("/api/v5/addons/addon/20/", headers=headers)
    more = api.options(
        "/api/v5/addons/addon/20/", headers=headers | {"Access-Control-Request-Headers": "If-Match"}
    )
    name = "Access-Control-Allow-Headers"
    assert more.headers[name] == f"{plain.headers[name]}, if-match"
