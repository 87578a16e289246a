"""Parses search parameters into a query: a table with a row for each filter, and a loop over it.

    query = parse_search({"q": "Tab", "app": "firefox"}, "v5", SearchOptions())
    query.q, query.clauses, query.sort  -> "tab", (AnyOf(("app:firefox",)),), ("relevance",)

The rows are in the order of evaluation, because only the first failure is reported
(contract/search.md 1 and 2.1). handlers/http/requests/request.py drops parameters without a value.
Unknown parameters, and those of filters that the API version does not have, are ignored. Pure
functions; any thread.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Final, NamedTuple

from conf.gates import enabled
from conf.limits import MAX_QUERY
from conf.vocabulary import VERSIONS
from index.criteria.clauses import Clause, Fits
from index.criteria.search_query import SearchQuery
from index.criteria.sorting import RELEVANCE
from server.search_params import parameters as read
from server.search_params.errors import ParameterError, invalid
from server.search_params.facets import parse_facets
from server.search_params.parameters import SearchOptions, SearchRequest
from server.search_params.ranges import CREATED, RATINGS, UPDATED, USERS, Threshold
from server.search_params.sorting import SortContext, resolve_sort

ParameterParser = Callable[[str, SearchRequest], Iterable[Clause | Fits]]


class Filter(NamedTuple):
    """A filter, and how its value is parsed."""

    name: str  # the parameter
    read: ParameterParser
    gate: str | None = None  # in conf/gates.py: the versions that have it


def _spellings(threshold: Threshold) -> Iterator[Filter]:
    return (Filter(name, partial(_read_threshold, threshold, name)) for name in threshold.spellings())


def _read_threshold(threshold: Threshold, name: str, value: str, request: SearchRequest) -> list[Clause]:
    clause = threshold.clause(name, value)
    if clause is None:
        raise invalid(name)
    return [clause]


FILTERS: Final = (
    Filter("app", read.app),
    Filter("appversion", read.appversion),
    Filter("author", read.author),
    Filter("category", read.category),
    Filter("color", read.color),
    Filter("exclude_addons", read.exclude_addons),
    Filter("featured", read.featured, "featured_filter"),
    Filter("guid", read.guid),
    Filter("platform", read.platform, "platform_filter"),
    Filter("promoted", read.promoted),
    *_spellings(RATINGS),
    Filter("tag", read.tag),
    Filter("type", read.type_),
    *_spellings(USERS),
    *_spellings(CREATED),
    *_spellings(UPDATED),
    Filter("license", read.license_),
    Filter("permissions", read.permissions),
)
_BY_VERSION: Final = {
    version: tuple(row for row in FILTERS if row.gate is None or enabled(version, row.gate))
    for version in VERSIONS
}


def current_hour() -> int:
    """The seed of the random order, which changes with the clock hour (contract/search.md 3.4)."""
    return int(time.time() // 3600)


def parse_search(
    params: Mapping[str, str],
    version: str,
    options: SearchOptions,
    *,
    autocomplete: bool = False,
    hour: Callable[[], int] = current_hour,
) -> SearchQuery:
    """The query of `params` (name -> last value sent, not empty). Raises ParameterError."""
    q = params.get("q", "").lower() or None
    if q is not None and len(q) > MAX_QUERY:
        raise ParameterError("query_too_long")
    filters = parse_filters(params, version, options)
    clauses = tuple(clause for clause in filters if not isinstance(clause, Fits))
    fits = next((clause for clause in filters if isinstance(clause, Fits)), None)
    sort_value = params.get("sort")
    if autocomplete and not enabled(version, "autocomplete_sort"):
        sort_value = None
    sort = resolve_sort(sort_value, SortContext(version, q is not None, params.keys()), hour())
    rescore = q is not None and sort_value in (None, "", RELEVANCE)
    suggests = not autocomplete and read.boolean("suggest", params)
    facets = () if autocomplete else parse_facets(SearchRequest(params, version, options))
    return SearchQuery(q, clauses, sort, rescore, autocomplete, suggests, facets, fits)


def parse_filters(
    params: Mapping[str, str], version: str, options: SearchOptions
) -> tuple[Clause | Fits, ...]:
    """The clauses of the filter parameters. Raises ParameterError."""
    request = SearchRequest(params, version, options)
    clauses: list[Clause | Fits] = []
    for row in _BY_VERSION[version]:
        value = params.get(row.name)
        if value is not None:
            clauses += row.read(value, request)
    return tuple(clauses)
