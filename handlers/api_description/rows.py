"""Finds the row of a route in the tables of operations."""

import re
from collections.abc import Mapping
from itertools import count
from typing import Final, NamedTuple

from handlers.api_description import addons, catalogue, people, reviewers
from handlers.api_description.operations import Operation, Operations
from handlers.http.route import Route

# The tables by their tags in the document.
TABLES: Final[dict[str, Operations]] = {
    "catalogue": catalogue.OPERATIONS,
    "add-ons": addons.OPERATIONS,
    "people": people.OPERATIONS,
    "reviewers": reviewers.OPERATIONS,
}
GROUP_NAME: Final = re.compile(r"\{([a-z]{1,20})\}")


class Row(NamedTuple):
    """A path of a table, whose groups have names, and its operations."""

    path: str
    operations: Mapping[str, Operation]
    tag: str


_ROWS: Final = {
    GROUP_NAME.sub("{}", path): Row(path, operations, tag)
    for tag, table in TABLES.items()
    for path, operations in table.items()
}


def find_row(route: Route) -> Row:
    """The row of a route; a row without operations if no table has its path."""
    row = _ROWS.get(route.name)
    if row is not None:
        return row
    numbers = count(1)
    return Row(re.sub("{}", lambda _: f"{{p{next(numbers)}}}", route.name), {}, "")
