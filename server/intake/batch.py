"""A batch of records, merged with what is stored and written in one transaction.

    batch = RecordBatch.from_records(records)
    change = await store_batch(store, batch)
    change = await store_batch(store, batch, syncs)    # records the changes for Basket and webhooks

All of a batch is stored or nothing: an add-on never without its authors, and never without the syncs
that it causes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from conf.model.addons import CounterDoc
from conf.model.checks import find_fault
from server.basket.outbox import OUTBOX, Syncs
from server.errors import BadDocument
from server.intake.kinds import KINDS, RecordKind
from server.intake.merging import merge_states, merge_user_states
from server.intake.records import AddonState, FullDocument, InputRecord, UserFragment, used_numbers
from server.storage import driver
from server.storage.operations import Document, Insert, Replace, Update
from server.storage.store import Store, Transaction
from server.webhooks.events import change_events
from server.webhooks.outbox import EndpointList, record_events

MutableDocument = dict[str, Any]
_FEW: Final = 4  # documents, as many as a record and its authors usually are
_SYNCED: Final = ("addon", "user")  # kinds that Basket is told of


@dataclass(slots=True)
class LoadCounts:
    """How many documents are new, how many others changed, and how many syncs that caused."""

    new: int = 0
    changed: int = 0
    synced: int = 0

    def __iadd__(self, other: "LoadCounts") -> "LoadCounts":
        self.new += other.new
        self.changed += other.changed
        self.synced += other.synced
        return self


@dataclass(slots=True)
class RecordBatch:
    """Records by their document. For a document a batch has either states or a full document."""

    documents: dict[str, dict[Any, FullDocument]] = field(default_factory=lambda: defaultdict(dict))
    states: dict[int, list[AddonState]] = field(default_factory=lambda: defaultdict(list))
    users: dict[int, list[MutableDocument]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def from_records(cls, records: Iterable[InputRecord]) -> "RecordBatch":
        batch = cls()
        for record in records:
            batch.add(record)
        return batch

    def fits(self, record: InputRecord) -> bool:
        """Whether the batch has nothing of the other sort about the record's documents."""
        if isinstance(record, FullDocument):
            return not (record.kind.name == "addon" and record.id in self.states) and not (
                record.kind.name == "user" and record.id in self.users
            )
        users = self.documents["user"]
        if isinstance(record, UserFragment):
            return record.user["_id"] not in users
        return record.addon["_id"] not in self.documents["addon"] and not any(
            user["_id"] in users for user in record.users
        )

    def add(self, record: InputRecord) -> None:
        if isinstance(record, FullDocument):
            self.documents[record.kind.name][record.id] = record
            return
        if isinstance(record, UserFragment):
            self.users[record.user["_id"]].append(record.user)
            return
        self.states[record.addon["_id"]].append(record)
        for user in record.users:
            self.users[user["_id"]].append(user)

    async def apply(self, transaction: Transaction, syncs: Syncs | None = None) -> LoadCounts:
        """Merge with what is stored, and write what differs; may be repeated.

        With `syncs`, each change is recorded for Basket and webhooks, as a write of the API is.
        Raises Duplicate, Unstorable, Unavailable; BadDocument for a state of a stored document that is
        damaged, because only a full document can replace that.
        """
        total = LoadCounts()
        numbers: dict[str, int] = {}
        for name, kind in KINDS.items():
            ids = self._ids(name)
            if not ids:
                continue
            stored, damaged = await _read(transaction, kind, ids)
            merged = self._merged(name, stored, damaged)
            new = {id: document for id, document in merged.items() if id not in stored and id not in damaged}
            changed = {
                id: document
                for id, document in merged.items()
                if id in damaged or document is not stored.get(id, document)
            }
            await _write(transaction, kind.collection, list(new.values()), list(changed.values()))
            written = new | changed
            synced = 0
            if syncs and name in _SYNCED:
                synced = await _record_changes(transaction, syncs, name, stored, written)
            total += LoadCounts(len(new), len(changed), synced)
            for id, document in written.items():
                _add_numbers(numbers, self._used_numbers(name, id, document))
        await _raise_counters(transaction, numbers)
        return total

    def _used_numbers(self, name: str, id: Any, document: Document) -> Mapping[str, int]:
        record = self.documents[name].get(id)
        return record.numbers if record else used_numbers(name, document)

    def _ids(self, name: str) -> list[Any]:
        states: Iterable[int] = {"addon": list(self.states), "user": list(self.users)}.get(name, [])
        return [*self.documents.get(name, ()), *states]

    def _merged(
        self, name: str, stored: Mapping[Any, MutableDocument], damaged: Mapping[Any, str]
    ) -> dict[Any, Document]:
        """The documents to store; the stored object itself if nothing changes."""
        states: dict[str, Iterable[int]] = {"addon": self.states, "user": self.users}
        for id in states.get(name, ()):
            if id in damaged:
                raise BadDocument(KINDS[name].collection, id, damaged[id])
        merged: dict[Any, Document] = {}
        for id, record in self.documents[name].items():
            old = stored.get(id)
            merged[id] = record.document if old is None else _merged_document(KINDS[name], old, record)
        if name == "addon":
            merged |= {id: merge_states(stored.get(id), states) for id, states in self.states.items()}
        elif name == "user":
            merged |= {id: merge_user_states(stored.get(id), users) for id, users in self.users.items()}
        return merged


def _merged_document(kind: RecordKind, stored: MutableDocument, record: FullDocument) -> Document:
    """The document that replaces the stored one: `stored` itself if they are equal."""
    document = kind.merge(stored, dict(driver.decoded(record.document)))
    return stored if document == stored else document


async def store_batch(store: Store, batch: RecordBatch, syncs: Syncs | None = None) -> LoadCounts:
    """Apply a batch, also in read-only mode, because operators load, not callers.

    Raises what `RecordBatch.apply` raises, and Conflict if others keep writing the same documents.
    """
    return (await store.run_transaction(partial(batch.apply, syncs=syncs), maintenance=True)).value


async def _read(
    transaction: Transaction, kind: RecordKind, ids: Sequence[Any]
) -> tuple[dict[Any, MutableDocument], dict[Any, str]]:
    """By id, the stored documents that are valid, and the faults of the others."""
    documents = await transaction.find(kind.collection, {"_id": {"$in": ids}}, limit=len(ids), unchecked=True)
    faults = {document["_id"]: find_fault(document, kind.model) for document in documents}
    damaged = {id: fault for id, fault in faults.items() if fault}
    return {document["_id"]: document for document in documents if document["_id"] not in damaged}, damaged


async def _write(
    transaction: Transaction,
    collection: str,
    new: Sequence[Document],
    changed: Sequence[Document],
) -> None:
    """Write a few documents one by one, so that a fault names the document; many at once."""
    if len(new) + len(changed) <= _FEW:
        for document in new:
            await transaction.apply(Insert(collection, document))
        for document in changed:
            await transaction.apply(Replace(collection, document))
        return
    await transaction.bulk_insert(collection, new)
    await transaction.bulk_replace(collection, changed)


async def _record_changes(
    transaction: Transaction,
    syncs: Syncs,
    kind: str,
    stored: Mapping[Any, MutableDocument],
    written: Mapping[Any, Document],
) -> int:
    """Record changes for Basket and webhooks; returns how many syncs that makes."""
    pairs = [(stored.get(id), driver.decoded(document)) for id, document in written.items()]
    updates = [update for old, new in pairs for update in syncs(kind, old, new)]
    await transaction.bulk_update(OUTBOX, updates)
    events = [event for old, new in pairs for event in change_events(kind, old, new)]
    await record_events(transaction, events, EndpointList())
    return len(updates)


def _add_numbers(numbers: dict[str, int], used: Mapping[str, int]) -> None:
    for counter, number in used.items():
        numbers[counter] = max(number, numbers.get(counter, 0))


async def _raise_counters(transaction: Transaction, numbers: Mapping[str, int]) -> None:
    """Raise the counters above these numbers, so that `Store.next_id` never returns them.

    Raises BadDocument.
    """
    counters: dict[str, int] = {}
    for stored in await transaction.find("counters", {"_id": {"$in": list(numbers)}}, unchecked=True):
        if fault := find_fault(stored, CounterDoc):
            raise BadDocument("counters", stored["_id"], fault)
        counters[stored["_id"]] = stored["value"]
    higher = [
        (counter, number) for counter, number in sorted(numbers.items()) if number > counters.get(counter, 0)
    ]
    updates = [
        Update("counters", counter, {"$max": {"value": number}}, upsert=True) for counter, number in higher
    ]
    await transaction.bulk_update("counters", updates)
