"""The ratings of an add-on or a user: filters, pages, and further keys (AMO's page on ratings).

They are read from MongoDB by an index; lists are bounded.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast

from conf.limits import MAX_VALUES
from conf.model.addons import AddonDoc
from conf.model.ratings import RatingDoc
from conf.numbers import read_number
from conf.vocabulary import BOOLEANS
from handlers.http.requests.paging import Page, envelope, page_size, requested_page
from handlers.http.requests.request import ReadRequest
from handlers.ratings.resource import RatingResource
from index import facts
from server.auth.access.addon_access import VISIBLE
from server.auth.access.rating_access import can_reply, is_moderator
from server.services.ratings import COLLECTION

_NEWEST_FIRST: Final = (("created", -1), ("_id", -1))
_MAX_RATINGS: Final = 10_000  # of one user, whose add-ons are checked


class RatingListQuery(NamedTuple):
    """The parsed parameters of a list; `query` is MongoDB's."""

    query: dict[str, Any]
    addon: AddonDoc | None
    is_single: bool
    flagger_id: int | None
    extras: dict[str, Any]  # keys after the results


async def rating_list(handler: RatingResource, request: ReadRequest) -> bytes:
    """Raises Refusal 400, 401, 403, 404, 451."""
    list_query = await _read(handler, request)
    page, count, ratings = await _page(handler, request, list_query)
    shapes = await handler.shapes(ratings, list_query.addon, list_query.flagger_id)
    return envelope(request, page, count, shapes, **list_query.extras)


async def _read(handler: RatingResource, request: ReadRequest) -> RatingListQuery:
    params = request.params
    if not params.get("addon") and not params.get("user"):
        raise request.bad_request("rating_list_of_nothing")
    grouped = _boolean(request, "show_grouped_ratings")
    shows_replying = read_caller_id(handler, request, "show_permissions_for") is not None
    flagger_id = read_caller_id(handler, request, "show_flags_for")
    query = _numbers(request)
    addon = None
    if params.get("addon"):
        addon = await handler.load_addon(params["addon"], VISIBLE)
        query |= {"addon_id": addon["_id"]}
    query |= _filter(handler, request, addon is not None)
    extras: dict[str, Any] = {}
    if addon is not None and shows_replying:
        extras["can_reply"] = can_reply(handler.caller, addon)
    if addon is not None and grouped and facts.knows_scores(addon["ratings"]):
        extras["grouped_ratings"] = addon["ratings"]["grouped_counts"]
    is_single = all(params.get(name) for name in ("addon", "user", "version"))
    return RatingListQuery(query, addon, is_single, flagger_id, extras)


def _numbers(request: ReadRequest) -> dict[str, Any]:
    """The filters that are numbers. Raises Refusal 400."""
    query: dict[str, Any] = {}
    for name, key in (("user", "user_id"), ("version", "version_id")):
        if request.params.get(name):
            query[key] = _integers(request, name, "parameter_not_an_integer", 1)[0]
    if request.params.get("score"):
        query["score"] = {"$in": _integers(request, "score", "parameter_not_integers")}
    if request.params.get("exclude_ratings"):
        query["_id"] = {"$nin": _integers(request, "exclude_ratings", "parameter_not_integers")}
    return query


def _integers(request: ReadRequest, name: str, fault: str, limit: int = MAX_VALUES) -> list[int]:
    value = request.params[name]
    words = list(dict.fromkeys(word.strip() for word in (value.split(",") if limit > 1 else [value])))
    numbers = [number for number in map(read_number, words) if number is not None]
    if len(numbers) < len(words) or len(words) > limit:
        raise request.bad_request(fault, name=name)
    return numbers


def _boolean(request: ReadRequest, name: str) -> bool:
    value = request.params.get(name, "").lower()
    if value and value not in BOOLEANS:
        raise request.bad_request("grouped_ratings_invalid")
    return BOOLEANS.get(value, False)


def read_caller_id(handler: RatingResource, request: ReadRequest, name: str) -> int | None:
    """The caller's id, if the parameter has it; None without the parameter. Raises Refusal 400."""
    value = request.params.get(name)
    if not value:
        return None
    if handler.caller.id is None or value != str(handler.caller.id):
        raise request.bad_request("parameter_not_the_caller", name=name)
    return handler.caller.id


def _filter(handler: RatingResource, request: ReadRequest, has_addon: bool) -> dict[str, Any]:
    """The conditions of `filter`, and those that every list has."""
    words = set(request.params.get("filter", "").split(","))
    query: dict[str, Any] = {}
    includes_deleted = "with_deleted" in words and is_moderator(handler.caller)
    if not includes_deleted:
        query["deleted"] = False
    if has_addon:
        query |= _newest(includes_deleted) if not request.params.get("version") else {"reply_to": None}
    if "without_empty_body" in words:
        conditions: list[dict[str, Any]] = [{"body": {"$nin": [None, ""]}}]
        if "with_yours" in words and handler.caller.id is not None:
            conditions.append({"user_id": handler.caller.id})
        query["$and"] = [{"$or": conditions}]
    return query


def _newest(includes_deleted: bool) -> dict[str, Any]:
    """The latest rating of each user; for moderators, deleted ones, too."""
    if not includes_deleted:
        return {"is_latest": True}
    return {"reply_to": None, "$or": [{"is_latest": True}, {"deleted": True}]}


async def _page(
    handler: RatingResource, request: ReadRequest, list_query: RatingListQuery
) -> tuple[Page, int, list[RatingDoc]]:
    size = 1 if list_query.is_single else page_size(request)
    store, query = handler.site.store, list_query.query
    if list_query.addon is None:
        query = await _limit_to_public(handler, query)
    count = await store.count(COLLECTION, query)
    page = requested_page(request, size, lambda: count)
    if page.start >= count:  # the envelope refuses the page if it is past the end
        return page, count, []
    ratings = await store.find(COLLECTION, query, sort=_NEWEST_FIRST, skip=page.start, limit=size)
    return page, count, cast(list[RatingDoc], ratings)


async def _limit_to_public(handler: RatingResource, query: Mapping[str, Any]) -> dict[str, Any]:
    """Limit a user's ratings to those of public add-ons."""
    documents = handler.site.catalogue.documents
    addon_ids: set[int] = set()
    async for batch in handler.site.store.scan(
        COLLECTION, query=query, fields={"addon_id": 1}, limit=_MAX_RATINGS
    ):
        addon_ids.update(rating["addon_id"] for rating in batch)
    return {**query, "addon_id": {"$in": sorted(id for id in addon_ids if documents.get(id))}}
