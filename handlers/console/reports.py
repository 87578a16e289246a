"""Abuse reports, the newest first (contract/console.md 9)."""

from typing import Any, ClassVar

from conf.model.reports import TARGET_FIELDS
from handlers.console.navigation import ADDONS, REPORTS, page_url
from handlers.console.newest import NewestFirstPage
from server.reports import COLLECTION, ReportQuery


class ReportsHandler(NewestFirstPage):
    """Filters by `target`, `guid` and `since`, as `run.py reports` does."""

    section = REPORTS
    template = "reports.html"
    filter_names = ("target", "guid", "since")
    collection = COLLECTION
    extra_values: ClassVar = {"targets": list(TARGET_FIELDS)}

    async def query(self, filters: dict[str, str]) -> dict[str, Any]:
        since = self.since(filters)
        target = filters["target"] if filters["target"] in TARGET_FIELDS else None
        return ReportQuery(target, filters["guid"] or None, since).filter()

    async def rows(self, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [_row(report) for report in documents]


def _row(report: dict[str, Any]) -> dict[str, Any]:
    is_linked = report["target"] == "addon" and report["target_id"] is not None
    return {**report, "address": page_url(ADDONS, report["target_id"]) if is_linked else None}
