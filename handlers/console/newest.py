"""Collections that are numbered, in pages, the newest first (contract/console.md 9)."""

from typing import Any, ClassVar, Final

from handlers.console.navigation import address, read_position
from handlers.console.pages import ConsoleHandler
from server.errors import OperatorFault
from server.storage.newest import read_newest

_SIZE: Final = 25


class NewestFirstPage(ConsoleHandler):
    """By the filters of a form, which are parameters of the address."""

    template: ClassVar[str]
    names: ClassVar[tuple[str, ...]]  # of the filters
    collection: ClassVar[str]
    values: ClassVar[dict[str, Any]] = {}  # what else the template shows

    async def query(self, filters: dict[str, str]) -> dict[str, Any]:
        """MongoDB's. Raises OperatorFault, ValueError: what is wrong with a filter."""
        raise NotImplementedError

    async def rows(self, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the template shows of each."""
        raise NotImplementedError

    async def get(self) -> None:
        assert self.section is not None
        filters, before = self.filters(*self.names), read_position(self.read_request().params.get("before"))
        fault, rows, older = None, [], None
        try:
            query = await self.query(filters)
        except (OperatorFault, ValueError) as error:
            fault = str(error)
        else:
            page = await read_newest(self.site.store, self.collection, query, before, _SIZE)
            rows, older = await self.rows(page.documents), page.before
        self.show(
            self.template,
            400 if fault else 200,
            filters=filters,
            fault=fault,
            rows=rows,
            newest=address(self.section, **filters) if before else None,
            older=address(self.section, **filters, before=older) if older else None,
            **self.values,
        )
