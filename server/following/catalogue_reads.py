"""Fills the catalogue from MongoDB: with everything, or with some add-ons again.

An add-on or user whose document is damaged is left out, and reported in `store.bad_documents`.

If the snapshot's folder cannot be written, both read everything into memory, and keep no snapshot from then
on.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from typing import Final, cast

from conf.model.addons import AddonDoc, UserDoc
from conf.model.checks import UNREAD
from index.catalogue import Catalogue, Progress, RawAddons, Unwritable, ignore
from server.storage.driver import decode
from server.storage.store import Store

log = logging.getLogger(__name__)

USER_FIELDS: Final = {"username": 1, "display_name": 1, "picture": 1}
_USER_BATCH: Final = 1000  # decoded in a millisecond
_ADDON_BATCH: Final = 400  # that another process prepares at a time
_APPLIED: Final = 200  # add-ons at a time: enough to share a commit, few enough to hold as documents


async def build(store: Store, catalogue: Catalogue, progress: Progress = ignore) -> None:
    """Read everything into a new catalogue and swap it in; `progress` gets each batch's size."""
    progress(0)
    try:
        await _build(store, catalogue, progress)
    except Unwritable as fault:
        await _build_unkept(store, catalogue, fault, progress)


async def apply_addons(store: Store, catalogue: Catalogue, ids: Sequence[int]) -> None:
    """Have the catalogue show these add-ons as they are stored now."""
    try:
        for start in range(0, len(ids), _APPLIED):
            await _apply_addons(store, catalogue, ids[start : start + _APPLIED])
    except Unwritable as fault:
        await _build_unkept(store, catalogue, fault)


async def _apply_addons(store: Store, catalogue: Catalogue, ids: Sequence[int]) -> None:
    addons: list[AddonDoc] = []
    query = {"_id": {"$in": ids}}
    async for batch in store.scan("addons", query=query, fields=UNREAD, unchecked=True):
        addons += cast(list[AddonDoc], batch)
    gone = set(ids) - {addon["_id"] for addon in addons}
    store.bad_documents.add("addons", await catalogue.apply(addons, gone))


async def _build_unkept(
    store: Store, catalogue: Catalogue, fault: Unwritable, progress: Progress = ignore
) -> None:
    log.warning("no snapshot is kept from now on, and the next start takes longer: %s", fault)
    catalogue.keep_nothing()
    await _build(store, catalogue, progress)


async def _build(store: Store, catalogue: Catalogue, progress: Progress) -> None:
    store.bad_documents.forget("addons")
    batches = store.scan_raw("addons", fields=UNREAD, batch=_ADDON_BATCH, whole=True)
    addons = RawAddons(batches, decode, await store.size("addons"))
    users = store.scan("users", fields=USER_FIELDS, batch=_USER_BATCH, whole=True)
    faults = await catalogue.build(cast(AsyncIterator[list[UserDoc]], users), addons, progress)
    store.bad_documents.add("addons", faults)
