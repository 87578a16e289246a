"""Explanations of searches add up to the scores that the searches give."""

import json

import pytest

from tests.client import Client
from tests.program import Program
from tests.shell_commands import Shell

# Many matches, few, a name as written, several words, mistyped, nothing alike, signs alone.
QUERIES = (
    "tab",
    "tab manager",
    "{name}",
    "tabs for the reader",
    "tqb managr",
    "download video",
    "xqzw",
    "!?",
)


@pytest.fixture(scope="module")
def name(client: Client) -> str:
    name = client.get("/api/v5/addons/search/?page_size=1&lang=en-US").json["results"][0]["name"]
    return str(name["en-US"])


def test_tiers_add_up_to_the_score(client: Client, name: str) -> None:
    explained = 0
    for text in QUERIES:
        for more in ({}, {"type": "extension", "lang": "de"}):
            params = {"q": text.format(name=name), **more}
            search = client.get("/api/v5/addons/search/", params=params).json
            explanation = client.get("/__explain__", params=params | {"top": "8"}).json
            assert explanation["count"] == search["count"], params
            rows = {row["id"]: row for row in explanation["results"]}
            assert list(rows) == [one["id"] for one in search["results"]][:8], params
            scores = {one["id"]: one["_score"] for one in search["results"]}
            for id_, row in rows.items():
                assert row["tiers"] and row["popularity"] >= 1, (params, row)
                if not row["together"] and sum(row["tiers"].values()) > 0:
                    assert row["score"] == pytest.approx(scores[id_], rel=1e-3), (params, row)
                    explained += 1
                else:
                    assert row["score"] >= scores[id_] * 0.5
    assert explained > 20


def test_the_name_as_written_is_a_tier_of_its_own(client: Client, name: str) -> None:
    first = client.get("/__explain__", params={"q": name, "top": "1"}).json["results"][0]
    assert first["tiers"]["the name as written"] >= 1e9


def test_an_add_on_that_is_kept_out_is_told_why(client: Client) -> None:
    theme = client.get("/api/v5/addons/search/?type=statictheme&page_size=1").json["results"][0]
    explanation = client.get(f"/__explain__?q=tab&type=extension&addon={theme['id']}").json["addon"]
    assert explanation["place"] is None and explanation["kept_out_by"] == ["type:extension"]
    assert client.get("/__explain__?q=tab&addon=nobody").status == 404
    assert client.get("/__explain__?q=tab&app=nothing").status == 400
    assert client.get("/__explain__?q=tab", headers={"Via": "1.1 x"}).status == 403


def test_what_an_add_on_lacks_is_told_and_other_queries_keep_their_word(client: Client) -> None:
    tenth = client.get("/api/v5/addons/search/?q=tab&lang=en-US").json["results"][9]
    explanation = client.get("/__explain__", params={"q": "tab", "addon": tenth["id"], "lang": "en-US"}).json[
        "addon"
    ]
    assert explanation["place"] == 10 and explanation["kept_out_by"] == []
    assert explanation["behind"]["first"] >= explanation["behind"]["next"] >= 0
    name = tenth["name"]["en-US"].lower()
    assert explanation["better"][0]["q"] == name and len(explanation["better"]) > 1
    for one in explanation["better"]:
        results = client.get(
            "/api/v5/addons/search/", params={"q": one["q"], "lang": "en-US", "page_size": "50"}
        )
        ids = [row["id"] for row in results.json["results"]]
        assert ids.index(tenth["id"]) + 1 == one["place"] < 10, one


def test_what_is_first_lacks_nothing_and_filters_count_for_nothing_else(client: Client) -> None:
    results = client.get("/api/v5/addons/search/?q=tab&type=extension").json["results"]
    explanation = client.get(
        "/__explain__", params={"q": "tab", "type": "extension", "addon": results[0]["id"]}
    ).json
    assert explanation["addon"]["behind"] == {} and explanation["addon"]["better"] == []
    other = {"q": "tab", "type": "statictheme", "addon": results[0]["id"]}
    explanation = client.get("/__explain__", params=other).json["addon"]
    assert explanation["place"] is None and explanation["kept_out_by"]
    assert any(one["place"] == 1 for one in explanation["better"])  # were it not for the filter


def test_the_command_tells_people(server: Program) -> None:
    port = server.url.rpartition(":")[2]
    shell = Shell()
    text = shell("explain", "tab", "app=firefox", "--port", port, "--top", "2")
    assert "1.  " in text and "popularity times" in text and "all words in a name" in text
    assert json.loads(shell("explain", "tab", "--port", port, "--json"))["results"]
    text = shell("explain", "tab", "type=statictheme", "--addon", "10000001", "--port", port)
    assert "kept out by" in text and "would be " in text
    assert "none of the first thousand" in shell("explain", "xqzw", "--addon", "10000001", "--port", port)
    shell("explain", "tab", "x", "--port", port, status=2)
    shell("explain", "tab", "--port", "1", status=2)
    assert "no server answers" in shell.error
