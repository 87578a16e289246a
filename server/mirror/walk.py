"""The search of the source from end to end, in slices that its page limit lets be read.

    walk = Walk(source, keeper, state)
    await walk.run()        # goes on where the state says

AMO shows 30,000 rows of a search, other servers 10,000 or all. A larger result is cut by the day that
add-ons were created on (`created__gte`, `created__lt`), in halves until each fits; where the server does not
know these parameters by type, and last by several orders. What cannot be reached even so is told.

The first in a slice is the newest: new add-ons shift rows to later pages, where they are seen twice. One
that goes shifts rows to earlier pages, so that some are missed; a slice with fewer rows than it counts is
read anew.

Thread rule: event loop only.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from conf.model.queues import SliceDoc
from conf.vocabulary import TYPES
from server import clock
from server.mirror.client import BadAnswer
from server.mirror.keeper import Keeper
from server.mirror.source import PAGE_SIZE, Refused, SearchPage, Source
from server.mirror.state import MirrorState

WINDOW: Final = 25_000  # rows of a search that are counted on
_SMALLER: Final = {PAGE_SIZE: 10, 10: 1}  # a page that cannot be read is read in parts
_READINGS: Final = 3
_CUTS: Final = 10_000
_MAX_UNREACHED: Final = 1000  # kept in the state, one document of MongoDB; of all of them is told
_SORTS: Final = ("created", "updated", "users", "downloads", "rating", "hotness", "name")
_FROM, _TO = "created__gte", "created__lt"
# The same in every round, so that pages are.
_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_NEVER: Final = "2099-01-01T00:00:00Z"

Params = dict[str, str]


class Walk:
    """`window`: rows of one search that are asked for."""

    def __init__(self, source: Source, keeper: Keeper, mirror: MirrorState, window: int = WINDOW) -> None:
        self._source = source
        self._keeper = keeper
        self._mirror = mirror
        self._window = window
        self._ids: set[int] = set()  # of the slice that is being read
        self._unread = 0  # rows of it that cannot be read
        self._readings = 0
        self._cuts = 0
        self._resumed = False  # in the middle of a slice, whose first rows were another process's

    async def count(self) -> int | None:
        """How many add-ons the source has, if it says so. Raises SourceAway."""
        return await self._count({})

    async def run(self) -> None:
        """Raises SourceAway."""
        document = self._mirror.document
        if not document["slices"]:
            document["slices"] = [_slice({"sort": _SORTS[0]})]
        self._resumed = document["slices"][-1]["page"] > 1
        while document["slices"]:
            await self._read_page(document["slices"][-1])
            await self._mirror.save()
        document["listed"] = True
        await self._mirror.save()

    async def _read_page(self, current: SliceDoc) -> None:
        """The next page of a slice, which is cut up, goes on or ends with it."""
        params, number, orders = current["params"], current["page"], current["orders"]
        if number == 1 and (orders is None or orders == len(_SORTS) - 1):
            self._ids.clear()
            self._unread = 0
        try:
            count, more = await self._page(params, number)
        except Refused as refusal:
            count, more = await self._refused(params, number, refusal), False
        current["page"] = number + 1
        if count > self._window and orders is None and await self._cut(params, count):
            return
        if not more or number * PAGE_SIZE >= self._window:
            self._end(current, count)

    async def _refused(self, params: Params, number: int, refusal: Refused) -> int:
        """How many rows there are where a page is refused: all before it, or the server shows no more."""
        try:
            count = (await self._source.search(params, 1, 1)).count
        except BadAnswer:
            if number > 1 or "type" not in params:  # a type that this server does not have is none
                self._miss(params, str(refusal))
            return 0
        before = (number - 1) * PAGE_SIZE
        if 0 < before < count:
            self._window = min(self._window, before)
        return count

    def _end(self, current: SliceDoc, count: int) -> None:
        """A slice whose pages shifted too much is read anew, as often as makes sense."""
        params, orders = current["params"], current["orders"]
        missed = 0 if self._resumed else min(count, self._window) - len(self._ids) - self._unread
        self._readings += 1
        if missed > 0 and orders is None and self._readings < _READINGS:
            current["page"] = 1
            return
        if missed > 0 and orders is None:
            self._miss(params, f"{missed} of {count} rows that are counted were not there")
        if orders == 0 and not self._resumed and len(self._ids) < count:
            self._miss(params, f"{count - len(self._ids)} of {count} rows are beyond the pages that it shows")
        self._resumed, self._readings = False, 0
        self._mirror.document["slices"].pop()

    async def _page(self, params: Params, number: int) -> tuple[int, bool]:
        """How many rows the slice has, and whether there are more pages."""
        path = self._source.search_path(params, number)
        cached = await self._mirror.page(path)
        try:
            page = await self._source.search(params, number, tag=cached and cached["tag"])
        except Refused:
            raise
        except BadAnswer as fault:
            count = await self._in_parts(params, number, PAGE_SIZE, fault)
            return count, not count or number * PAGE_SIZE < count
        if page.rows is None and cached is not None:
            await self._again(cached["ids"])
            return cached["count"], number * PAGE_SIZE < cached["count"]
        ids = await self._store(page, path)
        if page.tag and ids:
            await self._mirror.put_page({"_id": path, "tag": page.tag, "count": page.count, "ids": ids})
        return page.count, number * PAGE_SIZE < page.count

    async def _store(self, page: SearchPage, path: str) -> list[int]:
        rows = page.rows or []
        ids = await self._keeper.store_rows(rows, path)
        self._keeper.listener.progress(len(set(ids) - self._ids))
        self._ids.update(ids)
        return ids

    async def _again(self, ids: Sequence[int]) -> None:
        """They are as they were."""
        mirrored = await self._mirror.find(ids)
        round_ = self._mirror.document["round"]
        await self._mirror.put([document | {"round": round_} for document in mirrored.values()])
        self._keeper.listener.progress(len(set(ids) - self._ids))
        self._ids.update(ids)

    async def _in_parts(self, params: Params, number: int, size: int, fault: BadAnswer) -> int:
        """The rows of a page that cannot be read, but for those that make it so; what the source counts."""
        smaller = _SMALLER.get(size)
        if smaller is None:
            self._miss(params, f"row {number}: {fault}")
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
                count = max(count, await self._in_parts(params, part, smaller, again))
                continue
            count = page.count
            await self._store(page, path)
        return count

    async def _cut(self, params: Params, count: int) -> bool:
        """Whether smaller slices, or several orders, take its place."""
        self._cuts += 1
        if self._cuts > _CUTS:
            self._miss(params, f"{count - self._window} of {count} rows: cut {_CUTS} times, and no end")
            return False
        parts = await self._halves(params) or await self._by_type(params, count)
        slices = [_slice(part) for part in parts] or [
            _slice({**params, "sort": sort}, orders) for orders, sort in enumerate(_SORTS)
        ]
        self._mirror.document["slices"][-1:] = slices
        self._resumed, self._readings = False, 0
        return True

    async def _halves(self, params: Params) -> list[Params]:
        """By the date of creation; nothing where that is of a second, or means nothing to the server."""
        first = clock.parse(params[_FROM]) if _FROM in params else _FIRST
        last = clock.parse(params[_TO]) if _TO in params else _LAST
        middle = (first + (last - first) / 2).replace(microsecond=0)
        if not first < middle < last:
            return []
        if _FROM not in params and not await self._knows_dates(params):
            return []
        dates = [clock.text(date) for date in (first, middle, last)]
        return [{**params, _FROM: dates[0], _TO: dates[1]}, {**params, _FROM: dates[1], _TO: dates[2]}]

    async def _knows_dates(self, params: Params) -> bool:
        return await self._count({**params, _FROM: _NEVER}) == 0

    async def _by_type(self, params: Params, count: int) -> list[Params]:
        """Nothing where that is done, or two types are said to be all there are."""
        if "type" in params:
            return []
        counts = [await self._count({**params, "type": kind}) for kind in ("extension", "dictionary")]
        return [] if counts == [count, count] else [{**params, "type": kind} for kind in TYPES]

    async def _count(self, params: Params) -> int | None:
        """None where the server refuses what it does not know; others ignore it."""
        try:
            return (await self._source.search(params, 1, 1)).count
        except BadAnswer:
            return None

    def _miss(self, params: Params, reason: str) -> None:
        query = "&".join(f"{name}={value}" for name, value in params.items())
        missed, unreached = f"search {query}: {reason}", self._mirror.document["unreached"]
        if len(unreached) < _MAX_UNREACHED:
            unreached.append(missed)
        self._keeper.listener.say(missed)


def _slice(params: Params, orders: int | None = None) -> SliceDoc:
    return {"params": params, "page": 1, "orders": orders}
