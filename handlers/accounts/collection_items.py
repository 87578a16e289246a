"""The add-ons of a collection, filtered and sorted for lists (contract/extras.md 4.3)."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import orjson

from conf.model.addons import Translated
from conf.model.curated import CollectionDoc, CollectionItemDoc
from conf.vocabulary import PAGE_SIZE
from handlers.http.replies.errors import bare_detail
from handlers.http.requests.request import ReadRequest
from index.documents.identifiers import identify
from index.shapes.translated_fields import best, resolve
from server.errors import NotFound
from server.site import Site


class CollectionEntry(NamedTuple):
    """An item, and the values of its add-on that it is sorted by."""

    item: CollectionItemDoc
    id: int
    downloads: int
    name: Translated | None
    default_locale: str


# Sort keys, ascending; a hyphen before the name reverses the order. Any other `sort` means the default.
SORTS: Final[dict[str, Callable[[CollectionEntry, str], Any]]] = {
    "popularity": lambda entry, locale: entry.downloads,
    "name": lambda entry, locale: (best(entry.name, locale, entry.default_locale) or "").lower(),
    "added": lambda entry, locale: entry.item["added"],
}
DEFAULT_SORT: Final = "-popularity"
EMBEDDED_ITEMS: Final = PAGE_SIZE  # of a collection that is requested `with_addons`
# Values of `filter` that include add-ons that are not public -> whether they include deleted ones.
FILTERS: Final = {"all": False, "all_with_deleted": True}
_SUMMARY: Final = dict.fromkeys(("weekly_downloads", "name", "default_locale", "status"), 1)


def includes_hidden(request: ReadRequest) -> bool:
    return request.params.get("filter") in FILTERS


def sorted_entries(request: ReadRequest, collection: CollectionDoc) -> list[CollectionEntry]:
    """The collection's public add-ons in the requested order. Raises Refusal 400."""
    return _sorted(request, _public(request.site, collection["addons"]))


def _public(site: Site, items: Sequence[CollectionItemDoc]) -> list[CollectionEntry]:
    is_listed, documents = site.catalogue.is_listed, site.catalogue.documents
    return [_entry(item, documents.addon(item["addon_id"])) for item in items if is_listed(item["addon_id"])]


def _entry(item: CollectionItemDoc, addon: Any) -> CollectionEntry:
    return CollectionEntry(
        item, addon["_id"], addon["weekly_downloads"], addon["name"], addon["default_locale"]
    )


async def all_entries(request: ReadRequest, collection: CollectionDoc) -> list[CollectionEntry]:
    """All add-ons that `filter` selects, even if not public. Raises Refusal 400."""
    entries = _public(request.site, collection["addons"])
    hidden = {item["addon_id"]: item for item in collection["addons"]}
    for entry in entries:
        del hidden[entry.id]
    includes_deleted = FILTERS[request.params["filter"]]
    query = {"_id": {"$in": list(hidden)}}
    async for addons in request.site.store.scan("addons", query=query, fields=_SUMMARY):
        included = (addon for addon in addons if includes_deleted or addon["status"] != "deleted")
        entries += [_entry(hidden[addon["_id"]], addon) for addon in included]
    return _sorted(request, entries)


def _sorted(request: ReadRequest, entries: list[CollectionEntry]) -> list[CollectionEntry]:
    sort = request.params.get("sort", "")
    if len(list(filter(None, sort.split(",")))) > 1:
        raise bare_detail(400, "sort_not_alone", request.view.locale)
    sort = sort.strip(",")
    if sort.removeprefix("-") not in SORTS:
        sort = DEFAULT_SORT
    key = SORTS[sort.removeprefix("-")]
    entries = sorted(entries, key=lambda entry: entry.id)
    entries.sort(key=lambda entry: key(entry, request.view.language), reverse=sort.startswith("-"))
    return entries


def public_rows(
    request: ReadRequest, collection: CollectionDoc, entries: Sequence[CollectionEntry]
) -> list[dict[str, Any]]:
    """Entries of public add-ons as JSON values."""
    addons = request.documents.details([entry.id for entry in entries], request.view)
    pairs = zip(entries, addons, strict=True)
    return [_row(request, collection, entry.item, orjson.Fragment(addon)) for entry, addon in pairs]


async def rows(
    request: ReadRequest, collection: CollectionDoc, entries: Sequence[CollectionEntry]
) -> list[dict[str, Any]]:
    """Entries of any add-ons as JSON values; add-ons deleted meanwhile are left out."""
    documents, shapes = request.documents, request.shapes
    hidden = [entry.id for entry in entries if not documents.get(entry.id)]
    stored = await request.site.store.addons_by_id(hidden) if hidden else {}
    values = []
    for entry in entries:
        if entry.id in stored:
            addon: Any = shapes.detail(stored[entry.id], documents.users, request.view)
        elif documents.get(entry.id):
            addon = orjson.Fragment(documents.detail(entry.id, request.view))
        else:
            continue
        values.append(_row(request, collection, entry.item, addon))
    return values


async def find_item(site: Site, collection: CollectionDoc, name: str) -> int:
    """The id of an add-on in the collection, by id or slug. Raises NotFound."""
    kind, value = identify(name)
    addon_id = int(value) if kind == "id" else await site.store.find_addon_id(kind, value)
    if addon_id is None or all(item["addon_id"] != addon_id for item in collection["addons"]):
        raise NotFound
    return addon_id


async def item_row(request: ReadRequest, collection: CollectionDoc, addon_id: int) -> dict[str, Any]:
    """One item as a JSON value, whatever state its add-on is in. Raises NotFound."""
    entries = [
        CollectionEntry(item, addon_id, 0, None, "")
        for item in collection["addons"]
        if item["addon_id"] == addon_id
    ]
    values = await rows(request, collection, entries)
    if not values:
        raise NotFound
    return values[0]


def _row(
    request: ReadRequest, collection: CollectionDoc, item: CollectionItemDoc, addon: Any
) -> dict[str, Any]:
    notes = resolve(item["notes"], request.view, collection["default_locale"])
    downloads = {"downloads": 0} if request.enabled("collection_downloads") else {}
    return {"addon": addon, "notes": notes, **downloads}
