"""The outbox of webhooks: a record for each event and each subscribed endpoint (contract/webhooks.md 3).

    endpoints = EndpointList()                               # one for many changes
    await record_events(transaction, events, endpoints)      # in the transaction that causes them

A record contains the body, so that every attempt sends the same bytes. Beside the fields of every queue
(server/storage/lease_queue.py) it has:

    _id        "<message>:<endpoint>"
    endpoint   the id of a document of `webhooks`
    message    the webhook-id, one for all endpoints
    type, body
"""

import secrets
import time
from collections.abc import Sequence
from typing import Any, Final, cast

import orjson

from conf.model.queues import WebhookDoc
from server import clock
from server.storage.documents import DocumentAccess
from server.storage.lease_queue import new_record
from server.webhooks.events import Event, matches

ENDPOINTS: Final = "webhooks"
OUTBOX: Final = "webhook_outbox"
_ID_BYTES: Final = 16
_MAX_AGE: Final = 1.0  # seconds


class EndpointList:
    """The enabled endpoints, cached for a second, because reading them in each change would take a fifth of
    its time.
    """

    def __init__(self) -> None:
        self._read_at = -_MAX_AGE
        self._endpoints: list[WebhookDoc] = []

    async def read(self, access: DocumentAccess) -> list[WebhookDoc]:
        """Raises Unavailable."""
        now = time.monotonic()
        if now >= self._read_at + _MAX_AGE:
            self._endpoints = cast(list[WebhookDoc], await access.find(ENDPOINTS, {"disabled": None}))
            self._read_at = now
        return self._endpoints


async def record_events(
    transaction: DocumentAccess, events: Sequence[Event], endpoints: EndpointList
) -> None:
    """Write a record for each event and each endpoint that is subscribed to it."""
    if not events:
        return
    enabled = await endpoints.read(transaction)
    records = [
        record
        for event in events
        for record in _records(
            event, [endpoint for endpoint in enabled if matches(endpoint["events"], event.type)]
        )
    ]
    await transaction.bulk_insert(OUTBOX, records)


def _records(event: Event, endpoints: Sequence[WebhookDoc]) -> list[dict[str, Any]]:
    if not endpoints:
        return []
    message = make_message(event)
    return [
        new_record(_id=f"{message['message']}:{endpoint['_id']}", endpoint=endpoint["_id"], **message)
        for endpoint in endpoints
    ]


def make_message(event: Event) -> dict[str, str]:
    """The body of an event, the same for all endpoints."""
    content = {"type": event.type, "timestamp": clock.now(), "data": event.data}
    message = f"msg_{secrets.token_hex(_ID_BYTES)}"
    return {"message": message, "type": event.type, "body": orjson.dumps(content).decode()}
