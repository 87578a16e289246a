"""Featured add-ons, v3 only (contract/versions.md 6, contract/addons.md 10.3).

Without `lang` these are the sets for all languages, with it those of the
language as well. Every answer is shuffled anew, so none is kept.
"""

import random

import orjson

from conf import categories
from conf.limits import MAX_FEATURED
from conf.numbers import read_number
from conf.vocabulary import PAGE_SIZE
from handlers.http.base import public_page
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from index.criteria.clauses import AnyOf, Clause
from server.search_params import parameters as read
from server.search_params.errors import ParameterError
from server.search_params.parameters import SearchOptions, SearchRequest

_NO_LANGUAGE = "all"  # matches no language, so that only the sets for all languages remain


def featured(request: ReadRequest) -> Answer:
    count = _count(request)
    addon_ids = request.catalogue.ids(_clauses(request))
    chosen = random.sample(addon_ids, min(count, len(addon_ids)))
    details = request.documents.details(chosen, request.view)
    return json_answer({"results": [orjson.Fragment(detail) for detail in details]})


def _count(request: ReadRequest) -> int:
    raw = request.params.get("page_size", "").strip()
    if not raw:
        return PAGE_SIZE
    number = read_number(raw)
    if number is None:
        raise request.bad_request("page_size_invalid")
    return min(number, MAX_FEATURED)


def _clauses(request: ReadRequest) -> tuple[Clause, ...]:
    """The clauses of the parameters. `app` is required; `category` has an effect only with `type`."""
    params = request.params
    search_request = SearchRequest(params, request.view.version, SearchOptions())
    try:
        app = read.parse_app(search_request)
        types = tuple(read.type_(params["type"], search_request)) if "type" in params else ()
        category = tuple(read.category(params["category"], search_request)) if "category" in params else ()
    except ParameterError:
        raise request.bad_request("featured_invalid") from None
    if not request.catalogue.featured:
        return (*types, *category, read.recommended_clause(app))
    lang = params.get("lang") or _NO_LANGUAGE
    return (*types, read.featured_clause(app, lang, _slug(category)))


def _slug(category: tuple[Clause, ...]) -> str | None:
    """The slug of the category clause, which has ids; categories of several types share a slug."""
    terms = [term for clause in category if isinstance(clause, AnyOf) for term in clause.terms]
    return categories.BY_ID[int(terms[0].partition(":")[2])].slug if terms else None


FeaturedHandler = public_page("Featured", featured, "addon")
