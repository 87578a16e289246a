"""The list browsers show in their add-on manager (contract/clients.md 1, contract/extras.md 5)."""

from pathlib import Path
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Client
from tests.handlers.curated_server import Lists
from tests.handlers.loaded_server import serving
from tests.server.intake.amo_objects import make_discovery
from tests.sweep import sweep

VERSIONS = ("v3", "v4", "v5")


def ask(lists: Lists, version: str = "v4", query: str = "") -> list[dict[str, Any]]:
    answer = lists.get(f"/api/{version}/discovery/?{query}")
    assert answer.status == 200
    assert list(answer.json) == ["count", "results"]
    assert answer.json["count"] == len(answer.json["results"])
    results: list[dict[str, Any]] = answer.json["results"]
    return results


@sweep("version", VERSIONS)
@pytest.mark.parametrize(
    ("query", "ids"),
    [
        pytest.param("", [1, 11], id="by position, public ones"),
        pytest.param("edition=default&telemetry-client-id=abc", [1, 11], id="an edition without items"),
        pytest.param("edition=china", [5], id="an edition of its own"),
        pytest.param("edition=MozillaOnline", [5], id="by its other name"),
        pytest.param("page=7&page_size=1", [1, 11], id="no pages"),
    ],
)
def test_selection(lists: Lists, version: str, query: str, ids: list[int]) -> None:
    assert [result["addon"]["id"] for result in ask(lists, version, query)] == ids


@pytest.mark.parametrize(
    ("query", "headings", "descriptions"),
    [
        pytest.param("", ["Trees!", "Extension 11"], ["Tabs in a tree."] * 2, id="English"),
        pytest.param("lang=fr", ["Arbres !", "Extension 11"], ["Tabs in a tree."] * 2, id="French"),
    ],
)
@sweep("version", VERSIONS)
def test_texts_are_plain(
    lists: Lists, version: str, query: str, headings: list[str], descriptions: list[str]
) -> None:
    results = ask(lists, version, query)
    assert [result["heading_text"] for result in results] == headings
    assert [result["description_text"] for result in results] == descriptions


HEADINGS = {
    "": ('Trees! <span>by <a href="{}/en-US/{}/addon/tab-tree/">Ann</a></span>', "Tabs in a tree."),
    "lang=fr": ('Arbres ! <span>par <a href="{}/fr/{}/addon/tab-tree/">Ann</a></span>', "Tabs in a tree."),
}


@pytest.mark.parametrize("query", HEADINGS)
def test_v3_has_the_texts_as_markup_too(lists: Lists, query: str) -> None:
    heading, description = HEADINGS[query]
    [first, _] = ask(lists, "v3", query)
    keys = ["addon", "description_text", "heading_text", "is_recommendation"]
    assert list(first) == [*keys, "heading", "description"]
    assert first["heading"] == heading.format(lists.program.url, "firefox")
    assert first["description"] == f"<blockquote>{description}</blockquote>"
    assert [list(item) for version in ("v4", "v5") for item in ask(lists, version, query)] == [keys] * 4


EDITORIAL = [
    ("ext-11@example.org", None),
    ("tab-tree@example.org", None),
    ("ext-5@example.org", "Five & more."),
]


@sweep("version", VERSIONS)
@pytest.mark.parametrize(
    ("query", "told"),
    [
        pytest.param("", EDITORIAL, id="of all lists, public ones"),
        pytest.param("recommended=true", EDITORIAL[1:2], id="recommended ones"),
        pytest.param("recommended=no&page_size=1&lang=fr", EDITORIAL, id="nothing else matters"),
    ],
)
def test_editorial_texts(lists: Lists, version: str, query: str, told: list[tuple[str, Any]]) -> None:
    answer = lists.get(f"/api/{version}/discovery/editorial/?{query}")
    results = [{"addon": {"guid": guid}, "custom_description": text} for guid, text in told]
    assert (answer.status, answer.json) == (200, {"results": results})


def test_recommendations_are_marked(lists: Lists) -> None:
    assert [result["is_recommendation"] for result in ask(lists)] == [False, False]
    assert [result["is_recommendation"] for result in ask(lists, query="edition=china")] == [True]


def test_themes_have_the_one_preview_made_for_it(lists: Lists) -> None:
    theme = ask(lists)[1]["addon"]
    assert [preview["image_size"] for preview in theme["previews"]] == [[680, 92]]


def test_an_answer_of_elsewhere_loads_with_its_items(mongod: OwnMongod, tmp_path: Path) -> None:
    answer = make_discovery()
    with serving(tmp_path, [answer], mongod) as program:
        client = Client(program.url)
        results = client.get("/api/v4/discovery/?lang=en-US").json["results"]
        client.close()
    assert [result["addon"]["id"] for result in results] == [9, 7]
    assert [result["addon"]["current_version"]["version"] for result in results] == ["1.0", "0"]
    assert [result["description_text"] for result in results] == ["Tabs & trees.", "Quiet."]
    assert [result["heading_text"] for result in results] == ["Trees!", "Tab Tree"]
    assert [result["is_recommendation"] for result in results] == [False, True]
