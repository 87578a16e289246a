"""Abuse reports for operators, and their deletion.

    async for reports in read_reports(store, ReportQuery("addon"), limit=100): ...

Event loop only.
"""

import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, NamedTuple, cast

from conf.limits import DAY
from conf.model.reports import ReportDoc
from server import clock
from server.background.worker import Worker
from server.storage.newest import scan_newest
from server.storage.operations import Delete
from server.storage.store import Store

log = logging.getLogger(__name__)

COLLECTION: Final = "reports"
_INTERVAL: Final = 3600.0  # seconds
_BATCH: Final = 500  # reports deleted in a transaction


class ReportQuery(NamedTuple):
    """Filters of reports; None matches any."""

    target: str | None = None
    guid: str | None = None
    since: str | None = None  # date, included

    def filter(self) -> dict[str, Any]:
        """The query for MongoDB."""
        equal = {"target": self.target, "guid": self.guid}
        filters: dict[str, Any] = {key: value for key, value in equal.items() if value is not None}
        return filters | ({"created": {"$gte": self.since}} if self.since else {})


def read_reports(store: Store, query: ReportQuery, limit: int) -> AsyncIterator[list[ReportDoc]]:
    """The newest `limit` (0: all), oldest first, many at a time. Raises Unavailable."""
    return cast(AsyncIterator[list[ReportDoc]], scan_newest(store, COLLECTION, query.filter(), limit))


class ReportCleaner(Worker):
    """Deletes reports after some days. Every process runs it, and repeating it does no harm."""

    def __init__(self, store: Store, days: int, is_read_only: Callable[[], bool]) -> None:
        super().__init__("the cleaner of abuse reports", _INTERVAL, is_read_only)
        self._store = store
        self._days = days

    @property
    def enabled(self) -> bool:
        return self._days > 0

    def start(self) -> None:
        super().start()
        self.wake()

    async def work(self) -> None:
        old, count = {"created": {"$lt": clock.shifted(-self._days * DAY)}}, 0
        while reports := await self._store.find(COLLECTION, old, limit=_BATCH, unchecked=True):
            await self._store.write([Delete(COLLECTION, report["_id"]) for report in reports])
            count += len(reports)
        if count:
            log.info("deleted %d abuse reports that were older than %d days", count, self._days)
