"""The add-ons of a collection, as Firefox for Android asks for them (contract/clients.md 3).

`GET accounts/account/{user}/collections/{slug}/addons/`, the user by id or
name. Add-ons that are not public are left out. A collection that is not listed
is its author's alone.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import orjson

from conf.model.addons import AddonDoc
from conf.model.curated import CollectionDoc, CollectionItemDoc
from handlers.http.access import PUBLIC, SESSIONS
from handlers.http.base import PageHandler
from handlers.http.errors import not_found
from handlers.http.paging import envelope, page_size, requested_page
from handlers.http.request import Answer, ReadRequest
from index.shapes.translated_fields import best, resolve
from server.errors import Forbidden
from server.site import Site


class CollectionEntry(NamedTuple):
    """An item and the add-on it names."""

    item: CollectionItemDoc
    addon: AddonDoc


# Ascending; a hyphen before the name turns them round. Any other `sort` means the default.
SORTS: Final[dict[str, Callable[[CollectionEntry, str], Any]]] = {
    "popularity": lambda entry, locale: entry.addon["weekly_downloads"],
    "name": lambda entry, locale: (
        best(entry.addon["name"], locale, entry.addon["default_locale"]) or ""
    ).lower(),
    "added": lambda entry, locale: entry.item["added"],
}
DEFAULT_SORT: Final = "-popularity"


def collection_addons(site: Site, request: ReadRequest, user: str, slug: str) -> Answer | None:
    """None for a collection that is not everybody's."""
    collection = _find(site, request, user, slug)
    return _answer(site, request, collection) if collection["listed"] else None


def _find(site: Site, request: ReadRequest, user: str, slug: str) -> CollectionDoc:
    collection = site.curated.find_collection(user, slug)
    if collection is None:
        raise not_found(request.view.locale)
    return collection


def _answer(site: Site, request: ReadRequest, collection: CollectionDoc) -> Answer:
    entries = sorted_entries(site, request, collection)
    page = requested_page(request, page_size(request), lambda: len(entries))
    listed = entries[page.start : page.stop]
    addons = site.catalogue.documents.details([entry.addon["_id"] for entry in listed], request.view)
    notes = (resolve(entry.item["notes"], request.view, collection["default_locale"]) for entry in listed)
    rows = (
        {"addon": orjson.Fragment(addon), "notes": note} for addon, note in zip(addons, notes, strict=True)
    )
    return Answer(envelope(request, page, len(entries), rows))


def sorted_entries(site: Site, request: ReadRequest, collection: CollectionDoc) -> list[CollectionEntry]:
    """Its public add-ons in the order asked for."""
    documents = site.catalogue.documents
    listed = [item for item in collection["addons"] if site.catalogue.is_listed(item["addon_id"])]
    entries = sorted(
        (CollectionEntry(item, documents.addon(item["addon_id"])) for item in listed),
        key=lambda entry: entry.addon["_id"],
    )
    sort = request.params.get("sort", "")
    if sort.removeprefix("-") not in SORTS:
        sort = DEFAULT_SORT
    key = SORTS[sort.removeprefix("-")]
    entries.sort(key=lambda entry: key(entry, request.view.language), reverse=sort.startswith("-"))
    return entries


class CollectionAddonsHandler(PageHandler):
    title = "Collection Addon"
    access = PUBLIC
    mechanisms = SESSIONS
    page = staticmethod(collection_addons)

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        collection = _find(self.site, request, *args)
        if collection["author_id"] != self.caller.id:
            raise Forbidden
        return _answer(self.site, request, collection)
