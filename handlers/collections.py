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
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from index.shapes.translated_fields import best, resolve
from server.errors import Forbidden
from server.site import Site


class CollectionEntry(NamedTuple):
    """An item and the add-on it names."""

    item: CollectionItemDoc
    addon: AddonDoc


def _popularity(shown: CollectionEntry, locale: str) -> Any:
    return shown.addon["weekly_downloads"]


def _name(shown: CollectionEntry, locale: str) -> Any:
    return (best(shown.addon["name"], locale, shown.addon["default_locale"]) or "").lower()


def _added(shown: CollectionEntry, locale: str) -> Any:
    return shown.item["added"]


# Ascending; a hyphen before the name turns them round. Any other `sort` means the default.
SORTS: Final[dict[str, Callable[[CollectionEntry, str], Any]]] = {
    "popularity": _popularity,
    "name": _name,
    "added": _added,
}
DEFAULT_SORT: Final = "-popularity"


def collection_addons(site: Site, ask: ReadRequest, user: str, slug: str) -> Answer | None:
    """None for a collection that is not everybody's."""
    collection = _find(site, ask, user, slug)
    return _answer(site, ask, collection) if collection["listed"] else None


def _find(site: Site, ask: ReadRequest, user: str, slug: str) -> CollectionDoc:
    collection = site.reference.find_collection(user, slug)
    if collection is None:
        raise not_found(ask.view.locale)
    return collection


def _answer(site: Site, ask: ReadRequest, collection: CollectionDoc) -> Answer:
    shown = _sorted(site, ask, collection)
    page = requested_page(ask, page_size(ask), lambda: len(shown))
    listed = shown[page.start : page.stop]
    addons = site.catalogue.documents.details([each.addon["_id"] for each in listed], ask.view)
    notes = (resolve(each.item["notes"], ask.view, collection["default_locale"]) for each in listed)
    rows = [
        b'{"addon":%b},"notes":%b}' % (addon, orjson.dumps(note))
        for addon, note in zip(addons, notes, strict=True)
    ]
    return Answer(envelope(ask, page, len(shown), rows))


def _sorted(site: Site, ask: ReadRequest, collection: CollectionDoc) -> list[CollectionEntry]:
    documents = site.catalogue.documents
    listed = [item for item in collection["addons"] if site.catalogue.is_listed(item["addon_id"])]
    shown = sorted(
        (CollectionEntry(item, documents.addon(item["addon_id"])) for item in listed),
        key=lambda each: each.addon["_id"],
    )
    wanted = ask.params.get("sort", "")
    if wanted.removeprefix("-") not in SORTS:
        wanted = DEFAULT_SORT
    key = SORTS[wanted.removeprefix("-")]
    shown.sort(key=lambda each: key(each, ask.view.language), reverse=wanted.startswith("-"))
    return shown


class CollectionAddonsHandler(PageHandler):
    title = "Collection Addon"
    access = PUBLIC
    mechanisms = SESSIONS
    page = staticmethod(collection_addons)

    async def look_closer(self, ask: ReadRequest, *args: str) -> Answer:
        collection = _find(self.site, ask, *args)
        if collection["author_id"] != self.caller.id:
            raise Forbidden
        return _answer(self.site, ask, collection)
