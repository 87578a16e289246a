"""Replacements of legacy add-ons (contract/addons.md 10.6)."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from conf.model.curated import ReplacementDoc
from handlers.http.access import PUBLIC
from handlers.http.base import PageHandler
from handlers.http.paging import page_of
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from server.site import Site

_ADDON = re.compile(r"/addon/([^/]+)/$")
_COLLECTION = re.compile(r"/collections/([^/]+)/([^/]+)/$")


def replacements(site: Site, request: ReadRequest) -> Answer:
    stored = site.curated.replacements.view

    def shape(each: ReplacementDoc) -> dict[str, Any]:
        return {"guid": each["_id"], "replacement": list(replacing(site, each["path"]))}

    return Answer(page_of(request, stored, shape))


def replacing(site: Site, path: str) -> Iterator[str]:
    """The guids of the public add-ons a path leads to; none for other pages and other sites."""
    if not path.startswith("/"):
        return
    if match := _ADDON.search(path):
        yield from _guids(site, [site.catalogue.find_listed(match[1])])
    elif match := _COLLECTION.search(path):
        collection = site.curated.find_collection(match[1], match[2])
        if collection is not None and collection["listed"]:
            ids = (item["addon_id"] for item in collection["addons"])
            yield from _guids(site, (addon_id for addon_id in ids if site.catalogue.is_listed(addon_id)))


def _guids(site: Site, ids: Iterable[int | None]) -> Iterator[str]:
    for addon_id in ids:
        kept = site.catalogue.documents.get(addon_id) if addon_id is not None else None
        if kept is not None and kept.guid:
            yield kept.guid


class ReplacementsHandler(PageHandler):
    title = "Replacement Addon"
    access = PUBLIC
    page = staticmethod(replacements)
