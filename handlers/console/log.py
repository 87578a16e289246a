"""The activity log, newest first (contract/console.md 9)."""

from typing import Any, Final

import orjson

from handlers.console.navigation import ADDONS, LOG, page_url
from handlers.console.newest import NewestFirstPage
from index.runtime.time_slice import TimeSlice
from server.activity_log import COLLECTION, LogQuery
from server.auth.account_admin import find_user
from server.services.review.moderation import find_addon

_MAX_DETAILS: Final = 1_000  # characters of an entry's details, which may contain a whole description
_SLICE: Final = 0.005  # seconds of serialising before the event loop gets its turn


class LogHandler(NewestFirstPage):
    """Filters by `user`, `addon`, `kind` and `since`, as `run.py log` does."""

    section = LOG
    template = "log.html"
    filter_names = ("user", "addon", "kind", "since")
    collection = COLLECTION

    async def query(self, filters: dict[str, str]) -> dict[str, Any]:
        store = self.site.store
        since = self.since(filters)
        user = await find_user(store, filters["user"]) if filters["user"] else None
        addon = await find_addon(store, filters["addon"]) if filters["addon"] else None
        query = LogQuery(user and user["_id"], addon and addon["_id"], filters["kind"] or None, since)
        return query.filter()

    async def rows(self, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rows, time_slice = [], TimeSlice(_SLICE)
        for entry in documents:
            text = orjson.dumps(entry["details"]).decode() if entry["details"] else ""
            if len(text) > _MAX_DETAILS:
                text = f"{text[:_MAX_DETAILS]}…"
            link = page_url(ADDONS, entry["addon_id"]) if entry["addon_id"] is not None else None
            rows.append({**entry, "details": text, "addon_address": link})
            if time_slice.is_over():
                await time_slice.renew()
        return rows
