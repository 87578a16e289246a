"""Users' collections (contract/extras.md 4): `accounts/account/{user}/collections/`, and each of them.

The user is an id or a name, the collection always a slug.
"""

from functools import partial
from typing import ClassVar

from handlers.accounts.collection_items import (
    EMBEDDED_ITEMS,
    all_entries,
    includes_hidden,
    public_rows,
    rows,
    sorted_entries,
)
from handlers.accounts.collection_resource import CollectionResource, find_collection, shape_collection
from handlers.http.base import ANYBODY, SIGNED_IN, PageHandler
from handlers.http.replies.conditional import unless_changed
from handlers.http.requests.paging import paginated
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from server.errors import Forbidden
from server.rules.collections import edited, read_collection
from server.services import collections
from server.services.accounts import accounts


class CollectionListHandler(CollectionResource, PageHandler):
    """The caller's own collections; nobody else sees the list."""

    access: ClassVar = {"GET": SIGNED_IN, "POST": SIGNED_IN}
    kind = "collection"

    async def _check_author(self, user: str) -> None:
        if (await accounts.find_account(self.site.store, user))["_id"] != self.caller.id:
            raise Forbidden

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        await self._check_author(args[0])
        stored = self.site.curated.collections.by_author(self.user_id)
        return Answer(paginated(request, stored, partial(shape_collection, request)))

    async def post(self, user: str) -> None:
        await self._check_author(user)
        values = read_collection(self.body().fields, self.translation_format, partial=False)
        collection = await collections.create(self.site.changes, self.site.store, self.user_id, values)
        self.send_json(shape_collection(self.read_request(), collection), 201)


def collection_page(request: ReadRequest, user: str, slug: str) -> Answer | None:
    """None if the answer differs for callers, or cannot be made from memory."""
    collection = find_collection(request.site, user, slug)
    if not collection["listed"] or includes_hidden(request):
        return None
    addons = {}
    if "with_addons" in request.params:
        entries = sorted_entries(request, collection)[:EMBEDDED_ITEMS]
        addons = {"addons": public_rows(request, collection, entries)}
    return json_answer(shape_collection(request, collection) | addons)


class CollectionHandler(CollectionResource, PageHandler):
    """PUT replaces all fields, PATCH some."""

    access: ClassVar = {"GET": ANYBODY, "PATCH": SIGNED_IN, "PUT": SIGNED_IN, "DELETE": SIGNED_IN}
    page = staticmethod(collection_page)
    kind = "collection"

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        collection = self.load_visible(*args)
        addons = {}
        if "with_addons" in request.params:
            entries = sorted_entries(request, collection)
            if includes_hidden(request):
                entries = await all_entries(request, collection)
            addons = {"addons": await rows(request, collection, entries[:EMBEDDED_ITEMS])}
        return json_answer(shape_collection(request, collection) | addons)

    async def patch(self, user: str, slug: str) -> None:
        await self._edit(user, slug, partial=True)

    async def put(self, user: str, slug: str) -> None:
        await self._edit(user, slug, partial=False)

    async def _edit(self, user: str, slug: str, *, partial: bool) -> None:
        collection = self.load_editable(user, slug)
        values = read_collection(self.body().fields, self.translation_format, partial=partial)
        check, changes = unless_changed(self, self.answer), self.site.changes
        stored = await collections.edit(changes, collection["_id"], lambda old: edited(check(old), values))
        self.send_json(shape_collection(self.read_request(), stored))

    async def delete(self, user: str, slug: str) -> None:
        collection = self.load_editable(user, slug)
        if not self.rights.owns(collection):
            raise Forbidden
        check = unless_changed(self, self.answer)
        await collections.delete(self.site.changes, collection["_id"], check)
        self.send_nothing()
