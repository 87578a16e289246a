"""Search and autocomplete (contract/search.md, contract/addons.md 10.1 and 10.2)."""

from collections.abc import Iterator

from conf.vocabulary import AUTOCOMPLETE_SIZE
from handlers.http.access import PUBLIC
from handlers.http.base import PageHandler
from handlers.http.errors import bad_parameter
from handlers.http.paging import TAIL, head, page_size, requested_page
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from index.catalogue import SearchPage
from index.search_params.filters import ParameterError, SearchOptions, SearchQuery, parse_search
from index.shapes.shape import Shapes
from server.site import Site


def search(site: Site, ask: ReadRequest) -> Answer:
    query = _parse(site, ask, autocomplete=False)
    window = site.settings.search_window
    page = requested_page(ask, page_size(ask), lambda: _reachable(site, query, ask, window))
    found = site.catalogue.search(query, ask.view.locale, page.start, page.stop)
    rows = site.catalogue.documents.rows(found.ids, ask.view, query.fits)
    pieces = [head(ask, page, found.total, window)]
    pieces += closed(site.shapes[ask.view.version], rows, found)
    pieces.append(TAIL)
    return Answer(b"".join(pieces), tag=site.catalogue.generation)


def autocomplete(site: Site, ask: ReadRequest) -> Answer:
    query = _parse(site, ask, autocomplete=True)
    found = site.catalogue.search(query, ask.view.locale, 0, AUTOCOMPLETE_SIZE)
    rows = site.catalogue.documents.suggestions(found.ids, ask.view)
    body = [b'{"results":[', b"},".join(rows), b"}" if rows else b"", TAIL]
    return Answer(b"".join(body), tag=site.catalogue.generation)


def closed(shapes: Shapes, rows: list[bytes], found: SearchPage) -> Iterator[bytes]:
    """The open rows, each followed by its end, so that a page of them is copied once.

    `_score` is the last key where the version has one.
    """
    if not rows:
        return
    if not shapes.score_key:
        ends = [b"},"] * len(rows)
    elif found.scores is None:
        ends = [b',"_score":null},'] * len(rows)
    else:
        ends = [b',"_score":%.6g},' % score for score in found.scores]
    ends[-1] = ends[-1][:-1]
    for row, end in zip(rows, ends, strict=True):
        yield row
        yield end


def _parse(site: Site, ask: ReadRequest, *, autocomplete: bool) -> SearchQuery:
    options = SearchOptions(
        return_to_amo=site.settings.return_to_amo,
        return_to_amo_all_listed=site.settings.return_to_amo_all_listed,
        featured_sets=bool(site.catalogue.featured),
        older_versions_for=site.settings.older_versions_for,
    )
    try:
        return parse_search(ask.params, ask.view.version, options, autocomplete=autocomplete)
    except ParameterError as error:
        raise bad_parameter(error.text(ask.view.locale)) from None


def _reachable(site: Site, query: SearchQuery, ask: ReadRequest, window: int) -> int:
    count = site.catalogue.search(query, ask.view.locale, 0, 1).total
    return min(count, window) if window else count


class SearchHandler(PageHandler):
    access = PUBLIC
    page = staticmethod(search)


class AutocompleteHandler(PageHandler):
    access = PUBLIC
    page = staticmethod(autocomplete)
