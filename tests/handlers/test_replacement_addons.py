"""Replacements of legacy add-ons (contract/addons.md 10.6)."""

import pytest

from tests.handlers.curated_server import Lists
from tests.sweep import sweep

PATH = "/api/{}/addons/replacement-addon/"
TREE = "tab-tree@example.org"
PICKS = ["ext-5@example.org", TREE, "ext-7@example.org"]
WANTED = {
    "a-by-slug@old": [TREE],
    "b-by-id@old": ["ext-5@example.org"],
    "c-hidden@old": [],
    "d-by-user-id@old": PICKS,
    "e-by-username@old": PICKS,
    "f-private@old": [],
    "g-external@old": [],
    "h-page@old": [],
}


@sweep("version", ["v3", "v4", "v5"])
def test_everything_is_listed_in_pages(lists: Lists, version: str) -> None:
    answer = lists.get(PATH.format(version))
    assert list(answer.json) == ["page_size", "page_count", "count", "next", "previous", "results"]
    assert (answer.json["count"], answer.json["page_size"]) == (len(WANTED), 25)
    assert [list(result) for result in answer.json["results"]] == [["guid", "replacement"]] * len(WANTED)
    assert {result["guid"]: result["replacement"] for result in answer.json["results"]} == WANTED


def test_pages_joined_are_the_whole(lists: Lists) -> None:
    pages = lists.pages(PATH.format("v5") + "?page_size=3")
    guids = [result["guid"] for page in pages for result in page.json["results"]]
    assert guids == sorted(WANTED)


@pytest.mark.parametrize("page", ["0", "9", "x"])
def test_no_such_page(lists: Lists, page: str) -> None:
    answer = lists.get(PATH.format("v5"), params={"page": page})
    assert (answer.status, answer.json) == (404, {"detail": "Invalid page."})
