"""The add-ons of a collection (contract/clients.md 3)."""

from typing import Any

import pytest

from tests.handlers.curated_server import Lists
from tests.shell_commands import Shell
from tests.sweep import sweep

PATH = "/api/{}/accounts/account/{}/collections/{}/addons/"
PICKS = PATH.format("v4", "mozilla", "picks")


def ids(answer: Any) -> list[int]:
    return [result["addon"]["id"] for result in answer.json["results"]]


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        # Weekly downloads: 1 has 1, 5 has 5, 7 has 7; added: 7, 5, 1.
        ("", [7, 5, 1]),
        ("-popularity", [7, 5, 1]),
        ("popularity", [1, 5, 7]),
        ("name", [5, 7, 1]),
        ("-name", [1, 7, 5]),
        ("added", [7, 5, 1]),
        ("-added", [1, 5, 7]),
        ("nonsense", [7, 5, 1]),
        ("--name", [7, 5, 1]),
    ],
)
@sweep("version", ["v3", "v4", "v5"])
def test_sort(lists: Lists, version: str, sort: str, wanted: list[int]) -> None:
    answer = lists.get(PATH.format(version, "mozilla", "picks"), params={"sort": sort, "page_size": 50})
    assert ids(answer) == wanted
    assert (answer.json["count"], answer.json["page_size"]) == (3, 50)


def test_names_sort_in_the_language_asked_for(lists: Lists) -> None:
    assert ids(lists.get(f"{PICKS}?sort=name&lang=fr")) == [1, 5, 7]  # "Arbre" is before "Extension 5"


@pytest.mark.parametrize("user", ["8", "mozilla", "Mozilla"])
def test_user_by_id_or_name(lists: Lists, user: str) -> None:
    assert len(ids(lists.get(PATH.format("v5", user, "Picks")))) == 3


@pytest.mark.parametrize(
    ("user", "slug"), [("7", "picks"), ("nobody", "picks"), ("8", "nothing"), ("8", "%00")]
)
def test_unknown(lists: Lists, user: str, slug: str) -> None:
    answer = lists.get(PATH.format("v4", user, slug))
    assert (answer.status, answer.json) == (404, {"detail": "Not found."})


def test_private_is_for_its_author(lists: Lists) -> None:
    path = PATH.format("v5", "8", "private")
    answer = lists.get(path)
    assert (answer.status, answer.json) == (401, {"detail": "Authentication credentials were not provided."})
    assert answer.headers["WWW-Authenticate"]
    for user, status in {"mozilla": 200, "ann": 403}.items():
        token = Shell(lists.folder / "data", lists.program.env)("token", user)
        answer = lists.get(path, headers={"Authorization": f"Bearer {token}"})
        assert answer.status == status
        assert answer.headers["Cache-Control"] == "s-maxage=0"


@pytest.mark.parametrize(
    ("version", "query", "notes"),
    [
        ("v3", "", {"en-US": "Tidy.", "fr": "Net."}),
        ("v4", "&lang=fr", "Net."),
        ("v4", "&lang=de", "Tidy."),
        ("v5", "&lang=fr", {"fr": "Net."}),
    ],
)
def test_items(lists: Lists, version: str, query: str, notes: Any) -> None:
    answer = lists.get(PATH.format(version, "8", "picks") + "?sort=-added" + query)
    item = answer.json["results"][0]
    assert list(item) == ["addon", "notes", *(["downloads"] if version == "v3" else [])]
    assert item["notes"] == notes
    assert answer.json["results"][1]["notes"] is None
    assert item["addon"] == lists.get(f"/api/{version}/addons/addon/1/?{query[1:]}").json


def test_pages(lists: Lists) -> None:
    first = lists.get(f"{PICKS}?page_size=2")
    assert ids(first) + ids(lists.get(first.json["next"])) == [7, 5, 1]
    assert lists.get(f"{PICKS}?page=3&page_size=2").status == 404
