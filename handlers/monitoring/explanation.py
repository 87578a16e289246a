"""`/__explain__`: why the results of a search stand where they do, for operators (`run.py explain`).

Takes the parameters of a v5 search, `top` (how many of the first results, 5), and `addon`: one more to
explain, wherever it stands, and which filters keep it out if any do. To those who may read /metrics.
"""

from typing import Any, Final

import orjson

from conf.numbers import read_number
from handlers.http.errors import bad_parameter, not_found
from handlers.http.reply import Reply
from handlers.http.request import ReadRequest, read_request
from handlers.monitoring.metrics import WatcherHandler
from handlers.search import parse
from index.search_params.filters import ParameterError, SearchQuery

_TOP: Final = 5
_MOST: Final = 25
_DEEPEST: Final = 1000


class ExplanationHandler(WatcherHandler):
    """400 as the search itself; 404 for an add-on that is not public."""

    title = "Explanation"

    async def get(self) -> None:
        self.check_watcher()
        request = read_request("v5", self.received)
        own = {name: text for name, text in request.params.items() if name not in ("top", "addon")}
        try:
            query = parse(self.site, request, own)
        except ParameterError as error:
            raise bad_parameter(error.text(request.view.locale)) from None
        body = orjson.dumps(await self._explain(request, query))
        self.send(Reply(200, body, {"Cache-Control": "no-store"}))

    head = get

    async def _explain(self, request: ReadRequest, query: SearchQuery) -> dict[str, Any]:
        catalogue, locale = self.site.catalogue, request.view.locale
        top = min(read_number(request.params.get("top", "")) or _TOP, _MOST)
        found = catalogue.search(query, locale, 0, top)
        rows = [self._row(id_, place) for place, id_ in enumerate(found.ids, 1)]
        told: dict[str, Any] = {
            "count": found.total,
            "sort": [str(key) for key in query.sort],
            "results": rows,
        }
        if addon := request.params.get("addon"):
            rows = [*rows, self._extra(addon, query, locale)]
            told["addon"] = rows[-1]
        points = await catalogue.explain(query, locale, [row["id"] for row in rows])
        for row in rows:
            if earned := points.get(row["id"]):
                row |= {**earned._asdict(), "score": earned.score}
        return told

    def _extra(self, addon: str, query: SearchQuery, locale: str) -> dict[str, Any]:
        """One add-on wherever it stands; its place is None beyond the first thousand."""
        addon_id = self.site.catalogue.find_listed(addon)
        if addon_id is None:
            raise not_found(self.locale_name)
        ids = self.site.catalogue.search(query, locale, 0, _DEEPEST).ids
        place = ids.index(addon_id) + 1 if addon_id in ids else None
        unmet = self.site.catalogue.unmet(query, addon_id)
        return {**self._row(addon_id, place), "kept_out_by": [str(one) for one in unmet]}

    def _row(self, addon_id: int, place: int | None) -> dict[str, Any]:
        addon = self.site.catalogue.documents.addon(addon_id)
        return {"place": place, "id": addon_id, "slug": addon["slug"], "guid": addon["guid"]}
