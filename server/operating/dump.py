"""Writes everything in the store as JSON Lines, which `load` reads.

    async for lines in dump(store):
        sys.stdout.buffer.write(lines)

A line is `{"kind": "addon", ...document}`: kinds in the order of KINDS, ids
ascending, keys in the order of the model. So equal stores give equal dumps.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import Any

import orjson

from conf.model.checks import find_fault
from conf.model.defaults import ordered
from server.intake.kinds import KINDS, RecordKind
from server.storage.store import Store

ReportFault = Callable[[str, str], None]  # (document, what is wrong with it)


def ignore_fault(key: str, reason: str) -> None:
    """Ignore the fault."""


async def size(store: Store) -> int:
    """Roughly how many lines a dump has. Raises Unavailable."""
    return sum([await store.size(kind.collection) for kind in KINDS.values()])


async def dump(
    store: Store,
    report_fault: ReportFault = ignore_fault,
    progress: Callable[[int], object] = lambda lines: None,
) -> AsyncIterator[bytes]:
    """Lines, many at a time; others may write meanwhile. Raises Unavailable.

    `report_fault` is called for each damaged document; it is still in the dump if it can be JSON.
    `progress` gets the number of further documents.
    """
    for kind in KINDS.values():
        async for documents in store.scan(kind.collection, sort=[("_id", 1)], whole=True, unchecked=True):
            yield b"".join(_lines(kind, documents, report_fault))
            progress(len(documents))


def _lines(
    kind: RecordKind, documents: Iterable[dict[str, Any]], report_fault: ReportFault
) -> Iterator[bytes]:
    for document in documents:
        fault = find_fault(document, kind.model)
        try:
            yield line(kind, document)
        except TypeError as error:
            fault = f"not in the dump: {error}"
        if fault:
            report_fault(f"{kind.collection} {document['_id']}", fault)


def line(kind: RecordKind, document: Mapping[str, Any]) -> bytes:
    """One document as a line. Raises TypeError for values that cannot be JSON."""
    full = {"kind": kind.name, **ordered(document, kind.model)}
    return orjson.dumps(full, option=orjson.OPT_APPEND_NEWLINE)
