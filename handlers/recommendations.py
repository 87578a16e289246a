"""Other add-ons to install beside one (contract/versions.md 16, contract/addons.md 10.8)."""

import re
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

import orjson

from conf.gates import enabled
from conf.limits import MAX_GUID
from conf.vocabulary import GUID_PATTERN, RECOMMENDATIONS_SIZE
from handlers.http.access import PUBLIC
from handlers.http.base import PageHandler
from handlers.http.errors import bad_request
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from server.recommender import NoRecommendations, Recommender
from server.site import Site

_GUID: Final = re.compile(GUID_PATTERN)


class Outcome(NamedTuple):
    outcome: Literal["curated", "recommended", "recommended_fallback"]
    reason: Literal["timeout", "no_results"] | None = None


def recommendations(site: Site, ask: ReadRequest) -> Answer | None:
    """The curated list; None where the recommendation service is to be asked."""
    guid = _asked_guid(ask)
    wanted = ask.params.get("recommended", "").lower() == "true"
    if wanted and guid is not None and site.recommender is not None:
        return None
    return _answer(site, ask, Outcome("curated"), _curated(site, guid))


def _asked_guid(ask: ReadRequest) -> str | None:
    """v3 knows the list without a guid too."""
    guid = ask.params.get("guid", "")
    if not guid and not enabled(ask.view.version, "recommendations_need_guid"):
        return None
    if len(guid) > MAX_GUID or not _GUID.fullmatch(guid):
        raise bad_request("guid_invalid", ask.view.locale)
    return guid


async def recommended(site: Site, ask: ReadRequest, recommender: Recommender, guid: str) -> Answer:
    try:
        found = _listed(site, await recommender.ask(guid))
    except NoRecommendations:
        return _answer(site, ask, Outcome("recommended_fallback", "timeout"), _curated(site, guid))
    if not found:
        return _answer(site, ask, Outcome("recommended_fallback", "no_results"), _curated(site, guid))
    return _answer(site, ask, Outcome("recommended"), found)


def _curated(site: Site, guid: str | None) -> list[int]:
    asked = guid.lower() if guid else None
    return _listed(site, (each for each in site.reference.curated.view if each.lower() != asked))


def _listed(site: Site, guids: Iterable[str]) -> list[int]:
    """The public add-ons among guids: the first four, in their order, none twice."""
    catalogue = site.catalogue
    found: dict[int, None] = {}
    for guid in guids:
        addon_id = catalogue.documents.find_guid(guid)
        if addon_id is not None and catalogue.is_listed(addon_id):
            found[addon_id] = None
            if len(found) == RECOMMENDATIONS_SIZE:
                break
    return list(found)


def _answer(site: Site, ask: ReadRequest, outcome: Outcome, ids: list[int]) -> Answer:
    """The envelope of one page whatever was asked, with the rows of a search."""
    head = orjson.dumps(
        {
            "outcome": outcome.outcome,
            "fallback_reason": outcome.reason,
            "page_size": 1,
            "page_count": 1,
            "count": len(ids),
            "next": None,
            "previous": None,
        }
    )
    rows = [row + b"}" for row in site.catalogue.documents.rows(ids, ask.view)]
    return Answer(b'%b,"results":[%b]}' % (head[:-1], b",".join(rows)))


class RecommendationsHandler(PageHandler):
    title = "Recommendations"
    access = PUBLIC
    page = staticmethod(recommendations)

    async def look_closer(self, ask: ReadRequest, *args: str) -> Answer:
        assert self.site.recommender is not None
        return await recommended(self.site, ask, self.site.recommender, ask.params["guid"])
