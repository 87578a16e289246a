"""Results of scanning services (contract/reviewers.md 7): `scanner/results/`, `scanner/results/{id}/`.

A service sends its results with the key of its account, whose name says which scanner it is.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from conf.model.reviewers import LABELS, SCANNERS, ScannerResultDoc
from handlers.http.base import KEYS_AND_SESSIONS, Access, ApiHandler
from server.services.review import scanner_results

_VIEW = "Admin:ScannersResultsView"
_SEND = "Scanners:PatchResults"


def _shape(result: ScannerResultDoc) -> dict[str, Any]:
    return {
        "id": result["_id"],
        "scanner": result["scanner"],
        "label": result["label"],
        "results": result["results"],
        "created": result["created"],
        "model_version": result["model_version"],
    }


class ScannerResultsHandler(ApiHandler):
    title = "Scanner Results"
    mechanisms = KEYS_AND_SESSIONS
    access: ClassVar = {"GET": Access(permission=_VIEW), "POST": Access(permission=_SEND)}

    def check_permissions(self) -> None:
        if self.request.method == "POST" and self.caller.mechanism != "jwt":
            self.caller = ApiHandler.caller  # because results need an API key, sessions are ignored
        super().check_permissions()

    def _filter(self, name: str, values: tuple[str, ...]) -> str | None:
        """The value of a filter. Raises Refusal 400 unless it is one of `values`."""
        value = self.read_request().params.get(name)
        if value is not None and value not in values:
            raise self.error(400, "invalid_filter", name=name)
        return value

    async def get(self) -> None:
        store, label = self.site.store, self._filter("label", LABELS)
        query = scanner_results.results_query(self._filter("scanner", SCANNERS), label)

        async def read(start: int, size: int) -> Iterable[dict[str, Any]]:
            return map(_shape, await scanner_results.read_page(store, query, start, size))

        await self.send_page(await store.count(scanner_results.COLLECTION, query), read)

    async def post(self) -> None:
        assert self.caller.user is not None
        site, data = self.site, self.body().fields
        blocks = site.curated.blocks.view.by_guid
        result = await scanner_results.push(site.changes, site.store, blocks, self.caller.user, data)
        self.send_json({"id": result["_id"]}, 201)


class ScannerResultHandler(ApiHandler):
    title = "Scanner Result"
    mechanisms = ("jwt",)
    access: ClassVar = {"PATCH": Access(permission=_SEND)}

    async def patch(self, result_id: str) -> None:
        await scanner_results.complete(
            self.site.changes, self.user_id, self.path_id(result_id), self.body().fields
        )
        self.send_nothing()
