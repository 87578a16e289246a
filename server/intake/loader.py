"""Loads files into the store, batch by batch; reports every bad record, and stores none in part.

    with Source("addons.jsonl.gz") as source:
        summary = await load([source], store, reporter)

A batch is one transaction. If MongoDB refuses it, it is halved until the record that cannot be stored
is alone, and that one is reported. Loading again is harmless, so an interrupted load is simply started again.

The next batch is read and parsed in a thread while the last one is written.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol

from server.basket.outbox import Syncs
from server.changes import Changes
from server.errors import BadDocument, Conflict, Duplicate, StoreError, Unavailable
from server.intake.batch import LoadCounts, RecordBatch, store_batch
from server.intake.json_values import BadRecord
from server.intake.kinds import KINDS
from server.intake.patches import store_patches
from server.intake.records import AddonState, FullDocument, InputRecord, Patch
from server.intake.sources import Source, SourceRecord
from server.storage import driver
from server.storage.store import Store

BATCH_RECORDS: Final = 200  # a thousand, all over a large store, would fill the small cache of mongod
PATCHES: Final = 50  # in a batch; each is read and written by itself, in one transaction
BATCH_BYTES: Final = 8 * 1024 * 1024
READ_TIMEOUT: Final = 5.0  # seconds, many times what a batch of a file takes


Write = Callable[[list[Any]], Awaitable[LoadCounts]]
_Fault = StoreError | BadRecord | BadDocument  # of single records


class LoadReporter(Protocol):
    """Gets the progress and the faults of a load."""

    def report_fault(self, location: str, reason: str) -> None:
        """A record, at `file:line`, that was not loaded."""

    def progress(self, records: int, position: int) -> None:
        """How many more records are done, and how many bytes of all files are read."""


@dataclass(slots=True)
class Summary:
    """How many records were loaded, and how many were bad."""

    records: int = 0  # good ones
    bad: int = 0
    change: LoadCounts = field(default_factory=LoadCounts)


async def load(
    sources: Sequence[Source],
    store: Store,
    reporter: LoadReporter,
    syncs: Syncs | None = None,
    *,
    pause_factor: float = 0.0,
) -> Summary:
    """Load files in order; the caller closes them. Basket hears of changes if there are `syncs`.

    `pause_factor`: the pause after each batch, as a multiple of the time that it took.
    Raises Conflict and Unavailable as `store_batch` does.
    """

    async def write(records: list[InputRecord]) -> LoadCounts:
        return await store_batch(store, RecordBatch.from_records(records), syncs)

    return await _load(sources, _Loader(store, reporter, write, pause_factor))


async def merge(sources: Sequence[Source], store: Store, reporter: LoadReporter, changes: Changes) -> Summary:
    """As `load`, for sources of partial objects; their changes are writes as the API's are."""
    return await _load(sources, _Loader(store, reporter, partial(store_patches, changes)))


async def load_records(records: list[SourceRecord], store: Store, reporter: LoadReporter) -> Summary:
    """Load a batch that was not read from files. Raises as `load`."""

    async def write(batch: list[InputRecord]) -> LoadCounts:
        return await store_batch(store, RecordBatch.from_records(batch))

    loader = _Loader(store, reporter, write)
    await loader.store(records)
    return loader.summary


async def _load(sources: Sequence[Source], loader: "_Loader") -> Summary:
    before = 0
    for source in sources:
        await loader.load(source, before)
        before += source.position
    return loader.summary


class _Loader:
    def __init__(
        self, store: Store, reporter: LoadReporter, store_records: Write, pause_factor: float = 0.0
    ) -> None:
        """`store_records` stores a batch whole or raises StoreError, BadRecord."""
        self._store = store
        self._pause_factor = pause_factor
        self._reporter = reporter
        self._store_records = store_records
        self.summary = Summary()

    async def load(self, source: Source, before: int) -> None:
        batches = _batches(source.records())
        reading = asyncio.create_task(asyncio.to_thread(next, batches, None))
        try:
            while (batch := await reading) is not None:
                position = before + source.position
                reading = asyncio.create_task(asyncio.to_thread(next, batches, None))
                began = time.perf_counter()
                await self.store(batch)
                self._reporter.progress(len(batch), position)
                await asyncio.sleep(self._pause_factor * (time.perf_counter() - began))
        finally:
            # A thread cannot be stopped, so it has to end before its file is closed. Pipes are not
            # closed, because a thread may wait forever for what comes out of one.
            if source.size is not None:
                await asyncio.wait([reading], timeout=READ_TIMEOUT)

    async def store(self, batch: list[SourceRecord]) -> None:
        """Store the good records, and report the bad ones. Raises Conflict, Unavailable."""
        for source in batch:
            if isinstance(source.record, BadRecord):
                self._report(source, source.reason)
        await self._write([source for source in batch if not isinstance(source.record, BadRecord)])

    def _report(self, source: SourceRecord, reason: str) -> None:
        self.summary.bad += 1
        self._reporter.report_fault(source.location, reason)

    async def _write(self, batch: list[SourceRecord]) -> None:
        """Store the batch, or what of it can be stored."""
        if not batch:
            return
        try:
            change = await self._store_records([source.record for source in batch])
        except (Unavailable, Conflict):
            raise
        except (StoreError, BadRecord, BadDocument) as fault:
            if len(batch) == 1:
                self._report(batch[0], await self._reason(batch[0], fault))
                return
            middle = len(batch) // 2
            await self._write(batch[:middle])
            await self._write(batch[middle:])
        else:
            self.summary.records += len(batch)
            self.summary.change += change

    async def _reason(self, source: SourceRecord, fault: _Fault) -> str:
        item = "" if source.item is None else f"item {source.item}: "
        if isinstance(fault, BadRecord):
            return f"{item}{fault}"
        if isinstance(fault, BadDocument):
            return f"{item}cannot be merged with what is stored: {fault}"
        if not isinstance(fault, Duplicate):
            return f"{item}cannot be stored: {fault}"
        kind = next((kind.name for kind in KINDS.values() if kind.collection == fault.collection), "one")
        value = fault.value
        if kind == "addon":  # of an index that ignores case, MongoDB reports the folded value
            value = _addon(source.record).get(fault.field, value)
            owner = await self._store.find_addon_id(fault.field, str(value))
        else:
            other = await self._store.find_one(fault.collection, {fault.field: value}, {"_id": 1})
            owner = other["_id"] if other else None
        holder = f"{kind} {owner}" if owner is not None else f"another {kind}"
        return f"{item}{fault.field} {value!r} is taken by {holder}"


def _addon(record: object) -> Mapping[str, Any]:
    """The add-on's fields in a record; none if it is of another kind."""
    if isinstance(record, FullDocument):
        return driver.decoded(record.document)
    return record.addon if isinstance(record, AddonState) else {}


def _batches(sources: Iterator[SourceRecord]) -> Iterator[list[SourceRecord]]:
    """Records in batches no larger than a transaction should be."""
    batch: list[SourceRecord] = []
    records, size = RecordBatch(), 0
    for source in sources:
        good = source.record if isinstance(source.record, AddonState | FullDocument) else None
        limit = PATCHES if isinstance(source.record, Patch) else BATCH_RECORDS
        is_full = len(batch) >= limit or size > BATCH_BYTES
        if batch and (is_full or (good and not records.fits(good))):
            yield batch
            batch, records, size = [], RecordBatch(), 0
        batch.append(source)
        size += source.size
        if good:
            records.add(good)
    if batch:
        yield batch
