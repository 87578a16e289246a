"""Records that wait in a collection until one process handles them, each under a lease.

    queue = Queue(store, "mail_outbox")
    for record in await queue.claim(10):
        ...
        await queue.finish(record)

    state     "pending"; "parked" (failed too often, an operator decides); "discarded"
    due       when it may be claimed next, seconds since 1970
    since     when it was made, if that matters
    tries     failures in a row; `error` is the last one
    refusals  those of the failures that were refusals by the service
    version   raised by every change of the record's object, if that may change while the record is
              handled: then it is due again at once, whatever the outcome for the older state was
    owner, lease_until   the process that has claimed it, and until when

Times are those of the hosts' clocks, which must differ by less than a lease.
Thread rule: event loop only.
"""

import logging
import secrets
import time
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final

from conf.model.checks import find_fault
from server.storage.operations import Delete, Document, Operation, Update
from server.storage.schema import COLLECTIONS
from server.storage.store import Store, Transaction

log = logging.getLogger(__name__)

PENDING: Final = "pending"
PARKED: Final = "parked"
DISCARDED: Final = "discarded"
LEASE: Final = 30.0
ERROR_LENGTH: Final = 200
_UNCLAIMED: Final = {"owner": "", "lease_until": ""}


def new_record(**fields: Any) -> dict[str, Any]:
    """A record with these fields, due at once."""
    now = time.time()
    return {**fields, "state": PENDING, "due": now, "since": now, "tries": 0}


class Queue:
    """The records of one collection, which one process claims."""

    def __init__(self, store: Store, collection: str, lease: float = LEASE) -> None:
        """`lease`: seconds a claim holds."""
        self.store = store
        self.collection = collection
        self.owner = secrets.token_hex(8)
        self.lease = lease

    async def claim(self, limit: int, query: Document = MappingProxyType({})) -> list[dict[str, Any]]:
        """Claim up to `limit` due records that match `query` and nobody has claimed, longest due first.

        A damaged one is parked, because it would be claimed again and again.
        """
        now = time.time()
        query = {"state": PENDING, "due": {"$lte": now}, "lease_until": {"$not": {"$gt": now}}, **query}

        async def work(transaction: Transaction) -> list[dict[str, Any]]:
            records = await transaction.find(
                self.collection, query, sort=(("due", 1),), limit=limit, unchecked=True
            )
            lease = {"owner": self.owner, "lease_until": now + self.lease}
            claimed = []
            for record in records:
                fault = find_fault(record, COLLECTIONS[self.collection].model)
                values = {"state": PARKED, "error": f"damaged: {fault}"[:ERROR_LENGTH]} if fault else lease
                await transaction.apply(Update(self.collection, record["_id"], {"$set": values}))
                if fault:
                    self.store.bad_documents.add(self.collection, {record["_id"]: fault})
                else:
                    claimed.append(record)
            return claimed

        # Queues are nearly always empty, and a transaction costs three times as much as a query.
        if await self.store.find_one(self.collection, query, unchecked=True) is None:
            return []
        claimed = (await self.store.run_transaction(work)).value
        taken_over = [record for record in claimed if record.get("owner") not in (None, self.owner)]
        if taken_over:
            log.info(
                "took over %d of %s, whose process did not end them in time", len(taken_over), self.collection
            )
        return claimed

    def holds(self, record: dict[str, Any] | None) -> bool:
        """Whether the record, as read again, is still claimed by this process."""
        return record is not None and record["state"] == PENDING and record.get("owner") == self.owner

    async def renew(self, record: dict[str, Any]) -> None:
        """Extend the claim, for work that takes longer than a lease."""

        def extend(stored: dict[str, Any]) -> Operation:
            return Update(self.collection, stored["_id"], {"$set": {"lease_until": time.time() + self.lease}})

        await self._apply_if_claimed(record["_id"], extend)

    async def finish(self, record: dict[str, Any]) -> None:
        await self._complete(record, Delete(self.collection, record["_id"]))

    async def retry(self, record: dict[str, Any], pause: float, error: str, *, refused: bool = False) -> None:
        """Record a failure; the record is due again `pause` seconds from now."""
        await self._fail(record, {"due": time.time() + pause}, error, refused)

    async def park(self, record: dict[str, Any], error: str, *, refused: bool = False) -> None:
        """Record the last failure, and leave the record to an operator."""
        await self._fail(record, {"state": PARKED}, error, refused)

    async def _fail(self, record: dict[str, Any], values: dict[str, Any], error: str, refused: bool) -> None:
        counts = {"tries": record.get("tries", 0) + 1, "refusals": record.get("refusals", 0) + refused}
        await self._complete(record, self.update(record, {**values, **counts, "error": error[:ERROR_LENGTH]}))

    async def release(self, record: dict[str, Any], pause: float = 0.0) -> None:
        """Give the claim up; any process may have the record `pause` seconds from now."""
        await self._complete(record, self.update(record, {"due": time.time() + pause}))

    def update(self, record: dict[str, Any], values: dict[str, Any]) -> Operation:
        """An operation that sets values and ends the claim."""
        return Update(self.collection, record["_id"], {"$set": values, "$unset": _UNCLAIMED})

    async def _apply_if_claimed(
        self, record_id: object, decide: Callable[[dict[str, Any]], Operation]
    ) -> None:
        """Apply the operation that `decide` returns for the present state of a claimed record.

        Does nothing if the lease has ended and another process has claimed the record.
        """

        async def work(transaction: Transaction) -> None:
            record = await transaction.find_one(self.collection, {"_id": record_id})
            if record is not None and self.holds(record):
                await transaction.apply(decide(record))

        # In read-only mode as well, because the work has been done.
        await self.store.run_transaction(work, maintenance=True)

    async def _complete(self, record: dict[str, Any], operation: Operation) -> None:
        def decide(stored: dict[str, Any]) -> Operation:
            if stored.get("version") == record.get("version"):
                return operation
            return self.update(record, {"due": time.time(), "tries": 0})

        await self._apply_if_claimed(record["_id"], decide)
