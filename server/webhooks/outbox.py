"""The outbox of webhooks: a record for each event and each endpoint that wants it (contract/webhooks.md 3).

    await record_events(transaction, events)      # in the transaction of the change that causes them

A record has what is sent, byte for byte, so that every try says the same. Beside what every queue has
(server/storage/lease_queue.py):

    _id        "<message>:<endpoint>"
    endpoint   the id of a document of `webhooks`
    message    the webhook-id, one for all endpoints
    type, body
"""

import secrets
from collections.abc import Sequence
from typing import Any, Final, cast

import orjson

from conf.model.queues import WebhookDoc
from server import clock
from server.storage.documents import DocumentAccess
from server.storage.lease_queue import waiting
from server.webhooks.events import Event, matches

ENDPOINTS: Final = "webhooks"
OUTBOX: Final = "webhook_outbox"
_ID_BYTES: Final = 16


async def record_events(transaction: DocumentAccess, events: Sequence[Event]) -> None:
    """For the endpoints there are at this moment; those that are disabled hear of nothing."""
    if not events:
        return
    endpoints = cast(list[WebhookDoc], await transaction.find(ENDPOINTS, {"disabled": None}))
    records = [
        record
        for event in events
        for record in _records(event, [one for one in endpoints if matches(one["events"], event.type)])
    ]
    await transaction.bulk_insert(OUTBOX, records)


def _records(event: Event, endpoints: Sequence[WebhookDoc]) -> list[dict[str, Any]]:
    if not endpoints:
        return []
    message = make_message(event)
    return [
        waiting(_id=f"{message['message']}:{endpoint['_id']}", endpoint=endpoint["_id"], **message)
        for endpoint in endpoints
    ]


def make_message(event: Event) -> dict[str, str]:
    """What is sent, whoever gets it."""
    content = {"type": event.type, "timestamp": clock.now(), "data": event.data}
    message = f"msg_{secrets.token_hex(_ID_BYTES)}"
    return {"message": message, "type": event.type, "body": orjson.dumps(content).decode()}
