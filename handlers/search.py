"""Search and autocomplete (contract/search.md, contract/addons.md 10.1 and 10.2)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson

from conf.vocabulary import AUTOCOMPLETE_SIZE
from handlers.http.base import public_page
from handlers.http.requests.paging import envelope, page_size, requested_page
from handlers.http.requests.request import Answer, ReadRequest
from index.catalogue import SearchPage
from index.criteria.search_query import SearchQuery
from server.search_params.filters import current_hour, parse_search
from server.search_params.parameters import SearchOptions
from server.site import Site


def search(request: ReadRequest) -> Answer:
    with request.site.telemetry.stage("parse"):
        query = parse_query(request, request.params)
    window = request.site.settings.search_window
    page = requested_page(request, page_size(request), lambda: _reachable(query, request, window))
    result, scores = _find_page(request, query, page.start, page.stop)
    with request.site.telemetry.stage("render"):
        rows = request.documents.row_array(result.ids, request.view, query.fits, scores)
    extras = _extras(request.site, query, request.view.locale)
    body = envelope(request, page, result.total, orjson.Fragment(rows), window, **extras)
    return Answer(body, tag=request.catalogue.generation)


def _extras(site: Site, query: SearchQuery, locale: str) -> dict[str, Any]:
    """The requested keys after the results: suggestion and facets (contract/search.md 7.7 and 10)."""
    extras: dict[str, Any] = {}
    if query.suggest:
        with site.telemetry.stage("suggest"):
            extras["suggestion"] = site.catalogue.suggest(query, locale)
    if query.facets:
        with site.telemetry.stage("facets"):
            facets = site.catalogue.facets(query, locale)
        extras["facets"] = {
            name: [{"value": value, "count": count} for value, count in counts]
            for name, counts in facets.items()
        }
    return extras


def first_rows(request: ReadRequest, query: SearchQuery, count: int) -> list[bytes]:
    """The best results as JSON objects."""
    result, scores = _find_page(request, query, 0, count)
    return request.documents.rows(result.ids, request.view, query.fits, scores)


def _find_page(
    request: ReadRequest, query: SearchQuery, start: int, stop: int
) -> tuple[SearchPage, list[float | None] | None]:
    """The results from `start` to before `stop`, and their scores if the API version shows them."""
    with request.site.telemetry.stage("match"):
        result = request.catalogue.search(query, request.view.locale, start, stop)
    scores: list[float | None] | None = None
    if request.enabled("search_scores"):
        scores = [*result.scores] if result.scores else [None] * len(result.ids)
    return result, scores


def autocomplete(request: ReadRequest) -> Answer:
    query = parse_query(request, request.params, autocomplete=True)
    with request.site.telemetry.stage("complete"):
        result = request.catalogue.search(query, request.view.locale, 0, AUTOCOMPLETE_SIZE)
    rows = request.documents.suggestions(result.ids, request.view)
    body = orjson.dumps({"results": [orjson.Fragment(row) for row in rows]})
    return Answer(body, tag=request.catalogue.generation)


def parse(
    site: Site,
    version: str,
    params: Mapping[str, str],
    *,
    autocomplete: bool = False,
    hour: Callable[[], int] = current_hour,
) -> SearchQuery:
    """The query of these parameters; `hour` is the seed of a random order. Raises ParameterError."""
    options = SearchOptions(
        return_to_amo=site.settings.return_to_amo,
        return_to_amo_all_listed=site.settings.return_to_amo_all_listed,
        featured_sets=bool(site.catalogue.featured),
        older_versions_for=site.settings.older_versions_for,
    )
    return parse_search(params, version, options, autocomplete=autocomplete, hour=hour)


def parse_query(
    request: ReadRequest, params: Mapping[str, str], *, autocomplete: bool = False
) -> SearchQuery:
    """The query of `params`, in the request's API version. Raises Refusal 400."""
    parse_all = partial(parse, autocomplete=autocomplete)
    return request.parsed(parse_all, request.site, request.view.version, params, bare=True)


def _reachable(query: SearchQuery, request: ReadRequest, window: int) -> int:
    count = request.catalogue.search(query, request.view.locale, 0, 1).total
    return min(count, window) if window else count


SearchHandler = public_page("Amoeba", search, "addon")
AutocompleteHandler = public_page("Amoeba", autocomplete)
