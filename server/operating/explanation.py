"""Explains the order of search results, and what would move an add-on up.

    answer = await explain(catalogue, query, "en-US", top=5, addon_id=7)
    answer["results"][0]  -> {"place": 1, "id": 7, "slug": "tab-tree", "guid": "tab@example.org",
                              "score": 123.0, "popularity": 3.0, "tiers": {"all words in a name": 41.0},
                              "together": 0.0}

For an add-on it names the filters that exclude it, the points that it lacks, and other queries with its place
in their results. These queries are run, because an estimate could be wrong.
Event loop only.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from conf.limits import MAX_QUERY
from conf.model.addons import AddonDoc
from index.catalogue import Catalogue
from index.criteria.search_query import SearchQuery
from index.criteria.sorting import BY_RELEVANCE
from index.shapes.translated_fields import best
from index.text import analysis

TOP: Final = 5
MAX_RESULTS: Final = 25  # explained by an answer
_MAX_POSITION: Final = 1000  # an add-on below it counts as not in the results
_MAX_QUERIES: Final = 8  # run for an add-on

Row = dict[str, Any]


async def explain(
    catalogue: Catalogue, query: SearchQuery, locale: str, top: int = TOP, addon_id: int | None = None
) -> dict[str, Any]:
    """`count`, `sort`, `results`; with the id of an add-on that listings may show, `addon` as well."""
    hits = catalogue.search(query, locale, 0, min(top, MAX_RESULTS))
    rows = [_row(catalogue, id_, position) for position, id_ in enumerate(hits.ids, 1)]
    answer: dict[str, Any] = {"count": hits.total, "sort": [str(key) for key in query.sort], "results": rows}
    if addon_id is None:
        await _add_points(catalogue, query, locale, rows)
        return answer
    unmet = catalogue.unmet(query, addon_id)
    ids = catalogue.search(query, locale, 0, _MAX_POSITION).ids
    position = ids.index(addon_id) + 1 if addon_id in ids else None
    row = {**_row(catalogue, addon_id, position), "kept_out_by": [str(clause) for clause in unmet]}
    above = _row(catalogue, ids[position - 2], position - 1) if position and position > 1 else None
    await _add_points(catalogue, query, locale, [*rows, row, *([above] if above else [])])
    row["behind"] = _behind(query, row, rows, above)
    open_query = replace(query, clauses=tuple(clause for clause in query.clauses if clause not in unmet))
    row["better"] = await _better(catalogue, open_query, locale, addon_id, position)
    return answer | {"addon": row}


def _row(catalogue: Catalogue, addon_id: int, position: int | None) -> Row:
    addon = catalogue.documents.addon(addon_id)
    return {"place": position, "id": addon_id, "slug": addon["slug"], "guid": addon["guid"]}


async def _add_points(catalogue: Catalogue, query: SearchQuery, locale: str, rows: list[Row]) -> None:
    points = await catalogue.explain(query, locale, list({row["id"] for row in rows}))
    for row in rows:
        if earned := points.get(row["id"]):
            row |= {**earned._asdict(), "score": earned.score}


def _behind(query: SearchQuery, row: Row, rows: list[Row], above: Row | None) -> dict[str, float]:
    """The points, before popularity, that the add-on lacks to be first and to move up one place.

    Empty for the first row, and where points do not decide.
    """
    if not query.by_relevance or "score" not in row or row["place"] == 1:
        return {}
    goals = {"first": rows[0] if rows else None, "next": above}
    points = sum(row["tiers"].values())
    return {
        name: max(0.0, (goal["score"] - row["together"]) / row["popularity"] - points)
        for name, goal in goals.items()
        if goal and "score" in goal
    }


async def _better(
    catalogue: Catalogue, query: SearchQuery, locale: str, addon_id: int, position: int | None
) -> list[Row]:
    """Queries that would move the add-on up, the best first: `q` and `place`."""
    better: list[Row] = []
    if position == 1:
        return better
    if query.q is None:  # with a text, relevance decides
        query = replace(query, sort=BY_RELEVANCE, rescore=True)
    for q in _other_queries(query.q, catalogue.documents.addon(addon_id), locale):
        await asyncio.sleep(0)  # let other work run between searches
        ids = catalogue.search(
            replace(query, q=q), locale, 0, position - 1 if position else _MAX_POSITION
        ).ids
        if addon_id in ids:
            better.append({"q": q, "place": ids.index(addon_id) + 1})
    return sorted(better, key=lambda query_row: query_row["place"])


def _other_queries(q: str | None, addon: AddonDoc, locale: str) -> list[str]:
    """The add-on's name in the language, the query with further words of the name, and these words alone."""
    name = (best(addon["name"], locale, addon["default_locale"]) or "").lower()[:MAX_QUERY].strip()
    return list(dict.fromkeys(variant for variant in _variants(q or "", name) if variant != q))[:_MAX_QUERIES]


def _variants(q: str, name: str) -> Iterator[str]:
    if name:
        yield name
    query_words = set(analysis.words(analysis.fold(q)))
    words = [word for word in dict.fromkeys(analysis.words(analysis.fold(name))) if word not in query_words]
    words = [word for word in words if word not in analysis.STOP_WORDS][: _MAX_QUERIES // 2]
    yield from (f"{q} {word}" for word in words if q and len(q) + len(word) < MAX_QUERY)
    yield from (word for word in words if len(word) <= MAX_QUERY)
