"""The public API of the mirrored server, as far as a mirror reads it: v5, or v4 if there is no v5.

    source = await Source.find(client)                # raises NoSource
    page = await source.search({"sort": "created"}, page=3, size=50)
    addon = await source.addon(7)                     # None: it is not public, or not there

Objects come unchanged, in all languages (contract/requests.md 7); they are sure to be objects with an id, and
callers have to check everything else. All raise BadAnswer and SourceUnavailable.

Thread rule: event loop only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import quote, urlencode

from conf.limits import MAX_PAGE_SIZE
from server.errors import OperatorFault
from server.mirror.client import Answer, BadAnswer, PoliteClient

Json = dict[str, Any]
PAGE_SIZE: Final = int(MAX_PAGE_SIZE)
_VERSIONS: Final = ("v5", "v4")
# Statuses for an add-on that is not public (contract/addons.md 3.1), or does not exist.
_GONE: Final = {401, 403, 404, 410}
_PAGES: Final = 2000  # of the versions, or ratings, of one add-on
_MAX_ATTEMPTS: Final = 3  # of a list whose pages shift


class NoSource(OperatorFault):
    """The address has no server of the contract, or it does not answer."""


class Refused(BadAnswer):
    """The server does not know these parameters, or does not show this page."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """`rows` is None if the page has not changed since it had the tag."""

    count: int
    rows: list[Any] | None
    tag: str | None


class Source:
    """Reads one `version` of the API."""

    def __init__(self, client: PoliteClient, version: str) -> None:
        self.client = client
        self.version = version

    @classmethod
    async def find(cls, client: PoliteClient) -> Self:
        """The newest version that the server has. Raises NoSource, SourceUnavailable."""
        statuses = []
        for version in _VERSIONS:
            source = cls(client, version)
            try:
                answer = await client.get(source.path("addons/search/", {"page_size": 1}))
            except BadAnswer as fault:
                raise NoSource(f"{client.base}{fault}") from None
            if answer.status == 200 and _is_page(answer.value):
                return source
            statuses.append(f"{version}: status {answer.status}")
        raise NoSource(f"{client.base} is no server of this API ({', '.join(statuses)})")

    def path(self, name: str, params: Mapping[str, Any] | None = None) -> str:
        """The path of an endpoint, with parameters in the order of their names."""
        query = urlencode(sorted((params or {}).items()))
        return f"/api/{self.version}/{name}{f'?{query}' if query else ''}"

    def search_path(self, params: Mapping[str, Any], page: int, size: int = PAGE_SIZE) -> str:
        """The path of a page of a search."""
        return self.path("addons/search/", {**params, "page": page, "page_size": size})

    async def search(
        self, params: Mapping[str, Any], page: int, size: int = PAGE_SIZE, tag: str | None = None
    ) -> SearchPage:
        """Raises Refused."""
        path = self.search_path(params, page, size)
        answer = await self.client.get(path, tag)
        if answer.status == 304:
            return SearchPage(0, None, tag)
        if 400 <= answer.status < 500:
            raise Refused(f"{path}: status {answer.status}")
        value = _page(path, answer)
        return SearchPage(value["count"], value["results"], answer.tag)

    async def addon(self, name: int | str) -> Json | None:
        """The detail of an add-on; None if the server itself says that it is not public."""
        path = self.path(f"addons/addon/{quote(str(name), safe='')}/", {"show_grouped_ratings": "true"})
        answer = await self.client.get(path)
        if answer.status in _GONE and isinstance(answer.value, dict) and "detail" in answer.value:
            return None
        if answer.status != 200 or not has_id(answer.value):
            raise BadAnswer(f"{path}: {_reason(answer)}")
        addon: Json = answer.value
        return addon

    async def policies(self, addon_id: int) -> Json:
        name = f"addons/addon/{addon_id}/eula_policy/"
        texts = await self.read(name)
        if not isinstance(texts, dict):
            raise BadAnswer(f"{self.path(name)}: JSON of another form")
        return {key: texts.get(key) for key in ("eula", "privacy_policy")}

    async def versions(self, addon_id: int) -> list[Json]:
        """All public versions."""
        return await self._all(f"addons/addon/{addon_id}/versions/", {})

    async def license(self, addon_id: int, version_id: int) -> Json | None:
        """The licence of a version, with its text."""
        version = await self.read(f"addons/addon/{addon_id}/versions/{version_id}/")
        return version.get("license") if isinstance(version, dict) else None

    async def ratings(self, addon_id: int) -> list[Json]:
        """Each user's latest rating, with the developer's reply in it."""
        return await self._all("ratings/rating/", {"addon": addon_id})

    async def read(self, name: str, params: Mapping[str, Any] | None = None) -> Any:
        """An object, or an array. Raises Refused for a 4xx."""
        path = self.path(name, params)
        answer = await self.client.get(path)
        if 400 <= answer.status < 500:
            raise Refused(f"{path}: status {answer.status}")
        if answer.status != 200 or not isinstance(answer.value, dict | list):
            raise BadAnswer(f"{path}: {_reason(answer)}")
        return answer.value

    async def _all(self, name: str, params: Mapping[str, Any]) -> list[Json]:
        """All rows of a list, read again while its count and its rows differ, because pages shift."""
        for _ in range(_MAX_ATTEMPTS):
            count, rows = await self._pages(name, params)
            if len(rows) == count:
                return list(rows.values())
        raise BadAnswer(f"{self.path(name, params)}: {count} are counted, {len(rows)} are there")

    async def _pages(self, name: str, params: Mapping[str, Any]) -> tuple[int, dict[int, Json]]:
        by_id: dict[int, Json] = {}
        for number in range(1, _PAGES + 1):
            path = self.path(name, {**params, "page": number, "page_size": PAGE_SIZE})
            value = _page(path, await self.client.get(path))
            rows: Sequence[Any] = value["results"]
            if not all(map(has_id, rows)):
                raise BadAnswer(f"{path}: a row that is no object, or has no id")
            by_id |= {row["id"]: row for row in rows}
            if not value.get("next") or not rows:
                return value["count"], by_id
        raise BadAnswer(f"{self.path(name, params)}: more than {_PAGES} pages")


def has_id(value: Any) -> bool:
    return isinstance(value, dict) and type(value.get("id")) is int and value["id"] > 0


def _page(path: str, answer: Answer) -> Json:
    if answer.status != 200 or not _is_page(answer.value):
        raise BadAnswer(f"{path}: {_reason(answer)}")
    page: Json = answer.value
    return page


def _is_page(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("results"), list)
        and type(value.get("count")) is int
        and value["count"] >= 0
    )


def _reason(answer: Answer) -> str:
    return "JSON of another form" if answer.status == 200 else f"status {answer.status}"
