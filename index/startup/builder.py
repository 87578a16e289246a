"""Filling a catalogue: raw documents become documents, columns and text index.

    builder = Builder(parts, memory)
    builder.read_ahead()            # what is remembered, before anybody can say what of it still holds
    builder.begin(decode)
    builder.absorb(batch)           # any number; how many add-ons there were
    builder.finish()

Nearly all add-ons are as they were at the last start. So the text index is filled with what is
remembered while MongoDB is still starting; then each document only has to show that it is the
same, and in the end what was changed meanwhile is put in the place of what it was, as for any
change. A document that cannot be taken is left out and named in `faults`; it stops no other.

Index-writer thread, and no call may hold the interpreter lock for long: the event loop
is at work meanwhile.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from conf.model.addons import AddonDoc
from index import facts
from index.columns.columns import Columns
from index.documents.documents import AddonDocuments
from index.documents.language_tools import LanguageTools
from index.entry import Entry, places_terms, username_terms
from index.runtime.heap import return_memory
from index.search_params.featured import FeaturedSets
from index.startup.prepared import Known, Own, Prepared, from_bytes, prepare
from index.startup.prepared_cache import PreparedCache, digest, documents_in
from index.text.engine import Engine
from index.text.schema import IndexText
from index.validation import describe_error, find_addon_fault

Decode = Callable[[bytes], list[dict[str, Any]]]  # of concatenated BSON documents


@dataclass(slots=True)
class CatalogueParts:
    """What a catalogue is made of."""

    documents: AddonDocuments
    columns: Columns
    engine: Engine
    tools: LanguageTools
    featured: FeaturedSets

    def put(self, prepared: Prepared) -> Entry | None:
        """Take a public add-on; its entry, for columns and engine, where listings may show it."""
        self.documents.put(prepared.id, prepared.packed)
        self.tools.put(prepared.id, prepared.tool)
        own = prepared.own
        return own.entry.with_terms(self.more(own)) if own else None

    def more(self, own: Own, addon: AddonDoc | None = None) -> tuple[str, ...]:
        """The terms that users and featured sets give an add-on; None is that of `documents`."""
        terms = dict.fromkeys(username_terms(own.authors, self.documents.users))
        places = self.featured.places(own.entry.id)
        if places:
            categories = (addon or self.documents.addon(own.entry.id))["categories"]
            terms.update(dict.fromkeys(places_terms(places, categories)))
        return tuple(terms)

    def drop(self, addon_id: int) -> None:
        """Forget an add-on; columns and engine hear of it by themselves."""
        self.documents.drop(addon_id)
        self.tools.drop(addon_id)


class _Remembered(NamedTuple):
    """What was remembered of a public add-on; its text is in the index."""

    prepared: Prepared
    more: tuple[str, ...]


class Builder:
    def __init__(self, parts: CatalogueParts, memory: PreparedCache) -> None:
        self.parts = parts
        self._memory = memory
        self.faults: dict[str, str] = {}  # by id: add-ons that were left out, and why
        self._decode: Decode = lambda raw: []
        self._is_fitted = False
        self._entries: list[Entry] = []
        self._ahead: dict[bytes, _Remembered | None] = {}  # None: not public
        self._stale: set[int] = set()  # in the text index, and not confirmed yet
        self._late: list[tuple[IndexText, tuple[str, ...]]] = []  # texts that wait for the first commit
        self._committing: Future[object] | None = None

    def open(self) -> None:
        """Pack as what is remembered is packed."""
        dictionaries = self._memory.open()
        if dictionaries is not None:
            self.parts.documents.use(dictionaries)
            self._fitted()

    def read_ahead(self) -> None:
        """`open`, and fill the text index."""
        self.open()
        engine = self.parts.engine
        for key, known in self._memory:
            if known and known.prepared.id in self._stale:
                continue  # read twice by a scan while it changed: the index must have it once
            self._ahead[key] = _Remembered(known.prepared, known.more) if known else None
            if known and known.text:
                engine.add(known.text, known.more)
                self._stale.add(known.prepared.id)
        if self._stale:
            self._committing = engine.write()

    def begin(self, decode: Decode) -> None:
        self._decode = decode

    def absorb(self, batch: bytes) -> int:
        """Take the add-ons of a batch, the first one large enough to fit the compression to."""
        documents = self._read(batch)
        for document in documents:
            key = digest(document)
            if key not in self._ahead or not self._confirm(key, self._ahead.pop(key)):
                self._attempt(self._take, key, document)
        return len(documents)

    def prepare(self, batch: bytes) -> int:
        """As `absorb`, for the memory alone."""
        documents = self._read(batch)
        for document in documents:
            key = digest(document)
            if key in self._memory:
                self._memory.confirm(key)
                continue
            self._attempt(self._remember, key, document)
        return len(documents)

    def finish(self) -> None:
        """Make what was taken searchable."""
        # The one gives up the interpreter lock for most of its time, the other needs it for all of it.
        loading = threading.Thread(target=self._load_columns, name="columns")
        loading.start()
        try:
            self._complete_text()
        finally:
            loading.join()
        # Bit by bit: to free many in one go would hold up other threads.
        while self._ahead:
            self._ahead.popitem()
        while self._late:
            self._late.pop()
        return_memory()

    def _complete_text(self) -> None:
        engine = self.parts.engine
        if self._committing:
            self._committing.result()
        for addon_id in self._stale:
            engine.drop(addon_id)
        for text, more in self._late:
            engine.add(text, more)
        engine.commit()
        engine.refresh()

    def _load_columns(self) -> None:
        self.parts.columns.load(self._entries)
        while self._entries:  # bit by bit, as in `finish`
            self._entries.pop()

    def _read(self, batch: bytes) -> list[memoryview]:
        """The documents of a batch; the first one fits the compression, if nothing did."""
        documents = documents_in(batch)
        if not self._is_fitted:
            sound = (addon for addon in map(self._one, documents) if find_addon_fault(addon) is None)
            self.parts.documents.train(list(filter(facts.is_public, sound)))
            self._fitted()
        return documents

    def _fitted(self) -> None:
        self._memory.begin(self.parts.documents.dictionaries)
        self._is_fitted = True

    def _confirm(self, key: bytes, ahead: _Remembered | None) -> bool:
        """The document is the one that was remembered; False where it has to be prepared anew."""
        entry = self.parts.put(ahead.prepared) if ahead else None
        if ahead is None or ahead.prepared.own is None or entry is None:
            self._memory.confirm(key)
            return True
        more = entry.terms[len(ahead.prepared.own.entry.terms) :]
        if more == ahead.more:
            self._stale.discard(entry.id)
            self._memory.confirm(key)
        elif (record := self._memory.find(key)) is not None:
            text = from_bytes(record).text
            self._memory.keep(key, Known(ahead.prepared, text, more))
            self._add(text, more)
        else:  # damaged since it was read ahead
            return False
        self._entries.append(entry)
        return True

    def _attempt(self, work: Callable[[bytes, AddonDoc], None], key: bytes, document: memoryview) -> None:
        """`work` for a document that is new, if it is one that can be shown."""
        addon = self._one(document)
        fault = find_addon_fault(addon)
        if fault is None:
            try:
                work(key, addon)
            except Exception as error:  # whatever one document holds, the others are wanted
                fault = describe_error(error)
        if fault:
            self.faults[str(addon["_id"])] = fault

    def _take(self, key: bytes, addon: AddonDoc) -> None:
        prepared = self._prepared(addon)
        text = self._text(addon, prepared)
        entry = self.parts.put(prepared) if prepared else None
        more: tuple[str, ...] = ()
        if entry and prepared and prepared.own:
            more = entry.terms[len(prepared.own.entry.terms) :]
            self._entries.append(entry)
        self._keep(key, prepared, text, more)
        self._add(text, more)

    def _remember(self, key: bytes, addon: AddonDoc) -> None:
        prepared = self._prepared(addon)
        own = prepared.own if prepared else None
        self._keep(key, prepared, self._text(addon, prepared), self.parts.more(own, addon) if own else ())

    def _text(self, addon: AddonDoc, prepared: Prepared | None) -> IndexText | None:
        """None: listings do not show it."""
        return self.parts.engine.text(addon, prepared.own.entry) if prepared and prepared.own else None

    def _keep(
        self, key: bytes, prepared: Prepared | None, text: IndexText | None, more: tuple[str, ...]
    ) -> None:
        """Remember a new document."""
        self._memory.keep(key, Known(prepared, text, more) if prepared else None)

    def _add(self, text: IndexText | None, more: tuple[str, ...]) -> None:
        if text is None:
            return
        if self._committing:
            self._late.append((text, more))
        else:
            self.parts.engine.add(text, more)

    def _prepared(self, addon: AddonDoc) -> Prepared | None:
        """None: it is not public."""
        return prepare(addon, self.parts.documents) if facts.is_public(addon) else None

    def _one(self, document: memoryview) -> AddonDoc:
        return cast(AddonDoc, self._decode(bytes(document))[0])
