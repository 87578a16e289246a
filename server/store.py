"""MongoDB: the only door to it, and the only module that imports its driver.

    store = await Store.open(uri, "amoeba", timeout=5.0)
    addon = await store.find_addon("slug", "tab-tree")
    position = await store.write([Replace("addons", addon, revision=4), Insert("outbox", record)])

Every call ends within the timeout given at `open` and raises only what
`server/errors.py` names: the driver's exceptions stay here. What is read is
majority-committed; what a write acknowledged is journaled on a majority.
While MongoDB is known to be away calls end at once; the driver asks it on its
own, and within a second of its return they are made again.

Thread rule: use it on the event loop; network and BSON work are in threads.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import Any, Generic, NamedTuple, Self, TypeVar

import bson
import pymongo
from bson.errors import BSONError
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DocumentTooLarge,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from index.collector import held_off
from server.backoff import pauses
from server.bad_documents import BadDocuments
from server.collections import COLLECTIONS, create_collections
from server.documents import Documents, Driver, position_of
from server.errors import (
    Conflict,
    Duplicate,
    NotReplicaSet,
    ReadOnly,
    Refused,
    StartError,
    StoreError,
    StreamLost,
    Unavailable,
    Unstorable,
)
from server.operations import Document, Operation, Position, Update
from server.store_abandoned import IDLE, end_abandoned
from server.stream import Stream

log = logging.getLogger(__name__)

T = TypeVar("T")

APPLICATION = "amoeba"
# Seconds without a primary in which a call waits for one; after that none does.
KNOWN_AWAY = 1.0
DURABLE = WriteConcern(w="majority", j=True)
_MAJORITY = ReadConcern("majority")
# MongoDB's error codes by what they mean here; every other one is a fault of ours.
_DUPLICATE = 11000
_CODES: Mapping[int, type[StoreError]] = (
    {112: Conflict}
    | dict.fromkeys((13, 18), Refused)  # Unauthorized, AuthenticationFailed
    | dict.fromkeys((136, 222, 260, 280, 286), StreamLost)  # history gone, token of another log
    | dict.fromkeys((10334, 17419, 17420), Unstorable)  # too large
    # Time limits, locks, killed cursors and transactions, a full disk: better luck later.
    | dict.fromkeys((24, 43, 46, 50, 202, 225, 237, 251, 256, 14031), Unavailable)
)
_LABELS: Mapping[str, type[StoreError]] = {
    "NonResumableChangeStreamError": StreamLost,
    "ResumableChangeStreamError": Unavailable,
    "TransientTransactionError": Unavailable,
    "RetryableWriteError": Unavailable,
}
_STANDALONE = (
    "The MongoDB server is not a member of a replica set, and without one there are no transactions. "
    "One member is enough: start mongod with --replSet amoeba and run rs.initiate() once in mongosh. "
    "Or leave MONGODB_URI unset, and a private mongod is started."
)


class Committed(NamedTuple, Generic[T]):
    """What a transaction's function returned, and where the change stream will have its writes."""

    value: T
    position: Position | None


class Transaction(Documents):
    """Documents as one transaction sees them; `position` is set once it is committed."""

    position: Position | None = None


class Store(Documents):
    """While `read_only` is set (state.py), writes for callers raise ReadOnly."""

    read_only = False

    def __init__(self, client: Any, database: str, timeout: float) -> None:
        super().__init__(client[database], timeout, replace(DRIVER, calls=self._reached))
        self.bad_documents = BadDocuments()
        self._client = client
        self._away_since: float | None = None

    @classmethod
    async def open(cls, uri: str, database: str, timeout: float) -> Self:
        """Connect, check the server, make collections and indexes.

        Raises NotReplicaSet, Unavailable, StartError (unusable URI, password or data).
        """
        try:
            store = cls(_client(uri, timeout), database, timeout)
        except (ConfigurationError, ValueError) as fault:
            raise StartError(f"MONGODB_URI cannot be used: {fault}") from fault
        try:
            await store._prepare()
        except BaseException:
            store.close()
            raise
        return store

    async def _prepare(self) -> None:
        try:
            hello = await self.ping()
            if not hello.get("setName") and hello.get("msg") != "isdbgrid":
                raise NotReplicaSet(_STANDALONE)
            await create_collections(self.database, COLLECTIONS, _calls, self.timeout * 60)
            async with self.transaction() as transaction:
                await transaction.find_one("site", {})
        except Refused as fault:
            raise StartError(f"MongoDB cannot be used: {fault}") from fault
        except Duplicate as fault:
            raise StartError(f"The data breaks a rule, so no index can be made of it: {fault}") from fault

    def close(self) -> None:
        self._client.close()

    async def ping(self) -> dict[str, Any]:
        """The server's own description of itself; raises Unavailable."""
        with self._reached(self.timeout):
            answer: dict[str, Any] = await self.database.command("hello")
        return answer

    @contextmanager
    def _reached(self, timeout: float | None) -> Iterator[None]:
        """As `_calls`, but nobody waits for what others have waited for in vain."""
        away = self._seconds_away()
        if away > KNOWN_AWAY:
            raise Unavailable(f"MongoDB has been away for {away:.0f} s")
        with _calls(timeout):
            yield

    def _seconds_away(self) -> float:
        """Since this was first asked without there being a primary; the driver follows that by itself."""
        now = asyncio.get_running_loop().time()
        if self._client.topology_description.has_writable_server():
            self._away_since = None
            return 0.0
        self._away_since = self._away_since or now
        return now - self._away_since

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commits at the end, rolls back on an exception. One try: see `run_transaction`."""
        async with await self._start_session() as session:
            with _calls(None):
                session.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=DURABLE)
            transaction = Transaction(self.database, self.timeout, DRIVER, session)
            try:
                yield transaction
                await self._commit(session)
            except BaseException:
                if session.in_transaction:
                    with suppress(StoreError), _calls(self.timeout):
                        await session.abort_transaction()
                raise
            transaction.position = position_of(session)

    async def _commit(self, session: Any) -> None:
        """Until the outcome is known: asked again, MongoDB says committed or no such transaction.

        When it stays unknown, the fault is not `transient`: the work may have been done.
        """
        end = asyncio.get_running_loop().time() + self.timeout
        for pause in pauses(0.05, 0.5):
            try:
                with _calls(self.timeout):
                    return await session.commit_transaction()
            except StoreError as fault:
                if not _outcome_unknown(fault):
                    raise
                if asyncio.get_running_loop().time() + pause > end:
                    raise Unavailable(str(fault), code=fault.code) from fault
            await asyncio.sleep(pause)
        return None

    async def run_transaction(
        self, work: Callable[[Transaction], Awaitable[T]], *, maintenance: bool = False
    ) -> Committed[T]:
        """`work` in a transaction, again while other writers or a new primary get in its way.

        `work` may run several times. `maintenance` writes also in read-only mode.
        Raises ReadOnly, Unavailable, Conflict, and what `work` raises.
        """
        if self.read_only and not maintenance:
            raise ReadOnly("the site is in read-only mode")
        begun = asyncio.get_running_loop().time()
        end, look = begun + self.timeout, begun + IDLE
        waits = pauses(0.005, 0.25)
        with pymongo.timeout(self.timeout):  # for all tries together
            while True:
                try:
                    async with self.transaction() as transaction:
                        value = await work(transaction)
                    return Committed(value, transaction.position)
                except StoreError as fault:
                    now = asyncio.get_running_loop().time()
                    if not fault.transient or now > end:
                        raise
                    blocked = isinstance(fault, Conflict) and now > look
                if blocked:
                    look = now + IDLE
                    await self._end_abandoned()
                await asyncio.sleep(next(waits))

    async def _end_abandoned(self) -> None:
        """Who is in the way for so long may be dead."""
        with suppress(StoreError):
            ended = await end_abandoned(self._client.admin, APPLICATION, _calls, self.timeout)
            if ended:
                log.warning("ended %d transactions that nobody went on with", ended)

    async def write(self, operations: Sequence[Operation], *, maintenance: bool = False) -> Position | None:
        """All of the operations or none: a change with the outbox records it causes.

        Returns where the change stream will have them (`feed.seen`). Raises
        Duplicate, Conflict, Unstorable, ReadOnly, Unavailable.
        """

        async def apply_all(transaction: Transaction) -> None:
            for operation in operations:
                await transaction.apply(operation)

        return (await self.run_transaction(apply_all, maintenance=maintenance)).position

    async def next_id(self, counter: str, count: int = 1) -> int:
        """A number never given before; the first of `count` in a row. Gaps are possible."""
        with self._reached(self.timeout):
            stored = await self.database["counters"].find_one_and_update(
                {"_id": counter}, {"$inc": {"value": count}}, upsert=True, return_document=True
            )
        return int(stored["value"]) - count + 1

    async def raise_counter(self, counter: str, used: int) -> None:
        """`used` and all numbers below it are taken: `next_id` goes on above."""
        with self._reached(self.timeout):
            await self.database["counters"].update_one(
                {"_id": counter}, {"$max": {"value": used}}, upsert=True
            )

    async def watch(self, token: Mapping[str, Any] | None = None) -> Stream:
        """Changes from now on, or from where a stream with this token stopped (StreamLost: too long ago)."""
        self._seconds_away()  # whoever follows is the first to notice
        followed = [name for name, collection in COLLECTIONS.items() if collection.followed]
        return await Stream.open(self.database, _calls, self.timeout, followed, token)


async def run_command(uri: str, command: Document, timeout: float) -> dict[str, Any]:
    """One administrative command on a connection of its own."""
    client = _client(uri, timeout)
    try:
        with _calls(timeout):
            answer: dict[str, Any] = await client.admin.command(command)
        return answer
    finally:
        client.close()


def _client(uri: str, timeout: float) -> Any:
    milliseconds = int(timeout * 1000)
    # At DEBUG the driver logs whole commands: secrets, addresses, sessions.
    logging.getLogger("pymongo.command").setLevel(logging.INFO)
    return AsyncIOMotorClient(
        uri,
        appname=APPLICATION,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        readPreference="primary",
        retryWrites=True,
        retryReads=True,
        serverSelectionTimeoutMS=milliseconds,
        connectTimeoutMS=milliseconds,
        # Only for the calls that bound themselves; a change stream waits up to a second.
        socketTimeoutMS=milliseconds + 5000,
        waitQueueTimeoutMS=milliseconds,
        maxPoolSize=64,
        # A server that comes back is noticed within a second.
        heartbeatFrequencyMS=1000,
    )


@contextmanager
def _calls(timeout: float | None) -> Iterator[None]:
    """A call to the driver: bounded in time (None: it bounds itself), its exceptions in our words."""
    try:
        with nullcontext() if timeout is None else pymongo.timeout(timeout):
            yield
    except (PyMongoError, BSONError, OverflowError, UnicodeEncodeError) as fault:
        raise _translate(fault) from fault


def _translate(fault: Exception) -> StoreError:
    if not isinstance(fault, PyMongoError) or isinstance(fault, DocumentTooLarge):
        return Unstorable(str(fault))
    details = _details(fault)
    code = details.get("code")
    if code == _DUPLICATE:
        return _duplicate(details)
    transient = fault.has_error_label("TransientTransactionError")
    kind = _CODES.get(code or 0) or _kind(fault)
    # The driver adds its settings and all it knows of the servers to what happened.
    text = details.get("errmsg") or str(fault).partition(" (configured")[0].partition(", Timeout:")[0]
    return kind(text, code=code, transient=transient)


def _kind(fault: PyMongoError) -> type[StoreError]:
    if isinstance(fault, ConfigurationError):  # found at the first call: a name without address
        return Refused
    if isinstance(fault, ConnectionFailure | WTimeoutError) or fault.timeout:
        return Unavailable
    return next((kind for label, kind in _LABELS.items() if fault.has_error_label(label)), StoreError)


def _details(fault: PyMongoError) -> Mapping[str, Any]:
    """The server's own words; of a batch, those on the first request that failed."""
    details = (fault.details if isinstance(fault, OperationFailure) else None) or {}
    return next(iter(details.get("writeErrors") or ()), details)


def _duplicate(details: Mapping[str, Any]) -> Duplicate:
    field, value = next(iter(details.get("keyValue", {}).items()), ("", None))
    # "E11000 duplicate key error collection: amoeba.addons index: guid dup key: ..."
    place = str(details.get("errmsg", "")).partition("collection: ")[2].partition(" ")[0]
    return Duplicate(place.partition(".")[2], field, value)


def _outcome_unknown(fault: StoreError) -> bool:
    cause = fault.__cause__
    return isinstance(cause, PyMongoError) and cause.has_error_label("UnknownTransactionCommitResult")


def _bulk_outcome(fault: StoreError) -> tuple[int, dict[int, StoreError]]:
    """How many were changed, what was wrong with which request; none: it was not about single requests."""
    cause = fault.__cause__
    if not isinstance(cause, BulkWriteError) or cause.details.get("writeConcernErrors"):
        return 0, {}
    details = cause.details
    faults = {
        error["index"]: _translate(OperationFailure(error.get("errmsg", ""), error.get("code"), error))
        for error in details["writeErrors"]
    }
    return details["nUpserted"] + details["nModified"], faults


def _decode(raw: bytes) -> list[dict[str, Any]]:
    """Without the collector: half the time."""
    with held_off(), _calls(None):
        return bson.decode_all(raw)


def _replacement(document: Document) -> Any:
    return pymongo.ReplaceOne({"_id": document["_id"]}, document, upsert=True)


def _update(update: Update) -> Any:
    return pymongo.UpdateOne({"_id": update.id}, update.changes, upsert=update.upsert)


DRIVER = Driver(_calls, _decode, _replacement, _update, _bulk_outcome)
