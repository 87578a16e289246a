"""Search and autocomplete (reference/search-ranking.md, addons.md 10.1 and 10.2)."""

from conf.vocabulary import AUTOCOMPLETE_SIZE
from handlers.answer import Answer
from handlers.ask import Ask
from handlers.base import PageHandler
from handlers.errors import bad_parameter
from handlers.paging import envelope, page_size, requested_page
from index.catalogue import Found
from index.filters import ParameterError, SearchOptions, SearchQuery, parse_search
from index.shapes.base import Shapes
from server.site import Site


def search(site: Site, ask: Ask) -> Answer:
    query = _parse(site, ask, autocomplete=False)
    window = site.settings.search_window
    page = requested_page(ask, page_size(ask), lambda: _reachable(site, query, ask, window))
    found = site.catalogue.search(query, ask.view.locale, page.start, page.stop)
    rows = scored(site.shapes[ask.view.version], site.catalogue.documents.rows(found.ids, ask.view), found)
    return Answer(envelope(ask, page, found.total, rows, window), tag=site.catalogue.generation)


def autocomplete(site: Site, ask: Ask) -> Answer:
    query = _parse(site, ask, autocomplete=True)
    found = site.catalogue.search(query, ask.view.locale, 0, AUTOCOMPLETE_SIZE)
    rows = site.catalogue.documents.suggestions(found.ids, ask.view)
    body = b'{"results":[%b]}' % b",".join([row + b"}" for row in rows])
    return Answer(body, tag=site.catalogue.generation)


def scored(shapes: Shapes, rows: list[bytes], found: Found) -> list[bytes]:
    """Close each row, with `_score` as its last key where the version has one."""
    if not shapes.score_key:
        return [row + b"}" for row in rows]
    if found.scores is None:
        return [row + b',"_score":null}' for row in rows]
    return [
        b'%b,"_score":%b}' % (row, b"%.6g" % score) for row, score in zip(rows, found.scores, strict=True)
    ]


def _parse(site: Site, ask: Ask, *, autocomplete: bool) -> SearchQuery:
    options = SearchOptions(
        return_to_amo=site.settings.return_to_amo,
        return_to_amo_all_listed=site.settings.return_to_amo_all_listed,
        featured_sets=bool(site.catalogue.featured),
    )
    try:
        return parse_search(ask.params, ask.view.version, options, autocomplete=autocomplete)
    except ParameterError as error:
        raise bad_parameter(error.text(ask.view.locale)) from None


def _reachable(site: Site, query: SearchQuery, ask: Ask, window: int) -> int:
    count = site.catalogue.search(query, ask.view.locale, 0, 1).total
    return min(count, window) if window else count


class SearchHandler(PageHandler):
    page = staticmethod(search)


class AutocompleteHandler(PageHandler):
    page = staticmethod(autocomplete)
