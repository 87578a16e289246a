"""A collection whose documents are numbered, read from its newest one back, a page at a time.

    page = await read_newest(store, "activity", {"addon_id": 7}, before=None, size=25)
    page = await read_newest(store, "activity", {"addon_id": 7}, page.before, 25)     # what is older

A page begins below a number and not after a count, so that a far one costs no more than the first, and
nothing is seen twice while new documents come in. Event loop only.
"""

from collections.abc import AsyncIterator
from typing import Any, Final, NamedTuple

from server.storage.documents import DocumentAccess
from server.storage.operations import Document

_NEWEST: Final = [("_id", -1)]
_BATCH: Final = 5  # one may be some megabytes, and while they are decoded no other thread runs


class NewestPage(NamedTuple):
    documents: list[dict[str, Any]]
    before: int | None  # what is older has smaller numbers than this; None: there is nothing older


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
