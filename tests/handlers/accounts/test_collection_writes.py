"""Collections as their authors and curators make and fill them (contract/extras.md 4)."""

from collections.abc import Iterator
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.factories import make_addon, make_user
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, Api, lines, signed
from tests.handlers.writable_server import at_once

ANN = make_user(_id=7)
BEN = make_user(_id=8, username="ben", display_name="Ben")
CURATOR = make_user(_id=9, username="cur", permissions=["Admin:Curation"])
HELPER = make_user(_id=10, username="help", permissions=["Collections:Contribute"])
MOZILLA = make_user(_id=11, username="mozilla", permissions=[])
DATE = "2024-01-02T03:04:05Z"
VERSIONS = ("v3", "v4", "v5")
OBJECT = "You must provide an object of {lang-code:value}."
ADDONS = [
    make_addon(_id=id, guid=f"a{id}@example.org", slug=f"a{id}", weekly_downloads=id, versions=[])
    | {"versions": make_addon()["versions"]}
    for id in range(1, 31)
] + [
    make_addon(_id=40, guid="a40@example.org", slug="a40", status="disabled", weekly_downloads=40),
    make_addon(_id=41, guid="a41@example.org", slug=None, status="deleted", weekly_downloads=41),
]


def collection(id: int, author: Any, slug: str, *addons: int, **fields: Any) -> dict[str, Any]:
    items = [{"addon_id": addon, "notes": None, "added": DATE} for addon in addons]
    document = {"_id": id, "author_id": author["_id"], "slug": slug, "name": {"en-US": slug}, "addons": items}
    return document | {"created": DATE, "modified": DATE} | fields


COLLECTIONS = [
    collection(1, MOZILLA, "picks", 1, listed=False),
    collection(2, MOZILLA, "themes", 1, listed=False),
    collection(3, ANN, "mixed", 3, 2, 40, 41),
    collection(4, ANN, "filled", *range(1, 29)),
    collection(5, ANN, "2024", 1, listed=False),
]


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    users = lines("user", ANN, BEN, CURATOR, HELPER, MOZILLA)
    documents = [*users, *lines("addon", *ADDONS), *lines("collection", *COLLECTIONS)]
    settings = {"AMOEBA_CURATORS_ACCOUNT": "11", "AMOEBA_CONTRIBUTED_COLLECTION": "2"}
    folder = tmp_path_factory.mktemp("collections")
    with signed(folder, documents, mongod, AMOEBA_SITE_URL="https://addons.example.org", **settings) as api:
        yield api


def path(user: Any, *words: str) -> str:
    return "/".join([f"accounts/account/{user['_id']}/collections", *words, ""])


def test_life_of_a_collection(api: Api) -> None:
    for version in VERSIONS:
        slug, flat = f"life-{version}", version != "v5"
        name = "Life" if flat else {"en-US": "Life"}
        sent = {"name": name, "slug": slug, "unknown": 1}
        answer = api.ask("POST", version, path(BEN), BEN, sent)
        assert answer.status == 201, answer.json
        created = answer.json
        assert created.keys() == {
            *("id", "addon_count", "author", "default_locale", "description", "modified", "name"),
            *("public", "slug", "url", "uuid"),
        }
        assert (created["name"], created["slug"], created["public"]) == ({"en-US": "Life"}, slug, True)
        assert (created["addon_count"], created["description"], created["default_locale"]) == (
            0,
            None,
            "en-US",
        )
        assert created["author"].items() >= {"id": 8, "name": "Ben", "username": "ben"}.items()
        assert created["url"] == f"https://addons.example.org/en-US/firefox/collections/8/{slug}/"
        assert len(created["uuid"]) == 32
        assert api.ask("GET", version, path(BEN, slug)).json == created
        notes = "Tidy." if flat else {"en-US": "Tidy."}
        answer = api.ask("POST", version, path(BEN, slug, "addons"), BEN, {"addon": "a2", "notes": notes})
        assert (answer.status, answer.json["notes"]) == (201, {"en-US": "Tidy."})
        assert answer.json["addon"] == api.ask("GET", version, "addons/addon/2/").json
        assert answer.json.keys() == {"addon", "notes", *({"downloads"} if version == "v3" else ())}
        item = path(BEN, slug, "addons", "2")
        assert api.ask("GET", version, item).json == answer.json
        answer = api.ask("PATCH", version, item, BEN, {"notes": None, "addon": 3})
        assert (answer.status, answer.json["notes"], answer.json["addon"]["id"]) == (200, None, 2)
        assert api.ask("GET", version, path(BEN, slug)).json["addon_count"] == 1
        answer = api.ask("PATCH", version, path(BEN, slug), BEN, {"public": False, "slug": f"{slug}-2"})
        assert (answer.status, answer.json["public"], answer.json["addon_count"]) == (200, False, 1)
        assert api.ask("GET", version, path(BEN, slug)).status == 404
        slug = f"{slug}-2"
        assert api.ask("DELETE", version, path(BEN, slug, "addons", "a2"), BEN).status == 204
        assert api.ask("DELETE", version, path(BEN, slug, "addons", "a2"), BEN).status == 404
        assert api.ask("PUT", version, path(BEN, slug), BEN, {"name": name, "slug": slug}).status == 200
        answer = api.ask("DELETE", version, path(BEN, slug), BEN)
        assert (answer.status, answer.body) == (204, b"")
        assert api.ask("GET", version, path(BEN, slug), BEN).status == 404


def test_who_may(api: Api) -> None:
    """contract/extras.md 4.1"""
    note, item = {"notes": None}, {"addon": 5}
    picks, themes = path(MOZILLA, "picks"), path(MOZILLA, "themes")
    # method, path, body -> the status for nobody, Ann, the curator, the contributor, the author
    table = [
        ("GET", path(MOZILLA), None, (401, 403, 403, 403, 200)),
        ("POST", path(MOZILLA), {}, (401, 403, 403, 403, 400)),
        ("GET", path({"_id": 99}), None, (401, 404, 404, 404, 404)),
        ("GET", picks, None, (401, 403, 200, 403, 200)),
        ("GET", f"{picks}addons/", None, (401, 403, 200, 403, 200)),
        ("GET", f"{picks}addons/1/", None, (401, 403, 200, 403, 200)),
        ("PATCH", picks, {}, (401, 403, 200, 403, 200)),
        ("PUT", picks, {}, (401, 403, 400, 403, 400)),
        ("POST", f"{picks}addons/", {}, (401, 403, 400, 403, 400)),
        ("PATCH", f"{picks}addons/1/", note, (401, 403, 200, 403, 200)),
        ("GET", f"{themes}addons/", None, (401, 403, 200, 200, 200)),
        ("PATCH", themes, {}, (401, 403, 200, 403, 200)),
        ("POST", f"{themes}addons/", item, (401, 403, 201, 400, 400)),
        ("PATCH", f"{themes}addons/1/", note, (401, 403, 200, 200, 200)),
        ("DELETE", f"{themes}addons/5/", None, (401, 403, 204, 404, 404)),
        ("DELETE", picks, None, (401, 403, 403, 403, 204)),
        ("GET", path(ANN, "2024"), None, (401, 200, 403, 403, 403)),
        ("GET", path(ANN, "3"), None, (404, 404, 404, 404, 404)),  # digits are a slug
        ("GET", path(ANN, "mixed"), None, (200, 200, 200, 200, 200)),
        ("DELETE", path(ANN, "nothing"), None, (401, 404, 404, 404, 404)),
    ]
    bodies = {401: NOT_AUTHENTICATED, 403: FORBIDDEN, 404: NOT_FOUND}
    for method, where, body, statuses in table:
        for user, status in zip((None, ANN, CURATOR, HELPER, MOZILLA), statuses, strict=True):
            answer = api.ask(method, "v5", where, user, body)
            case = (method, where, user and user["username"], answer.body[:200])
            assert answer.status == status, case
            assert status not in bodies or answer.json == bodies[status], case


def test_faults(api: Api) -> None:
    """contract/extras.md 4.2"""
    required, blank, empty = (
        "This field is required.",
        "This field may not be blank.",
        "Name cannot be empty.",
    )
    good, linked = {"name": {"en-US": "N"}, "slug": "faults"}, {"en-US": "See www.a.example."}
    bad_slug = "The custom URL must consist of letters, numbers, underscores or hyphens."
    table: list[tuple[str, Any, Any]] = [
        ("v5", {}, {"name": [required], "slug": [required]}),
        ("v5", good | {"name": "N"}, {"name": [OBJECT]}),
        ("v5", good | {"name": {}}, {"name": ['A value in the default locale of "en-US" is required.']}),
        ("v5", good | {"name": {"en-US": " "}}, {"name": [empty]}),
        ("v4", good | {"name": ""}, {"name": [empty]}),
        ("v5", good | {"name": {"en-US": "Mozilla"}}, {"name": ["This name cannot be used."]}),
        ("v5", good | {"description": linked}, {"description": ["No links are allowed."]}),
        ("v5", good | {"slug": "a b"}, {"slug": [bad_slug]}),
        ("v5", good | {"slug": "a~b"}, {"slug": [bad_slug]}),
        ("v5", good | {"slug": ""}, {"slug": [blank]}),
        ("v5", good | {"slug": "firefox"}, {"slug": ["This custom URL cannot be used."]}),
        ("v5", good | {"slug": "x" * 31}, {"slug": ["Ensure this field has no more than 30 characters."]}),
        ("v5", good | {"public": "maybe"}, {"public": ["Must be a valid boolean."]}),
        ("v5", good | {"default_locale": "xx"}, {"default_locale": ['"xx" is not a valid choice.']}),
        ("v3", good | {"slug": "Mixed"},
         {"non_field_errors": ["This custom URL is already in use by another one of your collections."]}),
    ]  # fmt: skip
    for version, sent, faults in table:
        answer = api.ask("POST", version, path(ANN), ANN, sent)
        assert (answer.status, answer.json) == (400, faults), sent
    answer = api.ask("PATCH", "v5", path(ANN, "filled"), ANN, {"slug": "mixed"})
    assert (answer.status, list(answer.json)) == (400, ["non_field_errors"])
    for sent, faults in (
        ({}, {"addon": [required]}),
        ({"addon": None}, {"addon": ["This field may not be null."]}),
        ({"addon": "nothing"}, {"addon": ['Invalid pk or slug "nothing" - object does not exist.']}),
        ({"addon": 40}, {"addon": ['Invalid pk or slug "40" - object does not exist.']}),
        ({"addon": 3}, {"non_field_errors": ["This add-on already belongs to the collection"]}),
        ({"addon": 4, "notes": "x"}, {"notes": [OBJECT]}),
    ):
        answer = api.ask("POST", "v5", path(ANN, "mixed", "addons"), ANN, sent)
        assert (answer.status, answer.json) == (400, faults), sent


def ids(answer: Any) -> list[int]:
    return [row["addon"]["id"] for row in answer.json["results"]]


def test_items(api: Api) -> None:
    """contract/extras.md 4.3"""
    where = path(ANN, "mixed", "addons")
    for query, found in {
        "": [3, 2],
        "filter=all": [40, 3, 2],
        "filter=all_with_deleted": [41, 40, 3, 2],
        "filter=all_with_deleted&sort=popularity&page_size=2": [2, 3],
        "filter=all&page=2&page_size=2": [2],
        "filter=nonsense": [3, 2],
        "sort=popularity,": [2, 3],
    }.items():
        assert ids(api.ask("GET", "v5", f"{where}?{query}")) == found, query
    for version in VERSIONS:
        answer = api.ask("GET", version, f"{where}?sort=name,-added")
        detail = 'You can only specify one "sort" argument. Multiple orderings are not supported'
        assert (answer.status, answer.json) == (400, [detail])
        deleted = api.ask("GET", version, f"{where}41/").json
        assert (deleted["addon"]["id"], deleted["addon"]["status"]) == (41, "deleted")
        assert deleted.get("downloads") == (0 if version == "v3" else None)
    assert api.ask("GET", "v5", f"{where}1/").status == 404


def test_a_page_may_have_its_first_add_ons(api: Api) -> None:
    filled, mixed = path(ANN, "filled"), path(ANN, "mixed")
    assert "addons" not in api.ask("GET", "v5", filled).json
    body = api.ask("GET", "v5", f"{filled}?with_addons").json
    assert [row["addon"]["id"] for row in body["addons"]] == [*range(28, 3, -1)]
    body = api.ask("GET", "v4", f"{mixed}?with_addons=1&filter=all").json
    assert [row["addon"]["id"] for row in body["addons"]] == [40, 3, 2]


def test_the_list_is_of_those_changed_last(api: Api) -> None:
    api.ask("PATCH", "v5", path(ANN, "2024"), ANN, {"description": {"en-US": "Old."}})
    answer = api.ask("GET", "v4", f"{path(ANN)}?page_size=2", ANN).json
    assert [row["slug"] for row in answer["results"]] == ["2024", "filled"]
    assert (answer["count"], answer["page_size"], answer["page_count"]) == (3, 2, 2)


def test_of_changes_at_the_same_time_none_is_lost(api: Api) -> None:
    api.ask("POST", "v5", path(BEN), BEN, {"name": {"en-US": "Busy"}, "slug": "busy"})
    where = path(BEN, "busy", "addons")
    answers = at_once(api, 12, lambda client, n: client.ask("POST", "v5", where, BEN, {"addon": n % 10 + 1}))
    assert sorted(answer.status for answer in answers) == [201] * 10 + [400] * 2
    body = api.ask("GET", "v5", path(BEN, "busy")).json
    assert body["addon_count"] == api.ask("GET", "v5", where).json["count"] == 10
    at_once(api, 5, lambda client, n: client.ask("DELETE", "v5", f"{where}{n + 1}/", BEN))
    assert api.ask("GET", "v5", path(BEN, "busy")).json["addon_count"] == 5
    new = {"name": {"en-US": "One"}, "slug": "one"}
    answers = at_once(api, 6, lambda client, _: client.ask("POST", "v5", path(BEN), BEN, new))
    assert sorted(answer.status for answer in answers) == [201] + [400] * 5
