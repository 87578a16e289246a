"""Reads the whole search of the source, in slices that its page limit allows.

    walk = Walk(source, writer, state)
    await walk.run()        # continues from the stored state

AMO shows 30,000 rows of a search, other servers 10,000 or all. A larger result is halved by the date of
creation (`created__gte`, `created__lt`) until each slice fits; if the server does not know these parameters,
it is split by type, and finally read in several orders. Rows that stay out of reach are reported.

A slice begins with the newest add-on, so that a new one shifts rows to later pages, where they are seen
twice. A removed one shifts rows to earlier pages, where they are missed, so a slice with fewer rows than its
count is read again.

Thread rule: event loop only.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from conf.model.queues import SliceDoc
from conf.vocabulary import TYPES
from server import clock
from server.mirror.client import BadAnswer
from server.mirror.source import PAGE_SIZE, Refused, SearchPage, Source
from server.mirror.state import MirrorState
from server.mirror.writer import MirrorWriter

WINDOW: Final = 25_000  # rows of a search that are assumed to be readable
_SMALLER: Final = {PAGE_SIZE: 10, 10: 1}  # a page that cannot be read is read in parts
_MAX_ATTEMPTS: Final = 3
_MAX_SPLITS: Final = 10_000
_MAX_UNREACHED: Final = 1000  # stored, because the state is one document; all are reported
_SORTS: Final = ("created", "updated", "users", "downloads", "rating", "hotness", "name")
_FROM, _TO = "created__gte", "created__lt"
# Constants, so that pages have the same paths in every round.
_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_NEVER: Final = "2099-01-01T00:00:00Z"

Params = dict[str, str]


class Walk:
    """`window`: how many rows of one search it reads."""

    def __init__(
        self, source: Source, writer: MirrorWriter, state: MirrorState, window: int = WINDOW
    ) -> None:
        self._source = source
        self._writer = writer
        self._state = state
        self._window = window
        self._ids: set[int] = set()  # seen in the current slice
        self._unread = 0  # rows of the slice that cannot be read
        self._attempts = 0
        self._splits = 0
        self._resumed = False  # whether another process read the first rows of the slice

    async def count(self) -> int | None:
        """How many add-ons the source has, if it says so. Raises SourceUnavailable."""
        return await self._count({})

    async def run(self) -> None:
        """Raises SourceUnavailable."""
        document = self._state.document
        if not document["slices"]:
            document["slices"] = [_slice({"sort": _SORTS[0]})]
        self._resumed = document["slices"][-1]["page"] > 1
        while document["slices"]:
            await self._read_page(document["slices"][-1])
            await self._state.save()
        document["listed"] = True
        await self._state.save()

    async def _read_page(self, current: SliceDoc) -> None:
        """Read the next page of a slice, then cut, continue or end the slice."""
        params, number, orders = current["params"], current["page"], current["orders"]
        if number == 1 and (orders is None or orders == len(_SORTS) - 1):
            self._ids.clear()
            self._unread = 0
        try:
            count, more = await self._read_rows(params, number)
        except Refused as refusal:
            count, more = await self._count_after_refusal(params, number, refusal), False
        current["page"] = number + 1
        if count > self._window and orders is None and await self._split(params, count):
            return
        if not more or number * PAGE_SIZE >= self._window:
            self._end(current, count)

    async def _count_after_refusal(self, params: Params, number: int, refusal: Refused) -> int:
        """The slice's count after a refused page: it is past the last row, or past what the server shows."""
        try:
            count = (await self._source.search(params, 1, 1)).count
        except BadAnswer:
            if number > 1 or "type" not in params:  # else the server does not have this type
                self._report_unreached(params, str(refusal))
            return 0
        before = (number - 1) * PAGE_SIZE
        if 0 < before < count:
            self._window = min(self._window, before)
        return count

    def _end(self, current: SliceDoc, count: int) -> None:
        """End the slice; if rows are missing, read it again, at most _MAX_ATTEMPTS times."""
        params, orders = current["params"], current["orders"]
        missed = 0 if self._resumed else min(count, self._window) - len(self._ids) - self._unread
        self._attempts += 1
        if missed > 0 and orders is None and self._attempts < _MAX_ATTEMPTS:
            current["page"] = 1
            return
        if missed > 0 and orders is None:
            self._report_unreached(params, f"{missed} of {count} rows that are counted were not there")
        if orders == 0 and not self._resumed and len(self._ids) < count:
            self._report_unreached(
                params, f"{count - len(self._ids)} of {count} rows are beyond the pages that it shows"
            )
        self._resumed, self._attempts = False, 0
        self._state.document["slices"].pop()

    async def _read_rows(self, params: Params, number: int) -> tuple[int, bool]:
        """How many rows the slice has, and whether there are more pages."""
        path = self._source.search_path(params, number)
        cached = await self._state.page(path)
        try:
            page = await self._source.search(params, number, tag=cached and cached["tag"])
        except Refused:
            raise
        except BadAnswer as fault:
            count = await self._read_in_parts(params, number, PAGE_SIZE, fault)
            return count, not count or number * PAGE_SIZE < count
        if page.rows is None and cached is not None:
            await self._mark_seen(cached["ids"])
            return cached["count"], number * PAGE_SIZE < cached["count"]
        ids = await self._store(page, path)
        if page.tag and ids:
            await self._state.save_page({"_id": path, "tag": page.tag, "count": page.count, "ids": ids})
        return page.count, number * PAGE_SIZE < page.count

    async def _store(self, page: SearchPage, path: str) -> list[int]:
        rows = page.rows or []
        ids = await self._writer.store_rows(rows, path)
        self._writer.listener.progress(len(set(ids) - self._ids))
        self._ids.update(ids)
        return ids

    async def _mark_seen(self, ids: Sequence[int]) -> None:
        """Mark the add-ons of an unchanged page as seen."""
        await self._state.mark_seen((await self._state.find_addons(ids)).values())
        self._writer.listener.progress(len(set(ids) - self._ids))
        self._ids.update(ids)

    async def _read_in_parts(self, params: Params, number: int, size: int, fault: BadAnswer) -> int:
        """Read a broken page in parts, without the rows that break it; returns the source's count."""
        smaller = _SMALLER.get(size)
        if smaller is None:
            self._report_unreached(params, f"row {number}: {fault}")
            self._unread += 1
            return 0
        parts = size // smaller
        count = 0
        for part in range((number - 1) * parts + 1, number * parts + 1):
            path = self._source.search_path(params, part, smaller)
            try:
                page = await self._source.search(params, part, smaller)
            except Refused:
                break
            except BadAnswer as again:
                count = max(count, await self._read_in_parts(params, part, smaller, again))
                continue
            count = page.count
            await self._store(page, path)
        return count

    async def _split(self, params: Params, count: int) -> bool:
        """Replace the slice by smaller ones, or by several orders; returns whether it did."""
        self._splits += 1
        if self._splits > _MAX_SPLITS:
            self._report_unreached(
                params, f"{count - self._window} of {count} rows: cut {_MAX_SPLITS} times, and no end"
            )
            return False
        parts = await self._halve_by_date(params) or await self._split_by_type(params, count)
        slices = [_slice(part) for part in parts] or [
            _slice({**params, "sort": sort}, orders) for orders, sort in enumerate(_SORTS)
        ]
        self._state.document["slices"][-1:] = slices
        self._resumed, self._attempts = False, 0
        return True

    async def _halve_by_date(self, params: Params) -> list[Params]:
        """Halves by date of creation; none for a single second, or if the server ignores the dates."""
        first = clock.parse(params[_FROM]) if _FROM in params else _FIRST
        last = clock.parse(params[_TO]) if _TO in params else _LAST
        middle = (first + (last - first) / 2).replace(microsecond=0)
        if not first < middle < last:
            return []
        if _FROM not in params and not await self._supports_dates(params):
            return []
        dates = [clock.text(date) for date in (first, middle, last)]
        return [{**params, _FROM: dates[0], _TO: dates[1]}, {**params, _FROM: dates[1], _TO: dates[2]}]

    async def _supports_dates(self, params: Params) -> bool:
        return await self._count({**params, _FROM: _NEVER}) == 0

    async def _split_by_type(self, params: Params, count: int) -> list[Params]:
        """Slices by type; none if the slice has a type already, or if the server ignores types."""
        if "type" in params:
            return []
        counts = [await self._count({**params, "type": kind}) for kind in ("extension", "dictionary")]
        return [] if counts == [count, count] else [{**params, "type": kind} for kind in TYPES]

    async def _count(self, params: Params) -> int | None:
        """The count of a search; None if the server refuses its parameters."""
        try:
            return (await self._source.search(params, 1, 1)).count
        except BadAnswer:
            return None

    def _report_unreached(self, params: Params, reason: str) -> None:
        query = "&".join(f"{name}={value}" for name, value in params.items())
        missed, unreached = f"search {query}: {reason}", self._state.document["unreached"]
        if len(unreached) < _MAX_UNREACHED:
            unreached.append(missed)
        self._writer.listener.print_line(missed)


def _slice(params: Params, orders: int | None = None) -> SliceDoc:
    return {"params": params, "page": 1, "orders": orders}
