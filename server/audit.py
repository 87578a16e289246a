"""The log of what was done to add-ons and accounts, as operators read it (server/activity_log.py writes it).

    query = Query(user_id=7, action="slug-changed", since="2026-01-01T00:00:00Z")
    async for entries in read(store, query, limit=100): ...

Thread rule: event loop only.
"""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple, cast

from conf.model.activity import ActivityDoc
from server.storage.store import Store

COLLECTION = "activity"


class Query(NamedTuple):
    """What entries have to be; None: anything."""

    user_id: int | None = None
    addon_id: int | None = None
    action: str | None = None
    since: str | None = None  # date, included

    def filter(self) -> dict[str, Any]:
        """As MongoDB takes it."""
        equal = {"user_id": self.user_id, "addon_id": self.addon_id, "action": self.action}
        wanted: dict[str, Any] = {key: value for key, value in equal.items() if value is not None}
        return wanted | ({"date": {"$gte": self.since}} if self.since else {})


async def read(store: Store, query: Query, limit: int) -> AsyncIterator[list[ActivityDoc]]:
    """The newest `limit` entries (0: all), oldest first, many at a time. Raises Unavailable.

    Numbers order them: they are given out in order, and dates have whole seconds.
    """
    wanted = query.filter()
    skip = max(0, await store.count(COLLECTION, wanted) - limit) if limit else 0
    async for entries in store.scan(COLLECTION, query=wanted, sort=[("_id", 1)], skip=skip, whole=True):
        yield cast(list[ActivityDoc], entries)
