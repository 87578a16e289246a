"""The rows of the tables by their routes."""

import re
from collections.abc import Mapping
from itertools import count
from typing import Final, NamedTuple

from handlers.api_description import addons, catalogue, people, reviewers
from handlers.api_description.operations import Operation, Operations
from handlers.http.route import Route

# By their tags in the document.
TABLES: Final[dict[str, Operations]] = {
    "catalogue": catalogue.OPERATIONS,
    "add-ons": addons.OPERATIONS,
    "people": people.OPERATIONS,
    "reviewers": reviewers.OPERATIONS,
}
NAMED: Final = re.compile(r"\{([a-z]{1,20})\}")


class Row(NamedTuple):
    """A path of a table, whose groups have names there."""

    path: str
    operations: Mapping[str, Operation]
    tag: str


_ROWS: Final = {
    NAMED.sub("{}", path): Row(path, operations, tag)
    for tag, table in TABLES.items()
    for path, operations in table.items()
}


def row_of(route: Route) -> Row:
    """The row of a path; one without operations for a path that no table has."""
    row = _ROWS.get(route.name)
    if row is not None:
        return row
    numbers = count(1)
    return Row(re.sub("{}", lambda _: f"{{p{next(numbers)}}}", route.name), {}, "")
