"""Filling a catalogue from raw documents.

    builder = Builder(parts, decode, 60_000)    # so many, more or less
    builder.absorb(batch)               # any number; how many add-ons there were
    builder.finish()                    # or `close`, where it comes to nothing

A document that cannot be taken is left out and named in `faults`; it stops no other. Where there are
many, other processes prepare them (preparers.py) while this one takes over what they have made.

Index-writer thread, and no call may hold the interpreter lock for long: the event loop
is at work meanwhile.
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
from index.runtime.heap import return_memory
from index.runtime.processes import LOST, MANY, PATIENCE, Processes, room_beside
from index.snapshot.parts import CatalogueParts, add_row
from index.snapshot.preparers import Context, Decode, Preparation, Preparer, begin, unpack


class Builder:
    def __init__(self, parts: CatalogueParts, decode: Decode, expected: int) -> None:
        self.parts = parts
        self.faults: dict[str, str] = {}  # by id: add-ons that were left out, and why
        self._decode = decode
        self._preparer = Preparer(parts.documents, parts.engine.text, decode)
        self._processes: Processes[bytes, list[bytes]] | None = None
        if expected >= MANY and (count := room_beside()):
            with suppress(OSError):  # there is no room for them
                self._processes = Processes(begin, count)
        self._asked: deque[tuple[bytes, Future[list[bytes]]]] = deque()
        self._absorbed = 0
        self._rows = StoredRows()

    def absorb(self, batch: bytes) -> int:
        """Take the add-ons of a batch, the first one large enough to fit the compression to."""
        if not self._absorbed:
            sound = (addon for addon in self._preparer.decoded(batch) if find_addon_fault(addon) is None)
            documents = self.parts.documents
            documents.train(list(filter(facts.is_public, sound)))
            if self._processes is not None:
                table, dictionary = documents.featured.table, documents.dictionary
                self._processes.introduce(Context(documents.users, table, dictionary, self._decode))
        if self._processes is None:
            self._take(self._prepare(batch))
        else:
            self._asked.append((batch, self._processes.submit(batch)))
            self._take_answers(2 * self._processes.count)
        count = len(split_documents(batch))
        self._absorbed += count
        return count

    def _prepare(self, batch: bytes) -> Iterator[Preparation]:
        return self._preparer.prepare(self._preparer.decoded(batch))

    def finish(self) -> None:
        """Make what was taken searchable."""
        self._take_answers(0)
        self._end_processes()
        self.parts.vocabulary.record()
        self.parts.age["changes"] = 0
        # The one gives up the interpreter lock for most of its time, the other needs it for all of it.
        vocabulary = list(self.parts.vocabulary.numbers)
        loading = threading.Thread(target=self.parts.columns.restore, args=(self._rows, vocabulary))
        loading.start()
        try:
            self.parts.engine.commit()
            self.parts.engine.refresh()
            self.parts.records.finish()
        finally:
            loading.join()
        return_memory()

    def close(self) -> None:
        self._end_processes()
        self.parts.close()

    def _end_processes(self) -> None:
        if self._processes is not None:
            self._processes.close()
        self._processes = None

    def _take_answers(self, limit: int) -> None:
        """Until `limit` batches are left that were asked of others, in the order of the batches."""
        while len(self._asked) > limit:
            batch, answer = self._asked.popleft()
            try:
                preparations = unpack(answer.result(PATIENCE))
            except LOST:
                preparations = self._prepare(batch)
            self._take(preparations)

    def _take(self, preparations: Iterable[Preparation]) -> None:
        for addon_id, prepared, text, fault in preparations:
            if prepared is not None:
                try:
                    stored = self.parts.put(prepared)
                    if text is not None:
                        self.parts.engine.add(text)
                    add_row(self._rows, prepared.id, stored)
                except Exception as error:  # whatever one document holds, the others are wanted
                    fault = describe_error(error)
                    self.parts.drop(prepared.id)
            if fault:
                self.faults[str(addon_id)] = fault
        self.parts.records.fill()


async def large_first(batches: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The batches, the first of them large enough to fit the compression to."""
    first, count = b"", 0
    async for batch in batches:
        if count < SAMPLES:
            count += len(split_documents(batch))
            batch = first = first + batch
        if count >= SAMPLES:
            yield batch
    if count < SAMPLES:
        yield first
