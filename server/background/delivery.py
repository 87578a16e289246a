"""Sends the records of a queue to one service, in the background.

    class Mailer(Delivery): ...      # with `deliver`, which sends one record
    mailer.start()
    await mailer.close()

No caller waits for it: records are in MongoDB, requests have a time limit, and while the service is
down, one request per pause checks whether it is back.

    deliver                outcome for the record
    returns                done
    raises Rejected        tried again later; parked after `max_refusals` of them
    raises RejectedForNow  tried again later; parked once it is older than `patience`
    raises ServiceDown     tried again soon; the others wait too; parked once it is older than `patience`
    anything else          tried again later, without end

A delivery that was interrupted is repeated after its lease. Thread rule: event loop only.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from server.background.worker import Worker
from server.errors import BadDocument, StoreError
from server.log_once import LogOnce
from server.retry import Backoff, Breaker
from server.storage.lease_queue import ERROR_LENGTH, Queue

log = logging.getLogger(__name__)


class Rejected(Exception):
    """The service rejects this record."""

    def __init__(self, text: str, *, final: bool = False) -> None:
        """`final`: a retry is useless."""
        super().__init__(text)
        self.final = final


class RejectedForNow(Exception):
    """The service rejects this record temporarily."""


class ServiceDown(Exception):
    """The service is down, or accepts no records at all."""

    def __init__(self, text: str, pause: float | None = None) -> None:
        """`pause`: seconds that the service asked to wait."""
        super().__init__(text)
        self.pause = pause


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """The policy for deliveries to a service; times in seconds."""

    command: str  # of run.py, which shows parked records
    interval: float  # between two rounds
    timeout: float  # a delivery
    batch: int
    concurrency: int
    max_refusals: int  # after which a record is parked
    retries: Backoff  # for one record
    outages: Backoff  # for all records, while the service is down
    patience: float = math.inf  # age of a record, after which it is parked


class Delivery(Worker):
    """The worker; a subclass sends to its service."""

    def __init__(
        self,
        name: str,
        policy: DeliveryPolicy,
        queue: Queue,
        is_read_only: Callable[[], bool],
        query: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """`name` of the service, for the log; sends the queue's records that match `query`."""
        super().__init__(name, policy.interval, is_read_only)
        self._policy = policy
        self._queue = queue
        self._query = query
        self._breaker = Breaker(policy.outages)
        self._refusals, self._parked = LogOnce(log), LogOnce(log)

    async def deliver(self, record: dict[str, Any]) -> None:
        raise NotImplementedError

    async def work(self) -> None:
        """Send batches until the queue is empty or the service needs a pause."""
        while self._may_send():
            limit = 1 if self._breaker.is_open else self._policy.batch
            # A delivery must end before its lease, so that no other process sends the same.
            until = time.monotonic() + self._queue.lease - self._policy.timeout
            records = await self._queue.claim(limit, self._query)
            has_unsent = await self._send_all(records, until)
            if has_unsent or len(records) < limit:
                break

    def _may_send(self) -> bool:
        return self.enabled and not self._is_read_only() and self._breaker.allows_call

    async def _send_all(self, records: list[dict[str, Any]], until: float) -> bool:
        """Send records; returns whether some are left for the next round."""
        waiting = list(reversed(records))
        senders = (self._send_waiting(waiting, until) for _ in range(self._policy.concurrency))
        try:
            await asyncio.gather(*senders)
        finally:
            for record in waiting:
                await self._queue.release(record)
        return bool(waiting)

    async def _send_waiting(self, waiting: list[dict[str, Any]], until: float) -> None:
        while waiting and self._may_send() and time.monotonic() < until:
            await self._send(waiting.pop())

    async def _send(self, record: dict[str, Any]) -> None:
        # Parked now, because otherwise only one record per pause would be.
        if self._breaker.is_open and self._has_expired(record):
            await self._park(record, record.get("error", "never tried"))
            return
        try:
            await self.deliver(record)
        except StoreError:
            raise
        except ServiceDown as fault:
            await self._handle_outage(record, fault)
        except Rejected as fault:
            self._breaker.record_success()
            refusals = record.get("refusals", 0) + 1
            parks = fault.final or refusals >= self._policy.max_refusals
            await self._retry_or_park(record, fault, refusals, parks=parks)
        except Exception as fault:  # one record must not stop the others
            if isinstance(fault, RejectedForNow):
                self._breaker.record_success()
            elif not isinstance(fault, BadDocument):  # which was reported when it was read
                log.exception("%s cannot be sent %s", self._name, record["_id"])
            parks = isinstance(fault, RejectedForNow) and self._has_expired(record)
            await self._retry_or_park(record, fault, record.get("tries", 0) + 1, parks=parks)
        else:
            self._breaker.record_success()
            await self._queue.finish(record)

    async def _handle_outage(self, record: dict[str, Any], fault: ServiceDown) -> None:
        pause = self._policy.retries.pause(1)
        if fault.pause is not None:
            pause = fault.pause
            self._breaker.hold_off(pause)
        elif self._breaker.record_failure():
            log.warning(
                "%s accepts nothing (%s); records are kept and sent later",
                self._name,
                str(fault)[:ERROR_LENGTH],
            )
        if self._has_expired(record):
            await self._park(record, str(fault))
        else:
            await self._queue.retry(record, pause, str(fault))

    def _has_expired(self, record: dict[str, Any]) -> bool:
        return time.time() > record.get("since", math.inf) + self._policy.patience

    async def _retry_or_park(
        self, record: dict[str, Any], fault: Exception, failures: int, *, parks: bool
    ) -> None:
        refused = isinstance(fault, Rejected)
        if not parks:
            if refused:
                self._refusals.info("%s refused %s: %s", self._name, record["_id"], str(fault)[:ERROR_LENGTH])
            await self._queue.retry(record, self._policy.retries.pause(failures), str(fault), refused=refused)
            return
        await self._park(record, str(fault), refused=refused)

    async def _park(self, record: dict[str, Any], error: str, *, refused: bool = False) -> None:
        line = "%s: %s was refused too often (%s); see run.py %s status"
        self._parked.warning(line, self._name, record["_id"], error[:ERROR_LENGTH], self._policy.command)
        await self._queue.park(record, error, refused=refused)
