"""Search and autocomplete (contract/search.md, contract/addons.md 10.1 and 10.2)."""

import orjson

from conf.vocabulary import AUTOCOMPLETE_SIZE
from handlers.http.base import public_page
from handlers.http.errors import bad_parameter
from handlers.http.paging import envelope, page_size, requested_page
from handlers.http.request import Answer, ReadRequest
from index.search_params.filters import ParameterError, SearchOptions, SearchQuery, parse_search
from server.site import Site


def search(site: Site, request: ReadRequest) -> Answer:
    query = _parse(site, request, autocomplete=False)
    window = site.settings.search_window
    page = requested_page(request, page_size(request), lambda: _reachable(site, query, request, window))
    result = site.catalogue.search(query, request.view.locale, page.start, page.stop)
    scores: list[float | None] | None = None
    if site.shapes[request.view.version].score_key:
        scores = [*result.scores] if result.scores else [None] * len(result.ids)
    rows = site.catalogue.documents.rows(result.ids, request.view, query.fits, scores)
    more = {"suggestion": site.catalogue.suggest(query, request.view.locale)} if query.suggests else {}
    body = envelope(request, page, result.total, map(orjson.Fragment, rows), window, **more)
    return Answer(body, tag=site.catalogue.generation)


def autocomplete(site: Site, request: ReadRequest) -> Answer:
    query = _parse(site, request, autocomplete=True)
    result = site.catalogue.search(query, request.view.locale, 0, AUTOCOMPLETE_SIZE)
    rows = site.catalogue.documents.suggestions(result.ids, request.view)
    body = orjson.dumps({"results": [orjson.Fragment(row) for row in rows]})
    return Answer(body, tag=site.catalogue.generation)


def _parse(site: Site, request: ReadRequest, *, autocomplete: bool) -> SearchQuery:
    options = SearchOptions(
        return_to_amo=site.settings.return_to_amo,
        return_to_amo_all_listed=site.settings.return_to_amo_all_listed,
        featured_sets=bool(site.catalogue.featured),
        older_versions_for=site.settings.older_versions_for,
    )
    try:
        return parse_search(request.params, request.view.version, options, autocomplete=autocomplete)
    except ParameterError as error:
        raise bad_parameter(error.text(request.view.locale)) from None


def _reachable(site: Site, query: SearchQuery, request: ReadRequest, window: int) -> int:
    count = site.catalogue.search(query, request.view.locale, 0, 1).total
    return min(count, window) if window else count


SearchHandler = public_page("Amoeba", search)
AutocompleteHandler = public_page("Amoeba", autocomplete)
