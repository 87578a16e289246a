"""`/__explain__`: explains the ranking of a search, for operators (`run.py explain`).

Takes the parameters of a v5 search, `top` (how many of the first results, 5), and `addon`: one more add-on
to explain, with the filters that exclude it, and other queries for which it would rank higher. For callers
who may read /metrics.
"""

import orjson

from conf.numbers import read_number
from handlers.monitoring.metrics import MetricsReader
from handlers.search import parse_query
from server.operating.explanation import TOP, explain


class ExplanationHandler(MetricsReader):
    """400 as the search itself; 404 for an add-on that is not public."""

    title = "Explanation"

    async def get(self) -> None:
        self.check_may_read()
        request = self.read_request()
        search_params = {name: text for name, text in request.params.items() if name not in ("top", "addon")}
        query = parse_query(request, search_params)
        catalogue, addon_id = self.site.catalogue, None
        if addon := request.params.get("addon"):
            addon_id = catalogue.find_listed(addon)
            if addon_id is None:
                raise self.not_found()
        top = read_number(request.params.get("top", "")) or TOP
        explanation = await explain(catalogue, query, request.view.locale, top, addon_id)
        self.send_body(orjson.dumps(explanation), {"Cache-Control": "no-store"})
