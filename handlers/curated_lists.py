"""Lists that operators keep, page by page: replacements of legacy add-ons (contract/addons.md 10.6),
compatibility overrides, v3 only (contract/versions.md 7, 16), mappings of other browsers' extensions
(contract/addons.md 10.9).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from conf.limits import MAPPINGS_MAX_AGE, MAPPINGS_PAGE_SIZE, MAX_GUIDS
from conf.model.curated import MappingDoc, OverrideDoc, ReplacementDoc
from conf.vocabulary import MAPPED_BROWSERS, TAGS
from handlers.http.base import public_page
from handlers.http.requests.paging import page_size, paginated
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from server.search_params.parameters import values

_ADDON: Final = re.compile(r"/addon/([^/]+)/$")
_COLLECTION: Final = re.compile(r"/collections/([^/]+)/([^/]+)/$")
_OVERRIDE_KEYS: Final = ("addon_id", "addon_guid", "name", "version_ranges")


def replacements(request: ReadRequest) -> Answer:
    def shape(document: ReplacementDoc) -> dict[str, Any]:
        guids = list(replacement_guids(request, document["path"]))
        return {"guid": document["_id"], "replacement": guids}

    return Answer(paginated(request, request.site.curated.replacements.view, shape))


def replacement_guids(request: ReadRequest, path: str) -> Iterator[str]:
    """The guids of the public add-ons that a path names; none for other pages and other sites."""
    if not path.startswith("/"):
        return
    if match := _ADDON.search(path):
        yield from _guids(request, [request.catalogue.find_listed(match[1])])
    elif match := _COLLECTION.search(path):
        collection = request.site.curated.find_collection(match[1], match[2])
        if collection is not None and collection["listed"]:
            ids = (item["addon_id"] for item in collection["addons"])
            yield from _guids(
                request, (addon_id for addon_id in ids if request.catalogue.is_listed(addon_id))
            )


def _guids(request: ReadRequest, ids: Iterable[int | None]) -> Iterator[str]:
    for addon_id in ids:
        stored = request.documents.get(addon_id) if addon_id is not None else None
        if stored is not None and stored.guid:
            yield stored.guid


def overrides(request: ReadRequest) -> Answer:
    """The overrides of the guids in `guid`, or all of them."""
    guid = request.params.get("guid")
    guids = request.parsed(values, "guid", guid, MAX_GUIDS) if guid else None
    return Answer(paginated(request, request.site.curated.find_overrides(guids), _override))


def _override(override: OverrideDoc) -> dict[str, Any]:
    return {key: override[key] for key in _OVERRIDE_KEYS}


def mappings(request: ReadRequest) -> Answer:
    browser = request.params.get("browser", "")
    if browser not in MAPPED_BROWSERS:
        raise request.bad_request("browser_invalid")
    size = page_size(request, MAPPINGS_PAGE_SIZE, MAPPINGS_PAGE_SIZE)
    return Answer(
        paginated(request, request.site.curated.find_mappings(browser), _mapping, size),
        max_age=MAPPINGS_MAX_AGE,
    )


def _mapping(mapping: MappingDoc) -> dict[str, str]:
    return {"extension_id": mapping["_id"], "addon_guid": mapping["addon_guid"]}


def tags(request: ReadRequest) -> Answer:
    """The tags that authors may choose (contract/extras.md 7)."""
    return json_answer(sorted(TAGS))


TagsHandler = public_page("Tags", tags)
ReplacementsHandler = public_page("Replacement Addon", replacements)
OverridesHandler = public_page("Compat Override", overrides)
MappingsHandler = public_page("Browser Mappings", mappings)
