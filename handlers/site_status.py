"""Site status: read-only mode and notice (contract/requests.md 13 and 14, contract/versions.md 15).

Everybody may read it, and it looks at no credential then. Operators change it:

    PATCH /api/v5/site/  {"read_only": true, "notice": "Back at noon."}
"""

from dataclasses import asdict
from typing import ClassVar

from handlers.http.base import ANYBODY, KEYS_AND_SESSIONS, Access, PageHandler
from handlers.http.replies.conditional import unless_changed
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from server.auth.access.permissions import OPERATOR
from server.site_state import SiteState, read_changes


def status(request: ReadRequest) -> Answer:
    return _answer(request.site.status)


def _answer(state: SiteState) -> Answer:
    return json_answer(asdict(state), max_age=0)


class SiteHandler(PageHandler):
    title = "Site Status"
    access: ClassVar = {"GET": ANYBODY, "PATCH": Access(permission=OPERATOR)}
    page = staticmethod(status)
    mechanisms = KEYS_AND_SESSIONS

    def _is_blocked(self) -> bool:
        """Its own write must pass, or nobody could end read-only mode; no other does."""
        return self.request.method != "PATCH" and super()._is_blocked()

    async def _authenticate(self, header: str) -> None:
        if not self.is_safe:
            await super()._authenticate(header)

    async def patch(self) -> None:
        changes = read_changes(self.body().fields)
        assert self.site.state is not None  # open, or the request would not have come this far
        current = await self.site.state.set(unless_changed(self, _answer), **changes)
        self.send_json(asdict(current))
