"""Every stored document held against the model, and against what `load` would say of it.

    async for fault in find_faults(store, progress):
        print(fault.collection, fault.id, fault.reason)

Reads everything once and changes nothing. Event loop; the work is done in threads.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, NamedTuple

from index.startup.prepared_cache import documents_in
from index.validation import describe_error, find_fault
from server.errors import Unstorable
from server.intake.json_values import BadRecord
from server.intake.kinds import KINDS
from server.storage.schema import COLLECTIONS
from server.storage.store import Store

_CHECKS: Final = {kind.collection: kind.check for kind in KINDS.values()}


class Fault(NamedTuple):
    """What is wrong with a document."""

    collection: str
    id: Any
    reason: str


async def find_faults(store: Store, progress: Callable[[int], None]) -> AsyncIterator[Fault]:
    """`progress` hears of the length of each list that was read. Raises Unavailable."""
    for name in COLLECTIONS:
        async for raw in store.scan_raw(name, whole=True):
            for fault in await asyncio.to_thread(_check, store, name, raw):
                yield fault
            progress(len(documents_in(raw)))
    async for name, (field, value, (oldest, *others)) in store.find_collisions():
        for id_ in others:
            yield Fault(name, id_, f"{field} {value!r} is that of {oldest} but for its case")


def _check(store: Store, collection: str, raw: bytes) -> list[Fault]:
    documents = store.decode(raw)
    reasons = [_fault(collection, document) for document in documents]
    if not _is_readable(store, raw):
        for place, one in enumerate(documents_in(raw)):
            if not _is_readable(store, bytes(one)):
                reasons[place] = reasons[place] or "a text is no UTF-8"
    found = zip(documents, reasons, strict=True)
    return [Fault(collection, document["_id"], reason) for document, reason in found if reason]


def _is_readable(store: Store, raw: bytes) -> bool:
    try:
        store.decode(raw, strict=True)
    except Unstorable:
        return False
    return True


def _fault(collection: str, document: dict[str, Any]) -> str | None:
    model = COLLECTIONS[collection].model
    if fault := model and find_fault(document, model):
        return str(fault)
    try:
        if collection in _CHECKS:
            _CHECKS[collection](document)
    except BadRecord as fault:
        return str(fault)
    except Exception as error:  # of a check that met what no type says
        return describe_error(error)
    return None
