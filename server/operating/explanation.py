"""Explains the order of a search's results, and what would move an add-on up.

    answer = await explain(catalogue, query, "en-US", top=5, addon_id=7)
    answer["results"][0]  -> {"place": 1, "id": 7, "slug": "tab-tree", "guid": "tab@example.org",
                              "score": 123.0, "popularity": 3.0, "tiers": {"all words in a name": 41.0},
                              "together": 0.0}

It names the filters that exclude an add-on, the points that it lacks, and other queries with the place that
each would give it. Those queries are run, because an estimate could be wrong.
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
MAX_RESULTS: Final = 25  # results that one answer explains
_DEEPEST: Final = 1000  # last place where an add-on is looked for
_TRIED: Final = 8  # other queries, each a search

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
    kept_out_by = catalogue.unmet(query, addon_id)
    ids = catalogue.search(query, locale, 0, _DEEPEST).ids
    position = ids.index(addon_id) + 1 if addon_id in ids else None
    row = {**_row(catalogue, addon_id, position), "kept_out_by": [str(clause) for clause in kept_out_by]}
    above = _row(catalogue, ids[position - 2], position - 1) if position and position > 1 else None
    await _add_points(catalogue, query, locale, [*rows, row, *([above] if above else [])])
    row["behind"] = _behind(query, row, rows, above)
    open_query = replace(query, clauses=tuple(each for each in query.clauses if each not in kept_out_by))
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
    """Points, before popularity, that its tiers lack to be first and to move up one place.

    Empty for the first row, and where points do not decide.
    """
    if not query.by_relevance or "score" not in row or row["place"] == 1:
        return {}
    goals = {"first": rows[0] if rows else None, "next": above}
    own = sum(row["tiers"].values())
    return {
        name: max(0.0, (goal["score"] - row["together"]) / row["popularity"] - own)
        for name, goal in goals.items()
        if goal and "score" in goal
    }


async def _better(
    catalogue: Catalogue, query: SearchQuery, locale: str, addon_id: int, position: int | None
) -> list[Row]:
    """Queries that would move it up, the best first: `q` and `place`."""
    better: list[Row] = []
    if position == 1:
        return better
    if query.q is None:  # with a text, relevance decides
        query = replace(query, sort=BY_RELEVANCE, rescore=True)
    for q in _other_queries(query.q, catalogue.documents.addon(addon_id), locale):
        await asyncio.sleep(0)  # let other work run between searches
        ids = catalogue.search(replace(query, q=q), locale, 0, position - 1 if position else _DEEPEST).ids
        if addon_id in ids:
            better.append({"q": q, "place": ids.index(addon_id) + 1})
    return sorted(better, key=lambda query_row: query_row["place"])


def _other_queries(q: str | None, addon: AddonDoc, locale: str) -> list[str]:
    """Its name in the language, the query with further words of that name, and these words alone."""
    name = (best(addon["name"], locale, addon["default_locale"]) or "").lower()[:MAX_QUERY].strip()
    return list(dict.fromkeys(variant for variant in _variants(q or "", name) if variant != q))[:_TRIED]


def _variants(q: str, name: str) -> Iterator[str]:
    if name:
        yield name
    query_words = set(analysis.words(analysis.fold(q)))
    words = [word for word in dict.fromkeys(analysis.words(analysis.fold(name))) if word not in query_words]
    words = [word for word in words if word not in analysis.STOP_WORDS][: _TRIED // 2]
    yield from (f"{q} {word}" for word in words if q and len(q) + len(word) < MAX_QUERY)
    yield from (word for word in words if len(word) <= MAX_QUERY)
