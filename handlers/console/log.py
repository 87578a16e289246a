"""What was done, by whom and when, the newest first (contract/console.md 9)."""

from typing import Any, Final

import orjson

from handlers.console.addresses import address, read_position
from handlers.console.navigation import ADDONS, LOG, section_access
from handlers.console.pages import ConsoleHandler
from index.runtime.turns import Turns
from server import clock
from server.activity_log import COLLECTION, LogQuery
from server.auth.account_admin import find_user
from server.errors import OperatorFault
from server.services.review.moderation import find_addon
from server.storage.newest import read_newest
from server.storage.store import Store

_SIZE: Final = 25
_LONGEST: Final = 1_000  # characters of what an entry says: all of a description may stand in it
_SLICE: Final = 0.005  # seconds of writing JSON, before it is somebody else's turn


class LogHandler(ConsoleHandler):
    """`user`, `addon`, `kind` and `since` as `run.py log` has them."""

    title = "Log"
    section = LOG
    access = section_access(LOG, "GET")

    async def get(self) -> None:
        asked = self.filters("user", "addon", "kind", "since")
        before, fault, rows, older = read_position(self.read_request().params.get("before")), None, [], None
        try:
            query = await _read_query(self.site.store, asked)
        except (OperatorFault, ValueError) as error:
            fault = str(error)
        else:
            page = await read_newest(self.site.store, COLLECTION, query.filter(), before, _SIZE)
            rows, older = await _rows(page.documents), page.before
        self.show(
            "log.html",
            400 if fault else 200,
            asked=asked,
            fault=fault,
            rows=rows,
            newest=address(LOG, **asked) if before else None,
            older=address(LOG, **asked, before=older) if older else None,
        )


async def _read_query(store: Store, asked: dict[str, str]) -> LogQuery:
    """Raises OperatorFault for who or what is not there, ValueError for what is no date."""
    since = clock.since(asked["since"]) if asked["since"] else None
    user = await find_user(store, asked["user"]) if asked["user"] else None
    addon = await find_addon(store, asked["addon"]) if asked["addon"] else None
    return LogQuery(user and user["_id"], addon and addon["_id"], asked["kind"] or None, since)


async def _rows(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows, turns = [], Turns(_SLICE)
    for entry in entries:
        text = orjson.dumps(entry["details"]).decode() if entry["details"] else ""
        if len(text) > _LONGEST:
            text = f"{text[:_LONGEST]}…"
        place = address(ADDONS, entry["addon_id"]) if entry["addon_id"] is not None else None
        rows.append({**entry, "details": text, "addon_address": place})
        if turns.is_over():
            await turns.give()
    return rows
