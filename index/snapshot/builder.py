"""Filling a catalogue from raw documents.

    builder = Builder(parts, decode, 60_000)    # the number of documents, roughly
    builder.add_batch(batch)                    # any number of times; returns the batch's number of add-ons
    builder.finish()                            # or `close`, to give up

A document that cannot be used is left out and named in `faults`; the others are not affected. If there are
many, other processes prepare them (preparers.py), and this one adds what they have prepared.

Index-writer thread; no call may hold the interpreter lock for long, because the event loop runs meanwhile.
"""

import threading
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress

from conf.bson import split_documents
from conf.model.checks import describe_error, find_addon_fault
from index import facts
from index.columns.columns import StoredRows
from index.documents.compression import SAMPLES
from index.runtime.heap import trim_heap
from index.runtime.process_pool import POOL_FAILURES, POOL_THRESHOLD, POOL_TIMEOUT, ProcessPool, pool_size
from index.snapshot.parts import CatalogueParts, add_row
from index.snapshot.preparers import Decode, Preparation, Preparer, PreparerContext, make_worker, unpack


class Builder:
    def __init__(self, parts: CatalogueParts, decode: Decode, expected: int) -> None:
        self.parts = parts
        self.faults: dict[str, str] = {}  # by id: add-ons that were left out, and why
        self._decode = decode
        self._preparer = Preparer(parts.documents, parts.engine.document, decode)
        self._pool: ProcessPool[bytes, list[bytes]] | None = None
        if expected >= POOL_THRESHOLD and (count := pool_size()):
            with suppress(OSError):  # the system starts no more processes
                self._pool = ProcessPool(make_worker, count)
        self._submitted: deque[tuple[bytes, Future[list[bytes]]]] = deque()
        self._added = 0
        self._rows = StoredRows()

    def add_batch(self, batch: bytes) -> int:
        """Add the add-ons of a batch; the first batch is what the compression is trained on."""
        if not self._added:
            sound = (addon for addon in self._preparer.decoded(batch) if find_addon_fault(addon) is None)
            documents = self.parts.documents
            documents.train(list(filter(facts.is_public, sound)))
            if self._pool is not None:
                table, dictionary = documents.featured.table, documents.dictionary
                self._pool.initialize(PreparerContext(documents.users, table, dictionary, self._decode))
        if self._pool is None:
            self._put_all(self._prepare(batch))
        else:
            self._submitted.append((batch, self._pool.submit(batch)))
            self._collect(2 * self._pool.count)
        count = len(split_documents(batch))
        self._added += count
        return count

    def _prepare(self, batch: bytes) -> Iterator[Preparation]:
        return self._preparer.prepare(self._preparer.decoded(batch))

    def finish(self) -> None:
        """Make what was added searchable."""
        self._collect(0)
        self._close_pool()
        self.parts.vocabulary.record()
        self.parts.age["changes"] = 0
        # Side by side: the commit hardly ever holds the interpreter lock, loading the columns always does.
        vocabulary = list(self.parts.vocabulary.numbers)
        loading = threading.Thread(target=self.parts.columns.restore, args=(self._rows, vocabulary))
        loading.start()
        try:
            self.parts.engine.commit()
            self.parts.engine.refresh()
            self.parts.records.finish()
        finally:
            loading.join()
        trim_heap()

    def close(self) -> None:
        self._close_pool()
        self.parts.close()

    def _close_pool(self) -> None:
        if self._pool is not None:
            self._pool.close()
        self._pool = None

    def _collect(self, limit: int) -> None:
        """Add what the pool has prepared, in order, until at most `limit` batches are out."""
        while len(self._submitted) > limit:
            batch, answer = self._submitted.popleft()
            try:
                preparations = unpack(answer.result(POOL_TIMEOUT))
            except POOL_FAILURES:
                preparations = self._prepare(batch)
            self._put_all(preparations)

    def _put_all(self, preparations: Iterable[Preparation]) -> None:
        for addon_id, prepared, text, fault in preparations:
            if prepared is not None:
                try:
                    stored = self.parts.put(prepared)
                    if text is not None:
                        self.parts.engine.add(text)
                    add_row(self._rows, prepared.id, stored)
                except Exception as error:  # one document never stops the others
                    fault = describe_error(error)
                    self.parts.drop(prepared.id)
            if fault:
                self.faults[str(addon_id)] = fault
        self.parts.records.fill()


async def large_first(batches: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The batches, the first of them large enough to train the compression on."""
    first, count = b"", 0
    async for batch in batches:
        if count < SAMPLES:
            count += len(split_documents(batch))
            batch = first = first + batch
        if count >= SAMPLES:
            yield batch
    if count < SAMPLES:
        yield first
