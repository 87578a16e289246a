"""Abuse reports, the newest first (contract/console.md 9)."""

from typing import Any, Final

from conf.model.reports import TARGET_FIELDS
from handlers.console.addresses import address, read_position
from handlers.console.navigation import ADDONS, REPORTS, section_access
from handlers.console.pages import ConsoleHandler
from server import clock
from server.reports import COLLECTION, ReportQuery
from server.storage.newest import read_newest

_SIZE: Final = 25


class ReportsHandler(ConsoleHandler):
    """`target`, `guid` and `since` as `run.py reports` has them."""

    title = "Abuse reports"
    section = REPORTS
    access = section_access(REPORTS, "GET")

    async def get(self) -> None:
        asked = self.filters("target", "guid", "since")
        before, fault, since = read_position(self.read_request().params.get("before")), None, None
        try:
            since = clock.since(asked["since"]) if asked["since"] else None
        except ValueError as error:
            fault = str(error)
        target = asked["target"] if asked["target"] in TARGET_FIELDS else None
        query = ReportQuery(target, asked["guid"] or None, since)
        page = await read_newest(self.site.store, COLLECTION, query.filter(), before, _SIZE)
        self.show(
            "reports.html",
            400 if fault else 200,
            asked=asked,
            fault=fault,
            targets=list(TARGET_FIELDS),
            rows=[] if fault else [_row(each) for each in page.documents],
            newest=address(REPORTS, **asked) if before else None,
            older=address(REPORTS, **asked, before=page.before) if page.before and not fault else None,
        )


def _row(report: dict[str, Any]) -> dict[str, Any]:
    is_known = report["target"] == "addon" and report["target_id"] is not None
    return {**report, "address": address(ADDONS, report["target_id"]) if is_known else None}
