"""Paginated lists of numbered documents, newest first (contract/console.md 9)."""

from typing import Any, ClassVar, Final

from handlers.console.navigation import page_url, read_position
from handlers.console.pages import ConsoleHandler
from server import clock
from server.errors import OperatorFault
from server.storage.newest import read_newest

_SIZE: Final = 25


class NewestFirstPage(ConsoleHandler):
    """A list that the fields of a form filter, as parameters of the URL."""

    template: ClassVar[str]
    filter_names: ClassVar[tuple[str, ...]]
    collection: ClassVar[str]
    extra_values: ClassVar[dict[str, Any]] = {}  # further values of the template

    async def query(self, filters: dict[str, str]) -> dict[str, Any]:
        """MongoDB's query. Raises OperatorFault, ValueError for an invalid filter."""
        raise NotImplementedError

    @staticmethod
    def since(filters: dict[str, str]) -> str | None:
        """The date of the filter `since`. Raises ValueError."""
        return clock.parse_since(filters["since"]) if filters["since"] else None

    async def rows(self, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows of the template."""
        raise NotImplementedError

    async def get(self) -> None:
        assert self.section is not None
        filters = self.filters(*self.filter_names)
        before = read_position(self.read_request().params.get("before"))
        fault, rows, older = None, [], None
        try:
            query = await self.query(filters)
        except (OperatorFault, ValueError) as error:
            fault = str(error)
        else:
            page = await read_newest(self.site.store, self.collection, query, before, _SIZE)
            rows, older = await self.rows(page.documents), page.before
        self.render_page(
            self.template,
            400 if fault else 200,
            filters=filters,
            fault=fault,
            rows=rows,
            newest=page_url(self.section, **filters) if before else None,
            older=page_url(self.section, **filters, before=older) if older else None,
            **self.extra_values,
        )
