"""Abuse reports (contract/extras.md 2): `abuse/report/addon/`, `user/`, `rating/`, `collection/`.

Everybody may send a report. Nobody reads them by the API: operators use `run.py reports`.
"""

from typing import Any, ClassVar

from conf.model.reports import COMMON_FIELDS, TARGET_FIELDS
from handlers.http.base import Access, ApiHandler
from server.rules.reports import read_report, read_target
from server.services.reports import Sender, Target, find_target, store_report
from server.shapes.ratings import user_shape


class ReportHandler(ApiHandler):
    """Base of the handlers of the four targets."""

    title = "Abuse Report"
    access: ClassVar = {"POST": Access(throttle="report")}
    target: ClassVar[str]

    async def post(self) -> None:
        data = self.body().fields
        identifier = data.get(self.target) or self.read_request().params.get(self.target)
        target = await find_target(self.site, self.target, read_target(self.target, identifier))
        fields = read_report(self.target, data)
        sender = Sender(self.caller.id, self.read_request().country, self.locale_name)
        await store_report(self.site.changes, target, fields, sender)
        self.send_json(self._shape(target, fields), 201)

    def _shape(self, target: Target, fields: dict[str, str]) -> dict[str, Any]:
        names = (*COMMON_FIELDS, *TARGET_FIELDS[self.target])
        values = {name: fields.get(name) for name in names}
        return {"reporter": self._user(self.caller.id), self.target: self._target(target), **values}

    def _target(self, target: Target) -> dict[str, Any] | None:
        if target.kind == "user":
            return self._user(target.id)
        if target.kind == "addon":
            return {"guid": target.guid, "id": target.id, "slug": target.slug}
        return {"id": target.id}

    def _user(self, user_id: int | None) -> dict[str, Any] | None:
        if user_id is None:
            return None
        shapes, users = self.site.shapes[self.version], self.site.catalogue.documents.users
        return user_shape(shapes, user_id, users, self.read_request().view)


class AddonReportHandler(ReportHandler):
    target = "addon"


class UserReportHandler(ReportHandler):
    target = "user"


class RatingReportHandler(ReportHandler):
    target = "rating"


class CollectionReportHandler(ReportHandler):
    target = "collection"
