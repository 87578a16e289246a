"""The only access to MongoDB.

    store = await Store.open(uri, "amoeba", timeout=5.0)
    store = await Store.open(uri, "amoeba", timeout=5.0, patience=Patience())   # a start, a command
    addon = await store.find_addon("slug", "tab-tree")
    position = await store.write([Replace("addons", addon, revision=4), Insert("outbox", record)])

Every call ends within the timeout given at `open` and raises only what
`server/errors.py` names: the driver's exceptions stay in `driver.py`. Reads are
majority-committed; acknowledged writes are journaled on a majority.
While MongoDB is known to be away, calls fail at once; the driver keeps checking, and
within a second of MongoDB's return calls are made again.

As long as a store has `patience`, calls do not fail: they wait for MongoDB, say so,
and raise no Unavailable. A start removes it once requests are served.

Thread rule: use it on the event loop; network and BSON work are in threads.
"""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Any, Final, Generic, NamedTuple, Self, TypeVar

from conf.mongodb import DRIVERS
from server import errors
from server.bad_documents import BadDocuments
from server.retry import Backoff
from server.storage import driver
from server.storage.documents import DocumentAccess
from server.storage.migrations import migrate
from server.storage.operations import Document, Operation, Position
from server.storage.patience import Patience
from server.storage.scan import Scan
from server.storage.schema import COLLECTIONS, create_collections, log_collisions
from server.storage.stream import Stream

log = logging.getLogger(__name__)

T = TypeVar("T")

# Seconds without a primary, after which calls fail at once.
AWAY_SECONDS: Final = 1.0
# Seconds without a message from the primary, which sends one a second, after which it counts as away.
SILENT_SECONDS: Final = 6.0
ALIVE_SECONDS: Final = 2.5  # the same for reports of MongoDB's state
_COMMIT: Final = Backoff(0.05, 0.5)
_CONFLICT: Final = Backoff(0.005, 0.25)
_PATIENT_TIMEOUT: Final = 600.0  # seconds that a call with patience may take before it is repeated
_COUNTER_TRIES: Final = 3  # because others may make the same counter at the same time
_CHECK_INTERVAL: Final = 0.05  # seconds between two checks of what the driver knows
_STANDALONE = (
    "The MongoDB server is not a member of a replica set, and without one there are no transactions. "
    "One member is enough: start mongod with --replSet amoeba and run rs.initiate() once in mongosh. "
    "Or leave MONGODB_URI unset, and a private mongod is started."
)


_OTHER_SET = (
    "No server of MONGODB_URI is a member of the replica set that it names after replicaSet=. "
    "rs.status() in mongosh shows the name; a server that shows none was started without --replSet."
)


class Committed(NamedTuple, Generic[T]):
    """The value of a transaction's function, and the position of its writes in the change stream."""

    value: T
    position: Position | None


class Transaction(DocumentAccess):
    """Documents as one transaction sees them; `position` is set once it is committed."""

    position: Position | None = None


class Store(DocumentAccess):
    """While `read_only` is set (server/site_state.py), writes for callers raise ReadOnly."""

    read_only = False

    def __init__(self, client: Any, database: str, timeout: float, patience: Patience | None = None) -> None:
        super().__init__(client[database], timeout, BadDocuments())
        self.patience = patience
        self._client = client
        self._away_since: float | None = None

    @classmethod
    async def open(
        cls,
        uri: str,
        database: str,
        timeout: float,
        patience: Patience | None = None,
        driver_name: str = DRIVERS[0],
    ) -> Self:
        """Connect, check the server, make collections and indexes.

        Raises NotReplicaSet, StartError (unusable URI, password or data); without `patience` Unavailable.
        """
        store = cls(driver.open_client(uri, timeout, driver_name), database, timeout, patience)
        try:
            await store._prepare()
        except BaseException:
            await store.close()
            raise
        return store

    async def _prepare(self) -> None:
        try:
            await self._with_patience(self._check_replica_set)
            report = self.patience.say if self.patience else log.info
            await self._with_patience(partial(migrate, self.database, self.timeout * 60, report))
            create = partial(create_collections, self.database, self.timeout * 60)
            for name, field in await self._with_patience(create):
                await self._with_patience(partial(log_collisions, self.database, name, field))
            await self.run_transaction(
                lambda transaction: transaction.find_one("site", {}, unchecked=True), maintenance=True
            )
        except errors.AccessDenied as fault:
            raise errors.StartError(f"MongoDB cannot be used: {fault}") from fault
        except errors.Duplicate as fault:
            raise errors.StartError(
                f"The data breaks a rule, so no index can be made of it: {fault}"
            ) from fault

    async def _check_replica_set(self) -> None:
        pinging = asyncio.ensure_future(self.ping())
        try:
            while not (await asyncio.wait([pinging], timeout=_CHECK_INTERVAL))[0]:
                if driver.is_rejected(self._client):
                    raise errors.NotReplicaSet(_OTHER_SET)
            hello = await pinging
        finally:
            pinging.cancel()
        if hello.get("setName") or hello.get("msg") == "isdbgrid":
            return
        if hello.get("isreplicaset"):
            raise errors.Unavailable("the replica set waits for rs.initiate()")
        raise errors.NotReplicaSet(_STANDALONE)

    async def close(self) -> None:
        await driver.close_client(self._client)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *fault: object) -> None:
        await self.close()

    async def ping(self) -> dict[str, Any]:
        """The server's own description of itself; raises Unavailable."""
        with self._calls(self.timeout):
            answer: dict[str, Any] = await self.database.command("hello")
        return answer

    async def version(self) -> str:
        """MongoDB's version, such as "6.0.5"."""
        answer = await self._run_read(lambda: self.database.command("buildInfo"))
        return str(answer["version"])

    async def server_status(self) -> dict[str, Any]:
        """MongoDB's figures about itself; empty if the user has no right to them."""
        command = {"serverStatus": 1, "metrics": 0, "wiredTiger": 0, "tcmalloc": 0}
        try:
            return dict(await self._run_read(lambda: self.database.client.admin.command(command)))
        except errors.AccessDenied:
            return {}

    async def summarize(self, collection: str, by: str, field: str) -> dict[Any, tuple[int, Any]]:
        """For each value of `by`, the count of its documents and the minimum of `field`."""
        group = {"_id": f"${by}", "count": {"$sum": 1}, "minimum": {"$min": f"${field}"}}
        command = {"aggregate": collection, "pipeline": [{"$group": group}], "cursor": {}}
        answer = await self._run_read(lambda: self.database.command(command))
        return {row["_id"]: (row["count"], row["minimum"]) for row in answer["cursor"]["firstBatch"]}

    async def identity(self, collection: str) -> bytes:
        """An id of the collection, which is unique among databases and changes when it is made again."""
        answer = await self._run_read(
            lambda: self.database.command({"listCollections": 1, "filter": {"name": collection}})
        )
        return bytes(answer["cursor"]["firstBatch"][0]["info"]["uuid"])

    @property
    def is_alive(self) -> bool:
        """Whether MongoDB's primary has sent a message in the last seconds; costs nothing."""
        return driver.seconds_silent(self._client) < ALIVE_SECONDS

    async def _with_patience(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """The value of `attempt`, which with patience is repeated until MongoDB is available."""
        if self.patience is None:
            return await attempt()
        return await self.patience.retry(
            attempt, lambda fault: f"MongoDB at {driver.describe_servers(self._client, fault)}"
        )

    async def _run(self, call: Callable[[], Awaitable[T]], patience: float = 1) -> T:
        return await self._with_patience(partial(super()._run, call, patience))

    async def _next(self, scan: Scan, is_limited: bool) -> bytes | None:
        return await self._with_patience(partial(super()._next, scan, is_limited))

    @property
    def _resumes(self) -> bool:
        return self.patience is not None

    @contextmanager
    def _calls(self, timeout: float | None) -> Iterator[None]:
        """Fail at once if MongoDB has been away for a while, because others have waited in vain already."""
        if self.patience is None and (away := self._seconds_away()) > AWAY_SECONDS:
            raise errors.Unavailable(f"MongoDB has been away for {away:.0f} s")
        with driver.calls(_PATIENT_TIMEOUT if self.patience and timeout else timeout):
            yield

    def _seconds_away(self) -> float:
        """Seconds since a call here first found no primary; the driver monitors that by itself."""
        now = asyncio.get_running_loop().time()
        if driver.seconds_silent(self._client) < SILENT_SECONDS:
            self._away_since = None
            return 0.0
        self._away_since = self._away_since or now
        return now - self._away_since

    @asynccontextmanager
    async def moment(self) -> AsyncIterator[DocumentAccess]:
        """A snapshot of the documents; valid for some minutes, because MongoDB keeps no older states."""
        with self._calls(self.timeout):
            session = await driver.start_snapshot(self._client)
        async with session:
            yield DocumentAccess(self.database, self.timeout, self.bad_documents, session)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commits at the end, rolls back on an exception. One try: see `run_transaction`."""
        async with await self._start_session() as session:
            await driver.start_transaction(session)
            limit = _PATIENT_TIMEOUT if self.patience else self.timeout
            transaction = Transaction(self.database, limit, self.bad_documents, session)
            try:
                yield transaction
                await self._commit(session)
            except BaseException:
                if session.in_transaction:
                    with suppress(errors.StoreError), driver.calls(self.timeout):
                        await session.abort_transaction()
                raise
            transaction.position = driver.position_at(session.operation_time)

    async def _commit(self, session: Any) -> None:
        """Commit until the outcome is known, because MongoDB answers a repeated commit with it.

        If it stays unknown, the fault is not `transient`, because the work may have been done.
        With patience it is repeated for ever.
        """
        end = asyncio.get_running_loop().time() + (math.inf if self.patience else self.timeout)
        for pause in _COMMIT:
            try:
                with driver.calls(self.timeout):
                    return await session.commit_transaction()
            except errors.StoreError as fault:
                if not driver.outcome_unknown(fault):
                    raise
                if asyncio.get_running_loop().time() + pause > end:
                    raise errors.Unavailable(str(fault), code=fault.code) from fault
            await asyncio.sleep(pause)
        return None

    async def run_transaction(
        self, work: Callable[[Transaction], Awaitable[T]], *, maintenance: bool = False
    ) -> Committed[T]:
        """Run `work` in a transaction, and repeat it if other writers or a new primary interrupt it.

        `work` may run several times. `maintenance` writes also in read-only mode.
        Raises ReadOnly, Unavailable, Conflict, and what `work` raises.
        """
        if self.read_only and not maintenance:
            raise errors.ReadOnly("the site is in read-only mode")
        return await self._with_patience(partial(self._run_transaction, work))

    async def _run_transaction(self, work: Callable[[Transaction], Awaitable[T]]) -> Committed[T]:
        begun = asyncio.get_running_loop().time()
        end, next_check = begun + (_PATIENT_TIMEOUT if self.patience else self.timeout), begun + driver.IDLE
        waits = iter(_CONFLICT)
        with driver.limited(None if self.patience else self.timeout):  # for all attempts together
            while True:
                try:
                    async with self.transaction() as transaction:
                        value = await work(transaction)
                    return Committed(value, transaction.position)
                except errors.StoreError as fault:
                    now = asyncio.get_running_loop().time()
                    if not fault.transient or now > end:
                        raise
                    blocked = isinstance(fault, errors.Conflict) and now > next_check
                if blocked:
                    next_check = now + driver.IDLE
                    await self._end_abandoned()
                await asyncio.sleep(next(waits))

    async def _end_abandoned(self) -> None:
        """End idle transactions, because a writer that blocks for so long may be dead."""
        with suppress(errors.StoreError):
            ended = await driver.end_abandoned(self._client, self.timeout)
            if ended:
                log.warning("ended %d transactions that nobody went on with", ended)

    async def write(self, operations: Sequence[Operation], *, maintenance: bool = False) -> Position | None:
        """Apply all of the operations or none: a change with the outbox records it causes.

        Returns their position in the change stream (`feed.seen`). Raises
        Duplicate, Conflict, Unstorable, ReadOnly, Unavailable.
        """

        async def apply_all(transaction: Transaction) -> None:
            for operation in operations:
                await transaction.apply(operation)

        return (await self.run_transaction(apply_all, maintenance=maintenance)).position

    async def next_id(self, counter: str, count: int = 1) -> int:
        """A number never used before, the first of `count` in a row. Gaps are possible.

        Raises BadCounter.
        """
        raised = await self._raise(counter, {"$inc": {"value": count}})
        return raised - count + 1

    async def raise_counter(self, counter: str, used: int) -> None:
        """Make `next_id` return only numbers above `used`."""
        await self._raise(counter, {"$max": {"value": used}})

    async def _raise(self, counter: str, change: Document) -> int:
        update = self.database["counters"].find_one_and_update
        # A counter without a number does not match, and an upsert of it fails.
        good = {"_id": counter, "value": {"$type": "number"}}
        for _ in range(_COUNTER_TRIES):
            with suppress(errors.Duplicate):
                stored = await self._run(lambda: update(good, change, upsert=True, return_document=True))
                self.bad_documents.forget("counters", [counter])
                return int(stored["value"])
        self.bad_documents.add("counters", {counter: "its value is no number"})
        raise errors.BadCounter(counter)

    async def watch(self, token: Mapping[str, Any] | None = None) -> Stream:
        """Changes from now on, or from where a stream with this token stopped (StreamLost: too long ago)."""
        self._seconds_away()  # because a follower notices an outage first
        followed = [name for name, collection in COLLECTIONS.items() if collection.followed]

        async def open_stream() -> Stream:
            with driver.calls(self.timeout):
                session = await driver.start_session(self._client)
            return await Stream.open(self.database, session, self.timeout, followed, token)

        return await self._with_patience(open_stream)
