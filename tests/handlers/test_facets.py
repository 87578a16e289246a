"""`facets=` counts all results by what filters of its names would find (contract/search.md 10)."""

from typing import Any
from urllib.parse import quote

import pytest

from conf.limits import MAX_FACET_VALUES
from conf.vocabulary import FACETS, VERSIONS
from tests.client import Client
from tests.sweep import sweep

NAMES = ",".join(sorted(FACETS))
SEARCHES = (
    "",
    "app=android",
    "type=extension,statictheme",
    "q=tab",
    "q=tab&sort=users",
    "q=zzzz",
    "tag=privacy",
)
VALUES_TRIED = 3  # of each facet: its most frequent ones


def search(client: Client, version: str, query: str) -> Any:
    answer = client.get(f"/api/{version}/addons/search/?page_size=1&{query}")
    assert answer.status == 200, answer.body
    return answer.json


def narrower(name: str, value: str, query: str, version: str) -> str | None:
    """The search that a value's filter makes of a query; None where the filter needs more than the value."""
    if name in ("app", "type") and f"{name}=" in query:
        return None
    value = quote(value)
    if name == "tag" and "tag=" in query:
        return query.replace("tag=", f"tag={value},")
    if name == "category":
        return f"{query}&category={value}" if version == "v5" and query == "type=extension" else None
    return f"{query}&{name}={value}"


@sweep(
    "version, query", [(version, query) for version in VERSIONS for query in (*SEARCHES, "type=extension")]
)
def test_a_value_counts_what_its_filter_finds(client: Client, version: str, query: str) -> None:
    answer = search(client, version, f"{query}&facets={NAMES}")
    assert [*answer] == [*search(client, version, query), "facets"]
    assert [*answer["facets"]] == NAMES.split(",")
    for name, rows in answer["facets"].items():
        assert rows == sorted(rows, key=lambda row: (-row["count"], row["value"]))
        assert len(rows) <= MAX_FACET_VALUES
        for row in rows[:VALUES_TRIED]:
            more = narrower(name, row["value"], query, version)
            if more is not None and not ("q=" in query and row["count"] < 25):  # few are found otherwise
                assert search(client, version, more)["count"] == row["count"], (name, row)
    assert sum(row["count"] for row in answer["facets"]["type"]) == answer["count"]


@sweep("version", VERSIONS)
def test_there_is_something_to_count(client: Client, version: str) -> None:
    assert all(search(client, version, f"facets={NAMES}")["facets"].values())


@sweep("version", VERSIONS)
def test_only_what_is_asked_for(client: Client, version: str) -> None:
    path = f"/api/{version}/addons/search/?q=tab&page_size=2"
    plain, asked = client.get(path), client.get(f"{path}&facets=type")
    said, facets = asked.body.replace(b"facets=type&", b"").split(b',"facets":')
    assert said + b"}" == plain.body
    assert facets.startswith(b'{"type":[{"value":"extension","count":')
    path = f"/api/{version}/addons/autocomplete/?q=tab"
    assert client.get(f"{path}&facets=nonsense").body == client.get(path).body


@sweep("version, query, name", [
    (version, *row) for version in VERSIONS
    for row in (("facets=x", "facets"), ("facets=type,", "facets"), ("facets=Type", "facets"),
                ("facets=x&sort=x", "sort"),
                ("facets=x&suggest=x", "suggest"), ("facets=x&license=x", "license"))
])  # fmt: skip
def test_refused_after_everything_else(client: Client, version: str, query: str, name: str) -> None:
    answer = client.get(f"/api/{version}/addons/search/?{query}")
    assert (answer.status, answer.json) == (400, [f'Invalid "{name}" parameter.'])


@pytest.mark.parametrize("version", VERSIONS)
def test_too_many_names(client: Client, version: str) -> None:
    names = ",".join(map(str, range(101)))
    answer = client.get(f"/api/{version}/addons/search/?facets={names}")
    assert answer.status == 400 and "100" in answer.json[0]
