"""Other add-ons to install beside one (contract/versions.md 16, contract/addons.md 10.8)."""

import re
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

import orjson

from conf.limits import MAX_GUID
from conf.vocabulary import GUID_PATTERN, RECOMMENDATIONS_SIZE
from handlers.http.base import PublicPage
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from server.outside.recommender import NoRecommendations, Recommender

_GUID: Final = re.compile(GUID_PATTERN)


class Outcome(NamedTuple):
    outcome: Literal["curated", "recommended", "recommended_fallback"]
    reason: Literal["timeout", "no_results"] | None = None


def recommendations(request: ReadRequest) -> Answer | None:
    """The curated list; None if the recommendation service has to be asked."""
    guid = _guid(request)
    from_service = request.params.get("recommended", "").lower() == "true"
    if from_service and guid is not None and request.site.outside.recommender is not None:
        return None
    return _answer(request, Outcome("curated"), _curated(request, guid))


def _guid(request: ReadRequest) -> str | None:
    """The parameter `guid`, which is optional in v3. Raises Refusal 400."""
    guid = request.params.get("guid", "")
    if not guid and not request.enabled("recommendations_need_guid"):
        return None
    if len(guid) > MAX_GUID or not _GUID.fullmatch(guid):
        raise request.bad_request("guid_invalid")
    return guid


async def recommended(request: ReadRequest, recommender: Recommender, guid: str) -> Answer:
    """The service's recommendations for the guid, or else the curated list and the reason."""
    try:
        addon_ids = _first_public(request, await recommender.recommend(guid))
    except NoRecommendations:
        return _answer(request, Outcome("recommended_fallback", "timeout"), _curated(request, guid))
    if not addon_ids:
        return _answer(request, Outcome("recommended_fallback", "no_results"), _curated(request, guid))
    return _answer(request, Outcome("recommended"), addon_ids)


def _curated(request: ReadRequest, guid: str | None) -> list[int]:
    excluded = guid.lower() if guid else None
    curated = request.site.curated.recommendations.view
    return _first_public(request, (guid for guid in curated if guid.lower() != excluded))


def _first_public(request: ReadRequest, guids: Iterable[str]) -> list[int]:
    """The first four public add-ons among the guids, in their order, without duplicates."""
    catalogue = request.catalogue
    addon_ids: dict[int, None] = {}
    for guid in guids:
        addon_id = catalogue.documents.find_guid(guid)
        if addon_id is not None and catalogue.is_listed(addon_id):
            addon_ids[addon_id] = None
            if len(addon_ids) == RECOMMENDATIONS_SIZE:
                break
    return list(addon_ids)


def _answer(request: ReadRequest, outcome: Outcome, ids: list[int]) -> Answer:
    """A single page of search results, because the list is not paginated."""
    body = {
        "outcome": outcome.outcome,
        "fallback_reason": outcome.reason,
        "page_size": 1,
        "page_count": 1,
        "count": len(ids),
        "next": None,
        "previous": None,
        "results": [orjson.Fragment(row) for row in request.documents.rows(ids, request.view)],
    }
    return json_answer(body)


class RecommendationsHandler(PublicPage):
    title = "Recommendations"
    page = staticmethod(recommendations)
    kind = "addon"

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        assert self.site.outside.recommender is not None
        return await recommended(request, self.site.outside.recommender, request.params["guid"])
