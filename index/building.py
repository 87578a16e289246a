"""Filling a catalogue: raw documents become documents, columns and text index.

    builder = Builder(parts, decode, memory)
    builder.open(expected)
    builder.absorb(batch)       # any number; how many add-ons there were
    builder.finish()

What was prepared before is taken over (prepared.py), so only what is new is decoded. Index-writer
thread, and no call may hold the interpreter lock for long: the event loop is at work meanwhile.
"""

import ctypes
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from conf.model import AddonDoc
from index import addon as facts
from index.columns import Columns
from index.documents import Documents
from index.engine import Engine
from index.entry import Entry, places_terms, username_terms
from index.featured import FeaturedSets
from index.prepared import HIDDEN, Memory, Own, Prepared, digest, documents_in, from_bytes, prepare, to_bytes
from index.schema import IndexText
from index.tools import LanguageTools

Decode = Callable[[bytes], list[dict[str, Any]]]  # of concatenated BSON documents


@dataclass(slots=True)
class Parts:
    """What a catalogue is made of."""

    documents: Documents
    columns: Columns
    engine: Engine
    tools: LanguageTools
    featured: FeaturedSets

    def put(self, prepared: Prepared) -> Entry | None:
        """Take a public add-on; its entry, for columns and engine, where listings may show it.

        `tools` hear of it by themselves.
        """
        self.documents.put(prepared.id, prepared.packed)
        return self._complete(prepared.own) if prepared.own else None

    def _complete(self, own: Own) -> Entry:
        """With what users and featured sets say."""
        places = self.featured.places(own.entry.id)
        categories = self.documents.addon(own.entry.id)["categories"] if places else {}
        usernames = username_terms(own.authors, self.documents.users)
        return own.entry.with_terms((*usernames, *places_terms(places, categories)))

    def drop(self, addon_id: int) -> None:
        """Forget an add-on; columns and engine hear of it by themselves."""
        self.documents.drop(addon_id)
        self.tools.drop(addon_id)


class Builder:
    def __init__(self, parts: Parts, decode: Decode, memory: Memory) -> None:
        self._parts = parts
        self._decode = decode
        self._memory = memory
        self._is_fitted = False
        self._entries: list[Entry] = []

    def open(self, expected: int) -> None:
        """`expected`: how many add-ons there are, more or less."""
        dictionaries = self._memory.open(expected)
        if dictionaries is not None:
            self._parts.documents.use(dictionaries)
            self._begin()

    def _begin(self) -> None:
        self._memory.begin(self._parts.documents.dictionaries)
        self._is_fitted = True

    def absorb(self, batch: bytes) -> int:
        """Take the add-ons of a batch, the first one large enough to fit the compression to."""
        documents = documents_in(batch)
        self._fit(documents)
        for document in documents:
            found = self._prepared(document)
            if found is not None:
                self._put(document, *found)
        return len(documents)

    def prepare(self, batch: bytes) -> int:
        """As `absorb`, for the memory alone."""
        documents = documents_in(batch)
        self._fit(documents)
        for document in documents:
            self._prepared(document)
        return len(documents)

    def finish(self) -> None:
        """Make what was taken searchable."""
        # Each gives up the interpreter lock for most of its time, or needs it for all of it.
        loading = threading.Thread(target=self._load_columns, name="columns")
        loading.start()
        try:
            self._parts.engine.commit()
            self._parts.engine.refresh()
        finally:
            loading.join()
        return_memory()

    def _load_columns(self) -> None:
        self._parts.columns.load(self._entries)
        while self._entries:  # bit by bit: to free them in one go would hold up other threads
            self._entries.pop()

    def _fit(self, documents: list[memoryview]) -> None:
        if self._is_fitted:
            return
        found = map(self._one, documents)
        self._parts.documents.train([addon for addon in found if facts.is_public(addon)])
        self._begin()

    def _prepared(self, document: memoryview) -> tuple[Prepared, IndexText | None] | None:
        """None for one that is not public."""
        key = digest(document)
        record = self._memory.find(key)
        if record is not None:
            return from_bytes(record) if record else None
        addon = self._one(document)
        if not facts.is_public(addon):
            self._memory.keep(key, HIDDEN)
            return None
        prepared = prepare(addon, self._parts.documents)
        text = self._parts.engine.text(addon, prepared.own.entry) if prepared.own else None
        self._memory.keep(key, to_bytes(prepared, text))
        return prepared, text

    def _put(self, document: memoryview, prepared: Prepared, text: IndexText | None) -> None:
        entry = self._parts.put(prepared)
        if prepared.is_tool:
            self._parts.tools.put(self._one(document))
        if entry and text and prepared.own:
            self._parts.engine.add(text, entry.terms[len(prepared.own.entry.terms) :])
            self._entries.append(entry)

    def _one(self, document: memoryview) -> AddonDoc:
        return cast(AddonDoc, self._decode(bytes(document))[0])


def return_memory() -> None:
    """Give the pages that building left empty back to the system, where the C library can (glibc)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
