"""The add-ons of a collection (contract/extras.md 4.3), as Firefox for Android asks for them
(contract/clients.md 3).
"""

from typing import ClassVar

from handlers.accounts.collection_items import (
    all_entries,
    find_item,
    includes_hidden,
    item_row,
    public_rows,
    rows,
    sorted_entries,
)
from handlers.accounts.collection_resource import CollectionResource, find_collection
from handlers.http.base import ANYBODY, SIGNED_IN, PageHandler
from handlers.http.requests.paging import envelope, page_size, requested_page
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from server.rules import collections as rules
from server.services import collections


def collection_addons(request: ReadRequest, user: str, slug: str) -> Answer | None:
    """None if the answer differs for callers, or cannot be made from memory."""
    collection = find_collection(request.site, user, slug)
    if not collection["listed"] or includes_hidden(request):
        return None
    entries = sorted_entries(request, collection)
    page = requested_page(request, page_size(request), lambda: len(entries))
    page_rows = public_rows(request, collection, entries[page.start : page.stop])
    return Answer(envelope(request, page, len(entries), page_rows))


class CollectionAddonsHandler(CollectionResource, PageHandler):
    title = "Collection Addon"
    access: ClassVar = {"GET": ANYBODY, "POST": SIGNED_IN}
    page = staticmethod(collection_addons)

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        collection = self.load_visible(*args)
        entries = sorted_entries(request, collection)
        if includes_hidden(request):
            entries = await all_entries(request, collection)
        page = requested_page(request, page_size(request), lambda: len(entries))
        page_rows = await rows(request, collection, entries[page.start : page.stop])
        return Answer(envelope(request, page, len(entries), page_rows))

    async def post(self, user: str, slug: str) -> None:
        collection, data = self.load_fillable(user, slug), self.body().fields
        name, notes = rules.read_addon_name(data), rules.read_notes(data, self.translation_format)
        addon_id = self.site.catalogue.find(name)
        if addon_id is None:
            raise rules.unknown_addon(name)
        stored = await collections.add_item(self.site.changes, collection["_id"], addon_id, notes)
        self.send_json(await item_row(self.read_request(), stored, addon_id), 201)


class CollectionAddonHandler(CollectionResource, PageHandler):
    """One add-on of a collection, whatever its state."""

    title = "Collection Addon"
    access: ClassVar = {"GET": ANYBODY, "PATCH": SIGNED_IN, "DELETE": SIGNED_IN}

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        user, slug, name = args
        collection = self.load_visible(user, slug)
        addon_id = await find_item(self.site, collection, name)
        return json_answer(await item_row(request, collection, addon_id))

    async def patch(self, user: str, slug: str, name: str) -> None:
        collection = self.load_fillable(user, slug)
        addon_id = await find_item(self.site, collection, name)
        notes = rules.read_notes(self.body().fields, self.translation_format)
        stored = await collections.set_notes(self.site.changes, collection["_id"], addon_id, notes)
        self.send_json(await item_row(self.read_request(), stored, addon_id))

    async def delete(self, user: str, slug: str, name: str) -> None:
        collection = self.load_fillable(user, slug)
        addon_id = await find_item(self.site, collection, name)
        await collections.remove_item(self.site.changes, collection["_id"], addon_id)
        self.send_nothing()
