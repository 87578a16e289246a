"""Sends events to webhooks; each endpoint has a worker of its own (contract/webhooks.md 3, 4).

    sender = WebhookSender(settings, store, WebhookClient(settings, keys), is_read_only)
    sender.start()
    await sender.close()

    answer                     outcome for the record (server/background/delivery.py)
    2xx                        done
    410                        parked; the endpoint is disabled, and its other events wait
    429, 502, 503, 504, none   all records of the endpoint wait, as long as Retry-After says
    other                      the record is tried again later

An event is parked after three days. A slow endpoint delays no other.

Thread rule: event loop only.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from conf.limits import DAY, HOUR
from conf.model.queues import WebhookDoc
from conf.settings.settings import Settings
from server.background.delivery import Delivery, DeliveryPolicy, Rejected, RejectedForNow, ServiceDown
from server.background.worker import Worker
from server.outside.http_client import NoAnswer
from server.retry import Backoff
from server.storage.lease_queue import Queue
from server.storage.store import Store
from server.webhooks import endpoints
from server.webhooks.outbox import OUTBOX
from server.webhooks.requests import CONCURRENCY, WebhookClient

PATIENCE: Final = 3.0 * DAY
_BATCH: Final = 20
_REFUSALS: Final = 1  # because only a 410 counts as a refusal, and it is final
_RETRIES: Final = Backoff(5.0, 6.0 * HOUR)
_OUTAGES: Final = Backoff(5.0, 1.0 * HOUR)
_GONE: Final = 410
_GONE_FOR_GOOD: Final = "it answered 410, gone for good"
_CLEANING_INTERVAL: Final = 60.0  # seconds
_BUSY: Final = {429, 502, 503, 504}


class WebhookSender(Worker):
    """Has a worker for each enabled endpoint."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        client: WebhookClient,
        is_read_only: Callable[[], bool],
        interval: float = 1.0,
    ) -> None:
        """`interval`: seconds between two rounds. `close` closes the client as well."""
        super().__init__("webhooks", interval, is_read_only)
        self._settings = settings
        self._store = store
        self._client = client
        self._cleaned_at = -_CLEANING_INTERVAL
        self._senders: dict[int, _EndpointSender] = {}

    async def close(self) -> None:
        await super().close()
        await asyncio.gather(*(sender.close() for sender in self._senders.values()))
        await self._client.close()

    async def work(self) -> None:
        """Start and end the workers of endpoints."""
        stored = await endpoints.list_endpoints(self._store)
        if time.monotonic() > self._cleaned_at + _CLEANING_INTERVAL:
            await endpoints.drop_old_records(self._store, time.time() - _CLEANING_INTERVAL)
            self._cleaned_at = time.monotonic()
        enabled = {endpoint["_id"]: endpoint for endpoint in stored if endpoint["disabled"] is None}
        for id in [id for id, sender in self._senders.items() if id not in enabled or sender.has_ended]:
            await self._senders.pop(id).close()
        for id, endpoint in enabled.items():
            if id not in self._senders:
                self._senders[id] = self._make_sender(endpoint)
            self._senders[id].endpoint = endpoint

    def _make_sender(self, endpoint: WebhookDoc) -> "_EndpointSender":
        # Long enough for several deliveries, because none begins that could outlast the lease.
        queue = Queue(self._store, OUTBOX, 2.0 + 3 * self._settings.webhook_timeout)
        policy = DeliveryPolicy(
            "webhook",
            self._interval,
            self._settings.webhook_timeout,
            _BATCH,
            CONCURRENCY,
            _REFUSALS,
            _RETRIES,
            _OUTAGES,
            PATIENCE,
        )
        sender = _EndpointSender(endpoint, policy, queue, self._client, self._is_read_only)
        sender.start()
        return sender


class _EndpointSender(Delivery):
    def __init__(
        self,
        endpoint: WebhookDoc,
        policy: DeliveryPolicy,
        queue: Queue,
        client: WebhookClient,
        is_read_only: Callable[[], bool],
    ) -> None:
        query = {"endpoint": endpoint["_id"]}
        super().__init__(f"webhook {endpoint['_id']}", policy, queue, is_read_only, query)
        self.endpoint = endpoint
        self._client = client
        self._is_gone = False
        self.has_ended = False  # its endpoint was disabled; if it is enabled again, it gets a new worker

    @property
    def enabled(self) -> bool:
        return not self._is_gone

    async def _send(self, record: dict[str, Any]) -> None:
        await super()._send(record)
        if self._is_gone:  # after the record was parked, because disabling ends this worker
            try:
                with suppress(endpoints.WebhookFault):  # it was removed
                    await endpoints.disable(self._queue.store, self.endpoint["_id"], _GONE_FOR_GOOD)
            finally:
                self.has_ended = True

    async def deliver(self, record: dict[str, Any]) -> None:
        try:
            answer = await self._client.send(self.endpoint, record)
        except NoAnswer as fault:
            raise ServiceDown(f"no answer: {fault}") from fault
        except endpoints.WebhookFault as fault:
            raise ServiceDown(str(fault)) from fault
        if answer.is_success:
            return
        if answer.status == _GONE:
            self._is_gone = True
            raise Rejected(str(answer.status), final=True)
        if answer.status in _BUSY:
            raise ServiceDown(str(answer.status), answer.retry_after)
        raise RejectedForNow(f"{answer.status}{', a redirect' if answer.status < 400 else ''}")
