"""Versions that need human review, by due date (contract/console.md 8)."""

from typing import Final

from conf.actions import ACTIONS, label
from handlers.console.addons.rows import addon_row
from handlers.console.navigation import ADDONS, REVIEWS, page_url
from handlers.console.pages import ConsoleHandler
from server import clock
from server.services.review.review_queue import DueVersion, read_due

_SIZE: Final = 25


class ReviewQueueHandler(ConsoleHandler):
    section = REVIEWS

    async def get(self) -> None:
        after = self.read_request().params.get("after")
        page = await read_due(self.site.store, self.caller, after, _SIZE)
        self.render_page(
            "review_queue.html",
            rows=[_row(entry) for entry in page.rows],
            now=clock.now(),
            first=page_url(REVIEWS) if after else None,
            following=page_url(REVIEWS, after=page.after) if page.after else None,
        )


def _row(entry: DueVersion) -> dict[str, object]:
    reason, version = entry.due["reason"], entry.version
    return {
        "addon": addon_row(entry.addon),
        "address": page_url(ADDONS, entry.addon["_id"], "versions", version["id"]),
        "number": version["version"],
        "channel": version["channel"],
        "created": version["created"],
        "due": entry.due["due"],
        "reason": label(reason) if reason in ACTIONS else "Set by a reviewer",
    }
