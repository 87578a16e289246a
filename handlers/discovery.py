"""The list browsers show in their add-on manager (contract/extras.md 5).

No pages. `edition` chooses a list; a browser that says which one it is by
`telemetry-client-id` gets extensions chosen for it, where a recommendation service is
configured; an add-on that is not public has no item.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, Final

import orjson

from conf.model.curated import DiscoveryDoc
from handlers.http.base import PublicPage, public_page
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from server.curated.curated import RECOMMENDED
from server.outside.recommender import NoRecommendations
from server.shapes.discovery import discovery_item
from server.shapes.home_page import english

_CLIENT: Final = re.compile("[0-9a-fA-F]{64}")  # the hash of a browser's id
_REPLACEABLE: Final = "extension"
_DEFAULT_EDITION: Final = "default"


def discovery(request: ReadRequest) -> Answer | None:
    """The curated list; None if the recommendation service has to be asked."""
    if request.site.outside.recommender is not None and _client_id(request) is not None:
        return None
    return _answer(request, _curated(request))


def _client_id(request: ReadRequest) -> str | None:
    """The client to recommend to; None for editions other than the default, whose lists have no
    recommendations.
    """
    client = request.params.get("telemetry-client-id", "")
    is_default = request.params.get("edition", _DEFAULT_EDITION).lower() == _DEFAULT_EDITION
    return client.lower() if is_default and _CLIENT.fullmatch(client) else None


async def recommended(request: ReadRequest) -> Answer:
    """The curated list with the extensions that the service recommends to the client, if it answers."""
    client = _client_id(request)
    assert request.site.outside.recommender is not None and client is not None
    try:
        guids = await request.site.outside.recommender.recommend(client)
    except NoRecommendations:
        guids = []
    return _answer(request, _recommend(request, _curated(request), guids))


def _curated(request: ReadRequest) -> list[DiscoveryDoc]:
    items = request.site.curated.find_discovery(request.params.get("edition", ""))
    return [item for item in items if request.catalogue.is_listed(item["addon_id"])]


def _recommend(request: ReadRequest, curated: list[DiscoveryDoc], guids: Iterable[str]) -> list[DiscoveryDoc]:
    """The curated list, its extensions replaced: recommended ones first, then remaining curated ones."""
    replaceable = {item["addon_id"]: item for item in curated if _is_extension(request, item["addon_id"])}
    chosen = islice(_recommendations(request, guids), len(replaceable))
    recommendations = {addon_id: _recommendation(addon_id, replaceable.get(addon_id)) for addon_id in chosen}
    remaining = (item for addon_id, item in replaceable.items() if addon_id not in recommendations)
    extensions = chain(recommendations.values(), remaining)
    return [next(extensions) if item["addon_id"] in replaceable else item for item in curated]


def _recommendations(request: ReadRequest, guids: Iterable[str]) -> Iterator[int]:
    """The public extensions among the guids, in their order, without duplicates."""
    for addon_id in dict.fromkeys(map(request.documents.find_guid, guids)):
        if (
            addon_id is not None
            and request.catalogue.is_listed(addon_id)
            and _is_extension(request, addon_id)
        ):
            yield addon_id


def _is_extension(request: ReadRequest, addon_id: int) -> bool:
    return request.documents.addon(addon_id)["type"] == _REPLACEABLE


def _recommendation(addon_id: int, curated: DiscoveryDoc | None) -> DiscoveryDoc:
    """The item of a recommendation, with the curated texts of its add-on, if any."""
    return {
        "_id": 0,
        "addon_id": addon_id,
        "position": 0,
        "editions": [],
        "heading": curated and curated["heading"],
        "description": curated and curated["description"],
        "is_recommendation": True,
    }


def _answer(request: ReadRequest, items: list[DiscoveryDoc]) -> Answer:
    results = [_shape(request, item) for item in items]
    return json_answer({"count": len(results), "results": results})


def _shape(request: ReadRequest, item: DiscoveryDoc) -> dict[str, Any]:
    documents, view = request.documents, request.view
    addon = documents.addon(item["addon_id"])
    row = None
    if addon["type"] != "statictheme":
        row = orjson.Fragment(documents.rows([item["addon_id"]], view)[0])
    return discovery_item(request.shapes, item, addon, documents.users, view, row)


def editorial(request: ReadRequest) -> Answer:
    """The English texts of the items of all lists, for translators."""
    catalogue = request.catalogue
    only_recommended = request.params.get("recommended", "").lower() == "true"
    recommended_ids = set(catalogue.ids(RECOMMENDED)) if only_recommended else None
    results = []
    for item in request.site.curated.discovery.view.items:
        addon_id = item["addon_id"]
        stored = catalogue.documents.get(addon_id) if catalogue.is_listed(addon_id) else None
        if stored is not None and (recommended_ids is None or addon_id in recommended_ids):
            text = english(item["description"]) or None
            results.append({"addon": {"guid": stored.guid}, "custom_description": text})
    return json_answer({"results": results})


class DiscoveryHandler(PublicPage):
    title = "Discovery"
    page = staticmethod(discovery)

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        return await recommended(request)


EditorialHandler = public_page("Discovery Editorial", editorial)
