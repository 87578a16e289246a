"""Filling a catalogue from raw documents.

    builder = Builder(parts, decode)
    builder.absorb(batch)               # any number; how many add-ons there were
    builder.finish()

A document that cannot be taken is left out and named in `faults`; it stops no other.

Index-writer thread, and no call may hold the interpreter lock for long: the event loop
is at work meanwhile.
"""

import threading
from collections.abc import Callable
from typing import Any, cast

from conf.model.addons import AddonDoc
from index import facts
from index.entry import Entry
from index.runtime.heap import return_memory
from index.snapshot.parts import CatalogueParts
from index.snapshot.prepared import prepare
from index.text.schema import IndexText
from index.validation import describe_error, find_addon_fault

Decode = Callable[[bytes], list[dict[str, Any]]]  # of concatenated BSON documents


class Builder:
    def __init__(self, parts: CatalogueParts, decode: Decode) -> None:
        self.parts = parts
        self.faults: dict[str, str] = {}  # by id: add-ons that were left out, and why
        self._decode = decode
        self._is_fitted = False
        self._entries: list[Entry] = []

    def absorb(self, batch: bytes) -> int:
        """Take the add-ons of a batch, the first one large enough to fit the compression to."""
        documents = documents_in(batch)
        if not self._is_fitted:
            sound = (addon for addon in map(self._one, documents) if find_addon_fault(addon) is None)
            self.parts.documents.train(list(filter(facts.is_public, sound)))
            self._is_fitted = True
        for document in documents:
            text = self._take(self._one(document))
            if text is not None:
                self.parts.engine.add(text)
        self.parts.records.fill()
        return len(documents)

    def finish(self) -> None:
        """Make what was taken searchable."""
        # The one gives up the interpreter lock for most of its time, the other needs it for all of it.
        loading = threading.Thread(target=self._load_columns, name="columns")
        loading.start()
        try:
            self.parts.engine.commit()
            self.parts.engine.refresh()
            self.parts.records.finish()
        finally:
            loading.join()
        return_memory()

    def _load_columns(self) -> None:
        self.parts.columns.load(self._entries)
        while self._entries:  # bit by bit: to free many in one go would hold up other threads
            self._entries.pop()

    def _take(self, addon: AddonDoc) -> IndexText | None:
        """What is to be searched of it, where listings may show it; what goes wrong is its own fault."""
        fault = find_addon_fault(addon)
        if fault is None and facts.is_public(addon):
            try:
                entry = self.parts.put(prepare(addon, self.parts.documents))
                text = self.parts.engine.text(addon, entry) if entry else None
            except Exception as error:  # whatever one document holds, the others are wanted
                fault = describe_error(error)
                self.parts.drop(addon["_id"])
            else:
                if entry is not None:
                    self._entries.append(entry)
                return text
        if fault:
            self.faults[str(addon["_id"])] = fault
        return None

    def _one(self, document: memoryview) -> AddonDoc:
        return cast(AddonDoc, self._decode(bytes(document))[0])


def documents_in(batch: bytes) -> list[memoryview]:
    """The documents of a raw batch: each begins with its length."""
    view, at = memoryview(batch), 0
    documents = []
    while at < len(batch):
        end = at + int.from_bytes(view[at : at + 4], "little")
        documents.append(view[at:end])
        at = end
    return documents
