"""`run.py check`: list damaged documents.

Read every stored document and list damaged ones, one per line:
    addons 7: object missing required field tags
A damaged document is left out of every response until it is repaired. Guids and slugs
that differ from an older add-on's in case only are listed too, and faults of the
secrets. Nothing is changed, and a server may be running.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, NamedTuple

from conf.bson import split_documents
from conf.model.checks import describe_error, find_fault
from server.auth.keys import keystores
from server.cli.opening import CommandContext, with_store
from server.cli.reporting import ProgressReporter
from server.errors import Unstorable
from server.intake.json_values import BadRecord
from server.intake.kinds import KINDS
from server.storage.driver import decode
from server.storage.schema import COLLECTIONS, find_collisions
from server.storage.store import Store

EPILOG = "exit status: 0 everything is as it should be, 1 something is damaged, 2 nothing was read"
_CHECKS: Final = {kind.collection: kind.check for kind in KINDS.values()}


@with_store
async def run(args: argparse.Namespace, context: CommandContext) -> int:
    damaged = 0
    total = sum([await context.store.size(name) for name in COLLECTIONS])
    with ProgressReporter("checking", total, unit="documents") as reporter:
        async for fault in find_faults(context.store, reporter.progress):
            damaged += 1
            print(f"{fault.collection} {fault.id}: {fault.reason}", flush=True)
        if reason := await keystores.find_fault(context.settings, context.store):
            damaged += 1
            print(f"secrets: {reason}", flush=True)
        reporter.print_line(f"{reporter.done} documents read, {damaged} damaged")
    return int(damaged > 0)


class Fault(NamedTuple):
    """What is wrong with a document."""

    collection: str
    id: Any
    reason: str


async def find_faults(store: Store, progress: Callable[[int], None]) -> AsyncIterator[Fault]:
    """The faults of all documents, which are checked in threads.

    `progress` is called with the length of each list that was read. Raises Unavailable.
    """
    for name in COLLECTIONS:
        async for raw in store.scan_raw(name, whole=True):
            for fault in await asyncio.to_thread(_check, name, raw):
                yield fault
            progress(len(split_documents(raw)))
    async for name, field, value, (oldest, *later) in find_collisions(store.database):
        for id_ in later:
            yield Fault(name, id_, f"{field} {value!r} is that of {oldest} but for its case")


def _check(collection: str, raw: bytes) -> list[Fault]:
    documents = decode(raw)
    reasons = [_fault(collection, document) for document in documents]
    if not _is_readable(raw):
        for index, document in enumerate(split_documents(raw)):
            if not _is_readable(bytes(document)):
                reasons[index] = reasons[index] or "a text is no UTF-8"
    pairs = zip(documents, reasons, strict=True)
    return [Fault(collection, document["_id"], reason) for document, reason in pairs if reason]


def _is_readable(raw: bytes) -> bool:
    try:
        decode(raw, strict=True)
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
    except Exception as error:  # of a check that met an unexpected type
        return describe_error(error)
    return None
