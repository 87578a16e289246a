"""Everything the store keeps as JSON Lines: what `load` reads back.

    async for lines in dump(store):
        sys.stdout.buffer.write(lines)

A line is `{"kind": "addon", ...document}`: kinds in the order of KINDS, ids
ascending, keys in the order of the model. So equal stores give equal dumps.
"""

from collections.abc import AsyncIterator
from typing import Any

import orjson

from server.intake.defaults import ordered
from server.intake.kinds import KINDS, Kind
from server.store import Store


async def dump(store: Store) -> AsyncIterator[bytes]:
    """Lines, many at a time. What is written meanwhile may be in it or not. Raises Unavailable."""
    for kind in KINDS.values():
        async for documents in store.scan(kind.collection, sort=[("_id", 1)], whole=True):
            yield b"".join(line(kind, document) for document in documents)


def line(kind: Kind, document: dict[str, Any]) -> bytes:
    """One document as a line."""
    full = {"kind": kind.name, **ordered(document, kind.model)}
    return orjson.dumps(full, option=orjson.OPT_APPEND_NEWLINE)
