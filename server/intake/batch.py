"""A batch of records: what it changes, decided in one transaction.

    batch = RecordBatch.of(records)
    change = await store_batch(store, batch)
    change = await store_batch(store, batch, syncs)    # Basket and webhooks hear of what it changes

All of a batch is stored or nothing: an add-on never without its authors, never
half a state, never without the syncs it causes.
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
from server.intake.records import Account, Exact, InputRecord, Parsed, used_numbers
from server.storage import driver
from server.storage.operations import Document, Insert, Replace, Update
from server.storage.store import Store, Transaction
from server.webhooks.events import events_of
from server.webhooks.outbox import EndpointList, record_events

MutableDocument = dict[str, Any]
_FEW = 4  # no more documents than a record and its authors usually are
_SYNCED: Final = ("addon", "user")  # kinds that Basket hears of


@dataclass(slots=True)
class LoadCounts:
    """How many documents are new, how many others differ from before, how many syncs that caused."""

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
    """Records by what they are about. For one document a batch has states or a whole, not both."""

    exact: dict[str, dict[Any, Exact]] = field(default_factory=lambda: defaultdict(dict))
    states: dict[int, list[Parsed]] = field(default_factory=lambda: defaultdict(list))
    users: dict[int, list[MutableDocument]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, records: Iterable[InputRecord]) -> "RecordBatch":
        batch = cls()
        for record in records:
            batch.add(record)
        return batch

    def fits(self, record: InputRecord) -> bool:
        """Whether it says nothing of a document of which the batch says something of the other sort."""
        if isinstance(record, Exact):
            return not (record.kind.name == "addon" and record.id in self.states) and not (
                record.kind.name == "user" and record.id in self.users
            )
        users = self.exact["user"]
        if isinstance(record, Account):
            return record.user["_id"] not in users
        return record.addon["_id"] not in self.exact["addon"] and not any(
            user["_id"] in users for user in record.users
        )

    def add(self, record: InputRecord) -> None:
        if isinstance(record, Exact):
            self.exact[record.kind.name][record.id] = record
            return
        if isinstance(record, Account):
            self.users[record.user["_id"]].append(record.user)
            return
        self.states[record.addon["_id"]].append(record)
        for user in record.users:
            self.users[user["_id"]].append(user)

    async def apply(self, transaction: Transaction, syncs: Syncs | None = None) -> LoadCounts:
        """Merge with what is stored and write what differs. May run again: it changes nothing of itself.

        With `syncs`, each change is recorded for Basket and webhooks, as of a write of the API.
        Raises StoreError: Duplicate, Unstorable, Unavailable; BadDocument where a state is to be merged
        with a document that is damaged: only a whole one can take its place.
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
            await _put(transaction, kind.collection, list(new.values()), list(changed.values()))
            written = new | changed
            synced = 0
            if syncs and name in _SYNCED:
                synced = await _record(transaction, syncs, name, stored, written)
            total += LoadCounts(len(new), len(changed), synced)
            for id, document in written.items():
                _raise(numbers, self._used_numbers(name, id, document))
        await _keep_numbers(transaction, numbers)
        return total

    def _used_numbers(self, name: str, id: Any, document: Document) -> Mapping[str, int]:
        exact = self.exact[name].get(id)
        return exact.numbers if exact else used_numbers(name, document)

    def _ids(self, name: str) -> list[Any]:
        states: Iterable[int] = {"addon": list(self.states), "user": list(self.users)}.get(name, [])
        return [*self.exact.get(name, ()), *states]

    def _merged(
        self, name: str, stored: Mapping[Any, MutableDocument], damaged: Mapping[Any, str]
    ) -> dict[Any, Document]:
        """The documents as they shall be; the stored object itself where nothing changes."""
        states: dict[str, Iterable[int]] = {"addon": self.states, "user": self.users}
        for id in states.get(name, ()):
            if id in damaged:
                raise BadDocument(KINDS[name].collection, id, damaged[id])
        merged: dict[Any, Document] = {}
        for id, record in self.exact[name].items():
            known = stored.get(id)
            merged[id] = record.document if known is None else _met(KINDS[name], known, record)
        if name == "addon":
            merged |= {id: merge_states(stored.get(id), states) for id, states in self.states.items()}
        elif name == "user":
            merged |= {id: merge_user_states(stored.get(id), users) for id, users in self.users.items()}
        return merged


def _met(kind: RecordKind, stored: MutableDocument, record: Exact) -> Document:
    """What takes its place: itself where both say the same."""
    document = kind.meet(stored, dict(driver.plain(record.document)))
    return stored if document == stored else document


async def store_batch(store: Store, batch: RecordBatch, syncs: Syncs | None = None) -> LoadCounts:
    """Apply a batch. Works in read-only mode: operators load, callers do not.

    Raises what `RecordBatch.apply` raises, and Conflict where others keep writing the same documents.
    """
    return (await store.run_transaction(partial(batch.apply, syncs=syncs), maintenance=True)).value


async def _read(
    transaction: Transaction, kind: RecordKind, ids: Sequence[Any]
) -> tuple[dict[Any, MutableDocument], dict[Any, str]]:
    """By id, the documents that are stored and good; and what is wrong with the others."""
    documents = await transaction.find(kind.collection, {"_id": {"$in": ids}}, limit=len(ids), unchecked=True)
    faults = {document["_id"]: find_fault(document, kind.model) for document in documents}
    damaged = {id: fault for id, fault in faults.items() if fault}
    return {document["_id"]: document for document in documents if document["_id"] not in damaged}, damaged


async def _put(
    transaction: Transaction,
    collection: str,
    new: Sequence[Document],
    changed: Sequence[Document],
) -> None:
    """Few documents one by one, so that a fault says what it is about; many at once."""
    if len(new) + len(changed) <= _FEW:
        for document in new:
            await transaction.apply(Insert(collection, document))
        for document in changed:
            await transaction.apply(Replace(collection, document))
        return
    await transaction.bulk_insert(collection, new)
    await transaction.bulk_replace(collection, changed)


async def _record(
    transaction: Transaction,
    syncs: Syncs,
    kind: str,
    stored: Mapping[Any, MutableDocument],
    written: Mapping[Any, Document],
) -> int:
    """How many of the documents written Basket is to hear of."""
    pairs = [(stored.get(id), driver.plain(document)) for id, document in written.items()]
    updates = [update for old, new in pairs for update in syncs(kind, old, new)]
    await transaction.bulk_update(OUTBOX, updates)
    events = [event for old, new in pairs for event in events_of(kind, old, new)]
    await record_events(transaction, events, EndpointList())
    return len(updates)


def _raise(numbers: dict[str, int], used: Mapping[str, int]) -> None:
    for counter, number in used.items():
        numbers[counter] = max(number, numbers.get(counter, 0))


async def _keep_numbers(transaction: Transaction, numbers: Mapping[str, int]) -> None:
    """What has a number here is never given it again (`Store.next_id`). Raises BadDocument."""
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
