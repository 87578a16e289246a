"""The outbox: which objects Basket has yet to hear of.

One record an object ("addon:7"), written in the transaction of the change that
causes it; later changes fold into it. A record says that the object changed,
not how: what is sent is read when it is sent, so the newest state wins.

    _id       "<kind>:<object id>"
    kind, object_id
    version   raised by every change; a record is done only at the version it was claimed with
    state     "pending" or "parked" (refused too often; an operator decides)
    due       when it may be sent next, seconds since 1970
    tries     failures in a row; `refusals` those of them that were 4xx
    error     what the last one was
    owner, lease_until   the process that is sending it, and until when

Times are those of the hosts' clocks, which must agree better than the lease is long.
Thread rule: event loop only.
"""

import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from conf.settings import Settings
from server.basket.payload import addon_synced, user_synced
from server.operations import Delete, Update
from server.store import Store, Transaction

OUTBOX: Final = "outbox"
PENDING: Final = "pending"
PARKED: Final = "parked"


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
    """Record that an object changed; also takes a parked record up again."""
    values = {"kind": kind, "object_id": object_id, "state": PENDING, "due": time.time(), "refusals": 0}
    changes = {"$inc": {"version": 1}, "$set": values}
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
        self._store = store
        self._lease = lease
        self._owner = secrets.token_hex(8)

    async def claim(self, limit: int) -> list[Claim]:
        """Up to `limit` records that are due and nobody is sending, longest due first."""

        async def work(transaction: Transaction) -> list[dict[str, Any]]:
            now = time.time()
            query = {"state": PENDING, "due": {"$lte": now}, "lease_until": {"$not": {"$gt": now}}}
            found = await transaction.find(OUTBOX, query, sort=(("due", 1),), limit=limit)
            lease = {"owner": self._owner, "lease_until": now + self._lease}
            for record in found:
                await transaction.apply(Update(OUTBOX, record["_id"], {"$set": lease}))
            return found

        until = time.monotonic() + self._lease
        committed = await self._store.run_transaction(work)
        return [_claim(record, until) for record in committed.value]

    async def done(self, claim: Claim) -> None:
        """Accepted: the record goes, unless the object changed again meanwhile."""
        again = {"due": time.time(), "tries": 0, "refusals": 0}
        await self._settle(claim, {"$set": again}, finished=True)

    async def retry(self, claim: Claim, pause: float, error: str, *, refused: bool) -> None:
        """Failed: not before `pause` seconds from now."""
        values = {
            "due": time.time() + pause,
            "tries": claim.tries + 1,
            "refusals": claim.refusals + refused,
            "error": error,
        }
        await self._settle(claim, {"$set": values})

    async def park(self, claim: Claim, error: str) -> None:
        """Refused too often: kept for an operator, or until the object changes."""
        values = {"state": PARKED, "error": error, "refusals": claim.refusals + 1, "tries": claim.tries + 1}
        await self._settle(claim, {"$set": values})

    async def release(self, claims: Iterable[Claim]) -> None:
        """Not tried after all: anybody may."""
        for claim in claims:
            await self._settle(claim, {"$set": {"due": time.time()}})

    async def _settle(self, claim: Claim, changes: dict[str, Any], *, finished: bool = False) -> None:
        async def work(transaction: Transaction) -> None:
            record = await transaction.find_one(OUTBOX, {"_id": claim.id})
            if record is None or record.get("owner") != self._owner:
                return  # the lease ran out and somebody else took over
            if record["version"] != claim.version:
                # Changed while it was sent: due at once, whatever became of the older state.
                update: dict[str, Any] = {"$set": {"due": time.time(), "tries": 0}}
            elif finished:
                await transaction.apply(Delete(OUTBOX, claim.id))
                return
            else:
                update = changes
            lease = {"$unset": {"owner": "", "lease_until": ""}}
            await transaction.apply(Update(OUTBOX, claim.id, update | lease))

        # Book-keeping of what was sent is due in read-only mode too.
        await self._store.run_transaction(work, maintenance=True)


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
