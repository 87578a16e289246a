"""The outbox: which objects Basket has yet to hear of.

One record an object ("addon:7"), written in the transaction of the change that
causes it; later changes fold into it. A record says that the object changed,
not how: what is sent is read when it is sent, so the newest state wins. Beside
what every queue has (server/storage/lease_queue.py):

    _id       "<kind>:<object id>"
    kind, object_id
    version   raised by every change; a record is done only at the version it was claimed with
    refusals  those of the `tries` that were 4xx

Thread rule: event loop only.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from conf.settings.settings import Settings
from server.basket.payload import addon_synced, user_synced
from server.storage.lease_queue import PARKED, PENDING, Queue
from server.storage.operations import Delete, Operation, Update
from server.storage.store import Store

OUTBOX: Final = "outbox"


@dataclass(frozen=True, slots=True)
class Claim:
    """A record this process may send until `lease_until` (monotonic seconds)."""

    id: str
    kind: str
    object_id: int
    version: int
    tries: int
    refusals: int
    lease_until: float


def sync_operation(kind: str, object_id: int) -> Update:
    """Record that an object changed; also takes a parked record up again, and mends a damaged one."""
    known = {"$cond": [{"$isNumber": "$version"}, "$version", 0]}
    values = {"kind": kind, "object_id": object_id, "state": PENDING, "due": time.time(), "refusals": 0}
    changes = [{"$set": {**values, "version": {"$add": [known, 1]}}}]
    return Update(OUTBOX, f"{kind}:{object_id}", changes, upsert=True)


class Syncs:
    """Names the outbox operations of a change, for `server/changes.py` and `load --sync`.

    They are recorded whether or not Basket is switched on, so that nothing is
    lost meanwhile; the number of records is that of changed objects at most.
    """

    def __init__(self, settings: Settings) -> None:
        self._counts = settings.basket_sync_counts

    def __call__(self, kind: str, old: Any, new: Any) -> Sequence[Update]:
        if kind == "addon":
            synced = addon_synced(old, new, counts=self._counts)
        else:
            synced = user_synced(old, new)
        return [sync_operation(kind, new["_id"])] if synced else []


class Outbox:
    def __init__(self, store: Store, lease: float) -> None:
        """`lease`: seconds a claim holds."""
        self._queue = Queue(store, OUTBOX, lease)
        self._lease = lease

    async def claim(self, limit: int) -> list[Claim]:
        """Up to `limit` records that are due and nobody is sending, longest due first."""
        until = time.monotonic() + self._lease
        return [_claim(record, until) for record in await self._queue.claim(limit)]

    async def done(self, claim: Claim) -> None:
        """Accepted: the record goes, unless the object changed again meanwhile."""
        await self._settle(claim, None)

    async def retry(self, claim: Claim, pause: float, error: str, *, refused: bool) -> None:
        """Failed: not before `pause` seconds from now."""
        values = {
            "due": time.time() + pause,
            "tries": claim.tries + 1,
            "refusals": claim.refusals + refused,
            "error": error,
        }
        await self._settle(claim, values)

    async def park(self, claim: Claim, error: str) -> None:
        """Refused too often: kept for an operator, or until the object changes."""
        values = {"state": PARKED, "error": error, "refusals": claim.refusals + 1, "tries": claim.tries + 1}
        await self._settle(claim, values)

    async def release(self, claims: Iterable[Claim]) -> None:
        """Not tried after all: anybody may."""
        for claim in claims:
            await self._settle(claim, {"due": time.time()})

    async def _settle(self, claim: Claim, values: dict[str, Any] | None) -> None:
        """Give the record free with these values; None: it has been dealt with."""

        def decide(record: dict[str, Any]) -> Operation:
            if record["version"] != claim.version:
                # Changed while it was sent: due at once, whatever became of the older state.
                return self._queue.change(record, {"due": time.time(), "tries": 0})
            if values is None:
                return Delete(OUTBOX, claim.id)
            return self._queue.change(record, values)

        await self._queue.settle(claim.id, decide)


def _claim(record: dict[str, Any], until: float) -> Claim:
    return Claim(
        record["_id"],
        record["kind"],
        record["object_id"],
        record["version"],
        record.get("tries", 0),
        record.get("refusals", 0),
        until,
    )
