"""`fields` selects the requested keys and changes nothing else (contract/requests.md 16)."""

from typing import Any

from conf.vocabulary import VERSIONS
from tests.client import Client
from tests.handlers.curated_server import Lists
from tests.sweep import sweep

# Paths, and whether they are lists; `{}` is an add-on, `#` its version.
PAGES = {
    "addons/search/?q=tab&sort=users&page_size=3": True,
    "addons/search/?type=extension&app=firefox&appversion=100.0&page_size=3": True,
    "addons/addon/{}/": False,
    "addons/addon/{}/?lang=fr": False,
    "addons/addon/{}/versions/": True,
    "addons/addon/{}/versions/#/": False,
    "addons/language-tools/?app=firefox": True,
    "addons/recommendations/?guid=a@b": True,
    "ratings/rating/?addon={}": True,
    "reviews/review/?addon={}": True,
}
OLD = "reviews/"


def pages() -> list[tuple[str, str, bool]]:
    return [
        (version, path, is_list)
        for version in VERSIONS
        for path, is_list in PAGES.items()
        if path.startswith(OLD) == (version == "v3") or not path.startswith((OLD, "ratings/"))
    ]


def get(client: Client, version: str, path: str, fields: str = "") -> Any:
    """The whole answer, with its addresses as if nothing had been chosen."""
    if fields:
        path += f"{'&' if '?' in path else '?'}fields={fields}"
    answer = client.get(f"/api/{version}/{path}")
    assert answer.status == 200, answer.body
    return answer.json


@sweep("version, path, is_list", pages())
def test_the_keys_asked_for(client: Client, version: str, path: str, is_list: bool) -> None:
    addon = client.get("/api/v5/addons/search/?sort=users&type=extension").json["results"][0]
    path = path.format(addon["id"]).replace("#", str(addon["current_version"]["id"]))
    plain = get(client, version, path)
    rows = plain["results"] if is_list else [plain]
    assert rows
    for fields in ([*rows[0]], [*rows[0]][1:3], [[*rows[0]][-1], "id", "id"]):
        answer = get(client, version, path, ",".join(fields))
        chosen = answer["results"] if is_list else [answer]
        assert chosen == [{key: row[key] for key in row if key in fields} for row in rows]
        assert [[*row] for row in chosen] == [[key for key in row if key in fields] for row in rows]
        if is_list:
            assert [*answer] == [*plain]
            assert all(answer[key] == plain[key] for key in plain if key not in ("next", "results"))


@sweep("version, path, is_list", pages())
def test_a_name_that_no_such_object_has(client: Client, version: str, path: str, is_list: bool) -> None:
    addon = client.get("/api/v5/addons/search/?sort=users&type=extension").json["results"][0]
    path = path.format(addon["id"]).replace("#", str(addon["current_version"]["id"]))
    sign = "&" if "?" in path else "?"
    for value in ("nothing", "id,", "id,Name", "results", ",".join(map(str, range(101)))):
        answer = client.get(f"/api/{version}/{path}{sign}fields={value}")
        assert answer.status == 400 and len(answer.json) == 1, value
    absent = client.get(f"/api/{version}/{path}{sign}fields=")
    assert absent.status == 200


@sweep("path, status", [
    ("addons/search/?sort=x&fields=x", [400, ['Invalid "sort" parameter.']]),
    ("addons/search/?facets=x&fields=x", [400, ['Invalid "facets" parameter.']]),
    ("addons/search/?q=zzzzzzz&fields=x", [400, ['Invalid "fields" parameter.']]),
    ("addons/addon/999999999/?fields=x", [404, {"detail": "Not found."}]),
])  # fmt: skip
def test_told_after_all_else(client: Client, path: str, status: Any) -> None:
    answer = client.get(f"/api/v5/{path}")
    assert [answer.status, answer.json] == status


@sweep("version", VERSIONS)
def test_where_there_is_nothing_to_choose(client: Client, version: str) -> None:
    path = f"/api/{version}/addons/categories/"
    assert client.get(f"{path}?fields=x").body == client.get(path).body


@sweep("version", VERSIONS)
def test_a_collection(lists: Lists, version: str) -> None:
    path = f"/api/{version}/accounts/account/8/collections/picks/"
    assert lists.get(f"{path}?fields=slug,id").json == {"id": 1, "slug": "picks"}
    whole = lists.get(f"{path}?with_addons").json
    assert lists.get(f"{path}?with_addons&fields={','.join(whole)}").json == whole
    assert lists.get(f"{path}?fields=x").status == 400
