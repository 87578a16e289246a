"""Notification settings: which mail an account gets (contract/extras.md 6): `…/notifications/`."""

from typing import ClassVar

from handlers.accounts.accounts import EDITORS, AccountResource
from handlers.http.base import PageHandler
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from server.services.accounts import notifications


class NotificationsHandler(AccountResource, PageHandler):
    """The caller's own settings, or anybody's for callers who may edit accounts."""

    title = "User Notifications"
    access: ClassVar = {"GET": EDITORS, "POST": EDITORS}

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        user = await self.load(args[0])
        return json_answer(await notifications.read(self.site.store, user["_id"]))

    async def post(self, name: str) -> None:
        user, site = await self.load(name), self.site
        self.send_json(await notifications.change(site.changes, site.store, user["_id"], self.body().fields))
