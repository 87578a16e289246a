"""Reads and writes of documents, the same inside a transaction and outside.

Read documents are checked against the collection's model (schema.py), so that no other code has
to expect a document that lacks a key: a damaged one is noted in `bad_documents`, left out of
lists, and raises BadDocument if it was read alone. `unchecked` reads return it all the same.

Thread rule: use on the event loop; the driver works in threads of its own.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext, suppress
from functools import partial
from typing import Any, Final, TypeVar, cast

from conf.model.addons import AddonDoc, UserDoc
from conf.model.checks import find_fault, narrow
from server.bad_documents import BadDocuments
from server.errors import BadDocument, Conflict, StoreError, Unstorable
from server.storage import driver
from server.storage.operations import BulkResult, Delete, Document, Insert, Operation, Replace, Update
from server.storage.scan import Scan
from server.storage.schema import COLLECTIONS, FOLDED

T = TypeVar("T")

# Documents decoded or encoded at a time: some milliseconds, in which no other thread runs.
BATCH: Final = 100
BULK: Final = 250
_MAX_SPELLINGS: Final = 50  # add-ons whose guid or slug differs in case only
IDS: Final = 1000  # in a query
# Factor of time limits for batches of writes, which reach the disk before they are acknowledged.
BULK_FACTOR: Final = 4
CLOSE_TIMEOUT: Final = 1.0  # seconds


class DocumentAccess:
    """Documents of a database; `timeout` is a call's, in seconds, `session` a transaction's."""

    def __init__(
        self,
        database: Any,
        timeout: float,
        bad_documents: BadDocuments,
        session: Any = None,
    ) -> None:
        self.database = database
        self.timeout = timeout
        self.bad_documents = bad_documents
        self._session = session

    def _calls(self, timeout: float | None) -> AbstractContextManager[None]:
        """A context for calls of the driver, with a time limit and our own exceptions."""
        return driver.calls(timeout)

    @property
    def _resumes(self) -> bool:
        """Whether a scan resumes after its cursor was lost."""
        return False

    async def _run(self, call: Callable[[], Awaitable[T]], patience: float = 1) -> T:
        """The value of a call of the driver, which may take `patience` times the time limit."""
        with self._calls(self.timeout * patience):
            return await call()

    async def _run_read(self, call: Callable[[], Awaitable[T]]) -> T:
        """As `_run`, for calls that change nothing."""
        return await self._run(self._repeated(call))

    def _repeated(self, read: Callable[[], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
        """The read, which repeats itself; except in a transaction, which is repeated as a whole."""
        in_transaction = self._session is not None and self._session.in_transaction
        return read if in_transaction else partial(driver.repeat_read, read, self.timeout)

    async def find_one(
        self, collection: str, query: Document, fields: Document | None = None, *, unchecked: bool = False
    ) -> dict[str, Any] | None:
        """Raises BadDocument."""
        find = self.database[collection].find_one
        document = await self._run_read(lambda: find(query, fields, session=self._session))
        model = None if unchecked else _model(collection, fields)
        if document is not None and model:
            faults = _faults([document], model)
            self._note_faults(collection, [document], faults, fields)
            for id_, reason in faults.items():
                raise BadDocument(collection, id_, reason)
        return cast(dict[str, Any] | None, document)

    async def find(
        self,
        collection: str,
        query: Document,
        *,
        sort: Sequence[tuple[str, int]] = (),
        skip: int = 0,
        limit: int = 1000,
        unchecked: bool = False,
        folded: bool = False,
    ) -> list[dict[str, Any]]:
        """At most `limit` documents after the first `skip`; `scan` is for more."""
        rows: list[dict[str, Any]] = []
        async for documents in self.scan(
            collection, query=query, sort=sort, skip=skip, limit=limit, unchecked=unchecked, folded=folded
        ):
            rows += documents
        return rows

    async def count(self, collection: str, query: Document | None = None) -> int:
        count = self.database[collection].count_documents
        return cast(int, await self._run_read(lambda: count(query or {}, session=self._session)))

    async def size(self, collection: str) -> int:
        """Roughly how many documents there are, because `count` takes seconds for a large collection."""
        return cast(int, await self._run_read(self.database[collection].estimated_document_count))

    async def find_addon(self, by: str, value: str | int) -> AddonDoc | None:
        """One add-on in any state; `by` is "id", "guid" or "slug" (contract/addons.md 2), in any case."""
        addon_id = int(value) if by == "id" else await self.find_addon_id(by, str(value))
        addon = None if addon_id is None else await self.find_one("addons", {"_id": addon_id})
        return cast(AddonDoc | None, addon)

    async def find_addon_id(self, by: str, value: str) -> int | None:
        """The id by guid or slug in any case: the exact spelling first, then the oldest add-on
        (contract/versions.md).
        """
        query = {by: {"$eq": value, "$type": "string"}}
        find = partial(self.database["addons"].find, query, {by: 1}, session=self._session)
        addons = await self._run_read(lambda: find(collation=FOLDED).sort("_id", 1).to_list(_MAX_SPELLINGS))
        matches = [addon for addon in addons if addon[by].casefold() == value.casefold()]
        best = min(matches, key=lambda addon: (addon[by] != value, addon["_id"]), default=None)
        return cast(int, best["_id"]) if best else None

    async def addons_by_id(self, ids: Iterable[int]) -> dict[int, AddonDoc]:
        """The existing add-ons, by id."""
        return cast(dict[int, AddonDoc], await self._by_id("addons", ids))

    async def users_by_id(self, ids: Iterable[int]) -> dict[int, UserDoc]:
        """The existing users, by id."""
        return cast(dict[int, UserDoc], await self._by_id("users", ids))

    async def _by_id(self, collection: str, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
        all_ids = list(ids)
        by_id: dict[int, dict[str, Any]] = {}
        for start in range(0, len(all_ids), IDS):
            query = {"_id": {"$in": all_ids[start : start + IDS]}}
            async for documents in self.scan(collection, query=query):
                by_id.update((document["_id"], document) for document in documents)
        return by_id

    async def scan(
        self,
        collection: str,
        *,
        query: Document | None = None,
        fields: Document | None = None,
        sort: Sequence[tuple[str, int]] = (),
        skip: int = 0,
        limit: int = 0,
        batch: int = BATCH,
        whole: bool = False,
        unchecked: bool = False,
        folded: bool = False,
    ) -> AsyncGenerator[list[dict[str, Any]], None]:
        """All documents, in lists of at most `batch`; `fields` is a projection.

        The next list is fetched while the caller works on this one. Without `sort` the
        order is MongoDB's own; `folded` compares texts without case. Concurrent changes
        may be seen or not. The time limit of a call holds for all of MongoDB's work for
        a scan, and with `whole`, for scans of whole collections, for each list.
        """
        options: dict[str, Any] = {"sort": list(sort) or None, "skip": skip, "limit": limit}
        options |= {"collation": FOLDED} if folded else {}
        model = None if unchecked else _model(collection, fields)
        loop = asyncio.get_running_loop()
        async with aclosing(self.scan_raw(collection, query, fields, batch, whole, **options)) as batches:
            async for raw in batches:
                documents, faults = await loop.run_in_executor(None, self._read, raw, model)
                if model:
                    self._note_faults(collection, documents, faults, fields)
                if faults:
                    documents = [document for document in documents if str(document["_id"]) not in faults]
                if documents:
                    yield documents

    def _read(self, raw: bytes, model: Any) -> tuple[list[dict[str, Any]], dict[str, str]]:
        """The documents of a raw list, and their faults (by id as text); any thread."""
        documents = driver.decode(raw)
        return documents, _faults(documents, model) if model else {}

    def _note_faults(
        self,
        collection: str,
        read: Iterable[Document],
        faults: Mapping[str, str],
        fields: Document | None,
    ) -> None:
        """Note bad documents; and forget those that are good, if they were read with all fields."""
        if faults:
            self.bad_documents.add(collection, faults)
        if fields is None and self.bad_documents:
            ids = (document["_id"] for document in read)
            self.bad_documents.forget(collection, [id_ for id_ in ids if str(id_) not in faults])

    async def scan_raw(
        self,
        collection: str,
        query: Document | None = None,
        fields: Document | None = None,
        batch: int = BATCH,
        whole: bool = False,
        **options: Any,
    ) -> AsyncGenerator[bytes, None]:
        """As `scan`, the documents of each list as concatenated BSON: for `driver.decode`."""
        find = partial(
            self.database[collection].find_raw_batches,
            projection=fields,
            batch_size=batch,
            session=self._session,
        )
        scan = Scan(find, query or {}, options, driver.decode, resumes=self._resumes)
        # MongoDB applies the limit of the first call to all later ones; without one, the socket's holds.
        fetching = asyncio.ensure_future(self._next(scan, not whole))
        try:
            while (raw := await fetching) is not None:
                fetching = asyncio.ensure_future(self._next(scan, True))
                yield raw
        finally:
            await self._close(scan, fetching)

    async def _next(self, scan: Scan, is_limited: bool) -> bytes | None:
        with self._calls(self.timeout if is_limited else None):
            # From the second list on, a repetition would begin with the first one.
            return await (scan.next if scan.has_begun else self._repeated(scan.next))()

    async def _close(self, scan: Scan, fetching: asyncio.Future[bytes | None]) -> None:
        """Let the batch under way arrive first, unless that takes long: a cursor has one user at a time."""
        await asyncio.wait([fetching], timeout=CLOSE_TIMEOUT)
        is_free = not fetching.cancel()
        await asyncio.gather(fetching, return_exceptions=True)
        if is_free:
            with suppress(StoreError), self._calls(CLOSE_TIMEOUT):
                await scan.close()

    async def apply(self, operation: Operation) -> None:
        """One write. Raises Duplicate, Unstorable, Conflict (gone, or at another revision)."""
        collection = self.database[operation.collection]
        if not await self._run(lambda: _write(collection, operation, self._session)):
            raise Conflict(f"{operation.collection}: changed or removed by somebody else")

    async def delete_all(self, collection: str, query: Document) -> None:
        """Delete all matches of a query, in one call."""
        delete = self.database[collection].delete_many
        await self._run(lambda: delete(query, session=self._session), BULK_FACTOR)

    async def bulk_insert(self, collection: str, documents: Sequence[Document]) -> None:
        """Insert documents that are not stored yet, in half the time of `bulk_replace`.

        Raises Duplicate, Unstorable. Outside a transaction the documents before the fault are stored.
        """
        if documents:
            insert = self.database[collection].insert_many
            await self._run(lambda: insert(documents, session=self._session), BULK_FACTOR)

    async def bulk_update(self, collection: str, updates: Sequence[Update]) -> None:
        """Apply updates of one collection in order, ignoring revisions. Raises as `bulk_insert`."""
        if updates:
            requests = [driver.update_request(update) for update in updates]
            write = self.database[collection].bulk_write
            await self._run(lambda: write(requests, session=self._session), BULK_FACTOR)

    async def bulk_replace(self, collection: str, documents: Sequence[Document]) -> BulkResult:
        """Replace the document with each `_id`, or insert it.

        Outside a transaction each is independent, and `faults` has those that could not be stored. In a
        transaction the first fault is raised.
        """
        result = BulkResult()
        if not documents:
            return result
        opened = nullcontext(self._session) if self._session else await self._start_session()
        async with opened as session:
            for start in range(0, len(documents), BULK):
                chunk = documents[start : start + BULK]
                changed, faults = await self._replace(collection, chunk, session)
                result.changed += changed
                result.faults |= {start + index: fault for index, fault in faults.items()}
            result.position = driver.position_at(session.operation_time)
        return result

    async def _replace(
        self, collection: str, documents: Sequence[Document], session: Any
    ) -> tuple[int, dict[int, StoreError]]:
        """How many were changed, and the faults by index."""
        requests = [driver.replacement(document) for document in documents]
        alone = self._session is None
        try:
            write = self.database[collection].bulk_write
            done = await self._run(lambda: write(requests, ordered=not alone, session=session), BULK_FACTOR)
            return done.upserted_count + done.modified_count, {}
        except Unstorable as fault:  # raised while writing BSON, without saying for which document
            if not alone:
                raise
            if len(documents) == 1:
                return 0, {0: fault}
            return await self._replace_singly(collection, documents, session)
        except StoreError as fault:
            changed, faults = driver.bulk_outcome(fault)
            if not alone or not faults:
                raise
            return changed, faults

    async def _replace_singly(
        self, collection: str, documents: Sequence[Document], session: Any
    ) -> tuple[int, dict[int, StoreError]]:
        changed = 0
        faults: dict[int, StoreError] = {}
        for index, document in enumerate(documents):
            number, fault = await self._replace(collection, [document], session)
            changed += number
            if fault:
                faults[index] = fault[0]
        return changed, faults

    async def _start_session(self) -> Any:
        return await self._run(partial(driver.start_session, self.database.client))


def _model(collection: str, fields: Document | None) -> Any:
    """The model of these fields; None accepts any document."""
    model = COLLECTIONS[collection].model
    return model and narrow(model, fields)


def _faults(documents: Iterable[Document], model: Any) -> dict[str, str]:
    faults = ((str(document["_id"]), find_fault(document, model)) for document in documents)
    return {id_: fault for id_, fault in faults if fault}


async def _write(collection: Any, operation: Operation, session: Any) -> bool:
    """Apply an operation; returns whether its document existed, in the given revision."""
    match operation:
        case Insert(document=document):
            await collection.insert_one(dict(document), session=session)
            return True
        case Replace(document=document, revision=revision, upsert=upsert):
            where = _where(document["_id"], revision)
            done = await collection.replace_one(where, document, upsert=upsert, session=session)
            return bool(done.matched_count or upsert)
        case Update(id=id_, changes=changes, revision=revision, upsert=upsert):
            done = await collection.update_one(_where(id_, revision), changes, upsert=upsert, session=session)
            return bool(done.matched_count or upsert)
        case Delete(id=id_, revision=revision):
            done = await collection.delete_one(_where(id_, revision), session=session)
            return bool(done.deleted_count or revision is None)


def _where(id_: Any, revision: int | None) -> dict[str, Any]:
    return {"_id": id_} if revision is None else {"_id": id_, "revision": revision}
