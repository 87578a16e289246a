"""Writes of the API: one transaction, then a wait until this process shows the change.

    changes = Changes(store, feed)
    addon = await changes.edit_addon(7, lambda addon: Edited(addon | {"tags": ["music"]}))
    await changes.create_addon(document, [NewRecord("notes", note)])
    user = await changes.edit_user(3, edit)
    await changes.write([NewRecord("ratings", rating)])

An edit is a pure function of a fresh copy of the document. If it raises, nothing
is stored. If another writer was faster, the edit runs again on the newer document,
so that no concurrent edit is lost.

A write of several documents is a function of a `Change`, the running transaction;
it may run several times, too:

    async def work(change: Change) -> AddonDoc:
        ratings = await change.find("ratings", {"addon_id": 7})
        await change.apply(Insert("ratings", rating))
        return await change.edit_addon(7, lambda addon: Edited(summarised(addon, ratings)))

    addon = await changes.run(work)

The transaction also stores `records` (notes, activity), the outbox operations that
`syncs(kind, old, new)` returns for an add-on ("addon") or account ("user"), where `old`
is None for a new one, and the events for webhooks.

Thread rule: event loop only.
"""

import itertools
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar, cast

import orjson

from conf.model.addons import AddonDoc, UserDoc
from server.errors import Conflict
from server.following.feed import Feed
from server.storage.operations import Document, Insert, Operation, Replace
from server.storage.schema import COLLECTIONS
from server.storage.store import Store, Transaction
from server.webhooks.events import Event, change_events, rating_events
from server.webhooks.outbox import EndpointList, record_events

log = logging.getLogger(__name__)

# Seconds that a writer waits until this process shows its change, which is durable already.
PATIENCE: Final = 2.0
# Documents per transaction where any number may have to change: a transaction may last only some seconds.
BATCH: Final = 50
_COLLECTIONS: Final = {"addon": "addons", "user": "users"}
# Collections whose documents are numbered -> the counter.
_COUNTERS: Final = {"activity": "activity", "notes": "note", "ratings": "rating", "reports": "report"}

T = TypeVar("T")
D = TypeVar("D", AddonDoc, UserDoc)

NextId = Callable[[str, int], Awaitable[int]]  # (counter, how many) -> the first
# (kind, old, new) -> what goes into the outbox with the change.
SyncsFor = Callable[[str, Any, Any], Sequence[Operation]]


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A new document of another collection, stored with the change or not at all.

    If it has no `_id`, it gets the next number of its collection.
    """

    collection: str
    document: Document


@dataclass(frozen=True, slots=True)
class Edited(Generic[D]):
    """A changed document, and the records of the change."""

    document: D
    records: Sequence[NewRecord] = ()


AddonEdit = Callable[[AddonDoc], Edited[AddonDoc]]
UserEdit = Callable[[UserDoc], Edited[UserDoc]]


def no_syncs(kind: str, old: Any, new: Any) -> Sequence[Operation]:
    """For a deployment, or a test, without Basket."""
    return ()


class Change:
    """A running transaction: reads see its own writes and the state it began with."""

    def __init__(
        self, transaction: Transaction, syncs: SyncsFor, next_id: NextId, endpoints: EndpointList
    ) -> None:
        self._transaction = transaction
        self._endpoints = endpoints
        self._syncs = syncs
        self._next_id = next_id
        self._events: list[Event] = []
        self.affects_memory = False  # whether it wrote documents that processes hold in memory
        self.find = transaction.find
        self.find_one = transaction.find_one
        self.find_addon = transaction.find_addon

    async def edit_addon(self, addon_id: int, edit: AddonEdit) -> AddonDoc:
        """The document as it was stored. Raises Conflict if it does not exist, and what `edit` raises."""
        return await self._edit("addon", addon_id, edit)

    async def edit_addons(self, query: Document, edit: AddonEdit, limit: int) -> list[AddonDoc]:
        """As `edit_addon`, for up to `limit` of the add-ons that a query finds."""
        addons = cast(list[AddonDoc], await self.find("addons", query, limit=limit))
        return [await self._replace("addon", addon, edit) for addon in addons]

    async def edit_user(self, user_id: int, edit: UserEdit) -> UserDoc:
        """As `edit_addon`, for an account."""
        return await self._edit("user", user_id, edit)

    async def create_addon(self, addon: AddonDoc, records: Sequence[NewRecord] = ()) -> AddonDoc:
        """Raises Duplicate for a guid or slug that is taken."""
        return await self._create("addon", addon, records)

    async def create_user(self, user: UserDoc, records: Sequence[NewRecord] = ()) -> UserDoc:
        """Raises Duplicate for a username that is taken."""
        return await self._create("user", user, records)

    async def record(self, *records: NewRecord) -> None:
        unnumbered = Counter(record.collection for record in records if "_id" not in record.document)
        # Together, because each call waits for the disk.
        numbers = {
            name: itertools.count(await self._next_id(_COUNTERS[name], number))
            for name, number in unnumbered.items()
        }
        for record in records:
            document = dict(record.document)
            if "_id" not in document:
                document = {"_id": next(numbers[record.collection]), **document}
            await self.apply(Insert(record.collection, document))
            if record.collection == "activity":
                self._events += rating_events(document)

    async def record_events(self) -> None:
        """Queue the events of the transaction for webhooks; called last."""
        await record_events(self._transaction, self._events, self._endpoints)

    async def apply(self, *operations: Operation) -> None:
        """Raises Duplicate, Conflict, Unstorable."""
        for operation in operations:
            self.affects_memory |= COLLECTIONS[operation.collection].followed
            await self._transaction.apply(operation)

    async def _edit(self, kind: str, id_: int, edit: Callable[[D], Edited[D]]) -> D:
        collection = _COLLECTIONS[kind]
        old = cast(D | None, await self._transaction.find_one(collection, {"_id": id_}))
        if old is None:
            raise Conflict(f"{collection}: {id_} is gone")
        return await self._replace(kind, old, edit)

    async def _replace(self, kind: str, old: D, edit: Callable[[D], Edited[D]]) -> D:
        edited = edit(_copied(old))
        new = edited.document
        if new != old:
            new["revision"] = old.get("revision", 0) + 1
            await self.apply(Replace(_COLLECTIONS[kind], new), *self._syncs(kind, old, new))
            self._events += change_events(kind, old, new)
        await self.record(*edited.records)
        return new

    async def _create(self, kind: str, document: D, records: Sequence[NewRecord]) -> D:
        document["revision"] = 1
        await self.apply(Insert(_COLLECTIONS[kind], document), *self._syncs(kind, None, document))
        self._events += change_events(kind, None, document)
        await self.record(*records)
        return document


class Changes:
    """Makes all changes of the API; bulk loading (server/intake) does not use it."""

    def __init__(self, store: Store, feed: Feed | None, syncs: SyncsFor = no_syncs) -> None:
        """Without a `feed`, as in commands, nothing waits until a change is shown."""
        self._store = store
        self._feed = feed
        self._syncs = syncs
        self._endpoints = EndpointList()

    async def edit_addon(self, addon_id: int, edit: AddonEdit) -> AddonDoc:
        """As `Change.edit_addon`, in a transaction of its own."""
        return await self.run(lambda change: change.edit_addon(addon_id, edit))

    async def edit_user(self, user_id: int, edit: UserEdit, *, wait: bool = True) -> UserDoc:
        """As `Change.edit_user`; without `wait` for what nobody reads next, such as a login's date."""
        return await self.run(lambda change: change.edit_user(user_id, edit), wait=wait)

    async def create_addon(self, addon: AddonDoc, records: Sequence[NewRecord] = ()) -> AddonDoc:
        return await self.run(lambda change: change.create_addon(addon, records))

    async def write(self, records: Sequence[NewRecord]) -> None:
        """New documents of other collections, all of them or none."""
        await self.run(lambda change: change.record(*records))

    async def run(self, work: Callable[[Change], Awaitable[T]], *, wait: bool = True) -> T:
        """`work` as one durable transaction; returns what it returned once this process shows the change.

        Raises ReadOnly (nothing is stored), Unavailable (in the rare case that
        the commit's answer was lost the change may be stored), Conflict after
        several seconds of other writers in the way, and what `work` raises.
        """
        change: Change | None = None

        async def attempt(transaction: Transaction) -> T:
            nonlocal change
            change = Change(transaction, self._syncs, self._store.next_id, self._endpoints)
            value = await work(change)
            await change.record_events()
            return value

        committed = await self._store.run_transaction(attempt)
        if not (wait and self._feed and change is not None and change.affects_memory):
            return committed.value
        if not await self._feed.seen(committed.position, PATIENCE):
            log.info("a change is stored and not shown yet after %.0f s", PATIENCE)
        return committed.value


def _copied(document: D) -> D:
    """A deep copy by way of JSON, which is ten times faster than `copy.deepcopy`."""
    copied: D = orjson.loads(orjson.dumps(document))
    return copied
