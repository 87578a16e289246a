"""What the resources of reviewers share: sessions alone, and an add-on found by its number."""

from conf.model.addons import AddonDoc
from conf.numbers import read_number
from handlers.http.access import SESSIONS
from handlers.http.base import ApiHandler
from server.errors import NotFound


class ReviewerResource(ApiHandler):
    """Regions keep nothing from reviewers; `{id}` is a number only."""

    mechanisms = SESSIONS

    async def load(self, addon_id: str, *, deleted: bool = False) -> AddonDoc:
        """`deleted`: one that is, too. Raises NotFound."""
        addon = await self.site.store.find_addon("id", read_number(addon_id) or 0)
        if addon is None or (addon["status"] == "deleted" and not deleted):
            raise NotFound(addon_id)
        return addon
