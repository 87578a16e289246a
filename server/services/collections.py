"""Writes of collections by their authors. Each change is one transaction on the document, so that no
concurrent change is lost and the count of add-ons stays right (contract/extras.md 4).

    collection = await create(changes, store, author_id, values)
    collection = await add_item(changes, collection["_id"], 7, None)

Event loop only.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from conf.limits import MAX_COLLECTIONS
from conf.model.curated import CollectionDoc
from server import clock
from server.changes import Change, Changes
from server.errors import Duplicate, NotFound
from server.rules.collections import new_collection, with_item, with_notes, without_item
from server.rules.faults import body_fault
from server.rules.values.translated import TranslationChange
from server.storage.operations import Delete, Insert, Replace
from server.storage.store import Store

COLLECTION: Final = "collections"


async def create(changes: Changes, store: Store, author_id: int, values: Mapping[str, Any]) -> CollectionDoc:
    """Raises Invalid for a slug that another collection of the author has, and for too many collections."""
    if await store.count(COLLECTION, {"author_id": author_id}) >= MAX_COLLECTIONS:
        raise body_fault("too_many_collections", limit=MAX_COLLECTIONS)
    collection = new_collection(await store.next_id("collection"), author_id, values, clock.now())

    async def work(change: Change) -> CollectionDoc:
        await change.apply(Insert(COLLECTION, cast(Mapping[str, Any], collection)))
        return collection

    return await _run(changes, work)


async def edit(changes: Changes, id: int, apply: Callable[[CollectionDoc], CollectionDoc]) -> CollectionDoc:
    """The stored collection after `apply`, which may run several times. Raises NotFound, Invalid."""

    async def work(change: Change) -> CollectionDoc:
        old = cast(CollectionDoc | None, await change.find_one(COLLECTION, {"_id": id}))
        if old is None:
            raise NotFound
        new = apply(old)
        if new == old:
            return old
        new = new | {"modified": clock.now()}
        await change.apply(Replace(COLLECTION, cast(Mapping[str, Any], new)))
        return new

    return await _run(changes, work)


async def add_item(changes: Changes, id: int, addon_id: int, notes: TranslationChange) -> CollectionDoc:
    """Raises NotFound, and Invalid for an add-on that is already in it, or if it is full."""
    now = clock.now()
    return await edit(changes, id, lambda old: with_item(old, addon_id, notes, now))


async def set_notes(changes: Changes, id: int, addon_id: int, notes: TranslationChange) -> CollectionDoc:
    """Raises NotFound, Invalid."""
    return await edit(changes, id, lambda old: with_notes(old, addon_id, notes))


async def remove_item(changes: Changes, id: int, addon_id: int) -> CollectionDoc:
    """Raises NotFound."""
    return await edit(changes, id, lambda old: without_item(old, addon_id))


async def _run(changes: Changes, work: Callable[[Change], Any]) -> CollectionDoc:
    try:
        stored: CollectionDoc = await changes.run(work)
        return stored
    except Duplicate:
        raise body_fault("collection_slug_taken") from None


async def delete(changes: Changes, id: int, check: Callable[[CollectionDoc], object]) -> None:
    """Delete a collection for good. `check` gets the stored collection, and may raise."""

    async def work(change: Change) -> None:
        old = cast(CollectionDoc | None, await change.find_one(COLLECTION, {"_id": id}))
        if old is not None:
            check(old)
        await change.apply(Delete(COLLECTION, id))

    await changes.run(work)
