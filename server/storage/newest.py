"""Reads pages of a collection with numbered documents, newest first.

    page = await read_newest(store, "activity", {"addon_id": 7}, before=None, size=25)
    page = await read_newest(store, "activity", {"addon_id": 7}, page.before, 25)     # older ones

A page begins below a number, not after a count, so that a far one costs no more than the first, and new
documents do not shift pages. Event loop only.
"""

from collections.abc import AsyncIterator
from typing import Any, Final, NamedTuple

from server.storage.documents import DocumentAccess
from server.storage.operations import Document

_NEWEST: Final = [("_id", -1)]
_BATCH: Final = 5  # a document may have megabytes, and decoding blocks all other threads


class NewestPage(NamedTuple):
    documents: list[dict[str, Any]]
    before: int | None  # older ones have smaller numbers than this; None: there are none


async def read_newest(
    access: DocumentAccess, collection: str, query: Document, before: int | None, size: int
) -> NewestPage:
    """Damaged documents are left out. Raises Unavailable."""
    older = {} if before is None else {"_id": {"$lt": before}}
    rows: list[dict[str, Any]] = []
    scan = access.scan(collection, query={**query, **older}, sort=_NEWEST, limit=size + 1, batch=_BATCH)
    async for documents in scan:
        rows += documents
    page = rows[:size]
    return NewestPage(page, page[-1]["_id"] if len(rows) > size else None)


async def scan_newest(
    access: DocumentAccess, collection: str, query: Document, limit: int
) -> AsyncIterator[list[dict[str, Any]]]:
    """The newest `limit` documents (0: all), the oldest of them first, many at a time. Raises Unavailable."""
    skip = max(0, await access.count(collection, query) - limit) if limit else 0
    async for documents in access.scan(collection, query=query, sort=[("_id", 1)], skip=skip, whole=True):
        yield documents
