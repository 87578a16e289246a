"""Stored values that are one whatever their case, and differ in nothing else.

    async for collision in find_collisions(database, "addons", "guid"):
        ...

They come from before the rule, or from elsewhere. All stay: the oldest document answers to the
name, the others to none, until an operator renames them.
"""

import logging
from collections.abc import AsyncIterator
from typing import Any, Final, NamedTuple

from server.storage.driver import aggregate, calls
from server.storage.schema import FOLDED

log = logging.getLogger(__name__)

_NAMED: Final = 20  # at a start; a command names all


class Collision(NamedTuple):
    field: str
    value: str  # as the oldest spells it
    ids: list[Any]  # the oldest first


async def find_collisions(database: Any, collection: str, field: str) -> AsyncIterator[Collision]:
    stages: list[dict[str, Any]] = [
        {"$match": {field: {"$type": "string"}}},
        {"$sort": {"_id": 1}},
        {"$group": {"_id": f"${field}", "value": {"$first": f"${field}"}, "ids": {"$push": "$_id"}}},
        {"$match": {"ids.1": {"$exists": True}}},
        {"$sort": {"ids.0": 1}},
    ]
    with calls(None):
        async for group in await aggregate(database[collection], stages, collation=FOLDED, allowDiskUse=True):
            yield Collision(field, group["value"], group["ids"])


async def tell_collisions(database: Any, collection: str, field: str) -> None:
    """In the log, so that every start says it."""
    count = 0
    async for one in find_collisions(database, collection, field):
        count += 1
        if count <= _NAMED:
            log.error("%s %s have the same %s %r but for its case", collection, one.ids, field, one.value)
    log.error(
        "%d times %s of %s differ in case alone, and all stay: run.py check names them, rename all but one",
        count,
        field,
        collection,
    )
