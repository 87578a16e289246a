"""Browser mappings in v5 (contract/addons.md 10.9, contract/clients.md 1)."""

import pytest

from tests.handlers.curated_server import Lists
from tests.sweep import sweep

PATH = "/api/v5/addons/browser-mappings/"


def test_public_add_ons_only(lists: Lists) -> None:
    answer = lists.get(f"{PATH}?browser=chrome")
    assert answer.json == {
        "page_size": 100,
        "page_count": 1,
        "count": 2,
        "next": None,
        "previous": None,
        "results": [
            {"extension_id": "aaaa", "addon_guid": "tab-tree@example.org"},
            {"extension_id": "bbbb", "addon_guid": "EXT-5@example.org"},
        ],
    }
    assert answer.headers["Cache-Control"] == "max-age=86400"


@pytest.mark.parametrize("query", ["", "browser=", "browser=edge", "browser=Chrome", "browser=chrome,edge"])
def test_browser_is_required_and_known(lists: Lists, query: str) -> None:
    answer = lists.get(f"{PATH}?{query}")
    assert (answer.status, answer.json) == (400, {"detail": "Invalid browser parameter"})


@pytest.mark.parametrize(("asked", "size"), [("1", 1), ("50", 50), ("101", 100), ("0", 100), ("x", 100)])
def test_page_size(lists: Lists, asked: str, size: int) -> None:
    answer = lists.get(f"{PATH}?browser=chrome&page_size={asked}").json
    assert answer["page_size"] == size
    assert answer["page_count"] == -(-2 // size)


@sweep("version", ["v3", "v4"])
def test_v5_only(lists: Lists, version: str) -> None:
    assert lists.get(f"/api/{version}/addons/browser-mappings/?browser=chrome").status == 404
