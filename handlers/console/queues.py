"""What waits and what is parked, to be tried again or dropped (contract/console.md 7)."""

import logging
import time
from typing import Any, Final

from handlers.console.navigation import QUEUES as SECTION
from handlers.console.pages import ConsoleHandler
from server.errors import NotFound
from server.operating.queues import QUEUES, drop, list_failing, read_queues, retry

log = logging.getLogger(__name__)

_LISTED: Final = 50  # records of a queue


class QueuesHandler(ConsoleHandler):
    section = SECTION
    blocked_in_maintenance = False

    async def get(self) -> None:
        await self._show()

    async def post(self) -> None:
        """`all`, or the records of `id`, are tried again; or dropped, once that was confirmed."""
        form, ids = self.form(), self.chosen("id")
        queue, drops = form.get("queue", ""), form.get("do") == "drop"
        if queue not in QUEUES:
            raise NotFound
        if not ids and "all" not in form:
            await self._show(queue)
        elif drops and "confirmed" not in form:
            is_all = "all" in form
            self.show(
                "drop.html", queue=title_of(queue), name=queue, ids=[] if is_all else ids, is_all=is_all
            )
        else:
            count = await (drop if drops else retry)(self.site.store, [queue], [] if "all" in form else ids)
            done = "dropped" if drops else "to be tried again"
            log.info("user %d: %d records of %s %s", self.user_id, count, queue, done)
            self.go_on(f"{title_of(queue)}: {count} {done}.")

    async def _show(self, unchosen: str | None = None) -> None:
        """`unchosen`: the queue whose form came without a record."""
        store = self.site.store
        queues = [
            (
                name,
                title_of(name),
                state,
                [_row(record) for record in await list_failing(store, name, _LISTED)],
            )
            for name, state in (await read_queues(store)).items()
        ]
        self.show("queues.html", 400 if unchosen else 200, queues=queues, unchosen=unchosen, most=_LISTED)


def title_of(queue: str) -> str:
    return queue.replace("_", " ").capitalize()


def _row(record: dict[str, Any]) -> dict[str, Any]:
    """For people; a record may be damaged."""
    since = record.get("since")
    return {
        "id": str(record["_id"]),
        "is_parked": record["state"] == "parked",
        "age": max(time.time() - since, 0.0) if isinstance(since, int | float) else None,
        "tries": record.get("tries", 0),
        "error": record.get("error"),
    }
