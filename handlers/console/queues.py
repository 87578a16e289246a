"""The queues: parked records can be retried or dropped (contract/console.md 7)."""

import logging
import time
from typing import Any, Final

from handlers.console.navigation import QUEUES as SECTION
from handlers.console.pages import ConsoleHandler
from server.errors import NotFound
from server.operating.queues import QUEUES, drop, list_failing, read_queues, retry

log = logging.getLogger(__name__)

_MAX_LISTED: Final = 50  # records of a queue


class QueuesHandler(ConsoleHandler):
    section = SECTION
    blocked_in_maintenance = False

    async def get(self) -> None:
        await self._render()

    async def post(self) -> None:
        """Retry or, after a confirmation, drop the records of `id`, or `all` of the queue."""
        form, ids = self.form(), self.checked_values("id")
        queue, is_drop = form.get("queue", ""), form.get("do") == "drop"
        if queue not in QUEUES:
            raise NotFound
        if not ids and "all" not in form:
            await self._render(queue)
        elif is_drop and "confirmed" not in form:
            is_all = "all" in form
            self.render_page(
                "drop.html", queue=queue_title(queue), name=queue, ids=[] if is_all else ids, is_all=is_all
            )
        else:
            count = await (drop if is_drop else retry)(self.site.store, [queue], [] if "all" in form else ids)
            done = "dropped" if is_drop else "to be tried again"
            log.info("user %d: %d records of %s %s", self.user_id, count, queue, done)
            self.redirect_with_message(f"{queue_title(queue)}: {count} {done}.")

    async def _render(self, unchosen: str | None = None) -> None:
        """`unchosen`: the queue whose form was sent without choosing a record."""
        store = self.site.store
        queues = [
            (
                name,
                queue_title(name),
                state,
                [_row(record) for record in await list_failing(store, name, _MAX_LISTED)],
            )
            for name, state in (await read_queues(store)).items()
        ]
        self.render_page(
            "queues.html", 400 if unchosen else 200, queues=queues, unchosen=unchosen, most=_MAX_LISTED
        )


def queue_title(queue: str) -> str:
    return queue.replace("_", " ").capitalize()


def _row(record: dict[str, Any]) -> dict[str, Any]:
    """A row of the template; the record may be damaged."""
    since = record.get("since")
    return {
        "id": str(record["_id"]),
        "is_parked": record["state"] == "parked",
        "age": max(time.time() - since, 0.0) if isinstance(since, int | float) else None,
        "tries": record.get("tries", 0),
        "error": record.get("error"),
    }
