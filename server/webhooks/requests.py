"""Sends a message to an endpoint: one POST, signed as Standard Webhooks demands (contract/webhooks.md 3).

    client = WebhookClient(settings, keys)
    answer = await client.send(endpoint, record)
    answer = await send_test(settings, endpoint, keyring)      # for the command

Event loop only.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from standardwebhooks import Webhook

from conf.limits import MAX_WEBHOOKS
from conf.model.queues import WebhookDoc
from conf.settings.settings import Settings
from server.auth.keys.keyring import Keyring, Unsealable
from server.auth.keys.keystores import Keys
from server.outside.http_client import HttpClient, NoAnswer, ServiceAnswer
from server.webhooks.endpoints import WebhookFault, valid_secrets
from server.webhooks.events import TEST, Event
from server.webhooks.outbox import make_message

CONCURRENCY: Final = 4  # requests to an endpoint at a time


class WebhookClient:
    """Refuses private addresses unless the settings allow them."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        self._http = _make_http_client(settings)
        self._keys = keys

    async def send(self, endpoint: WebhookDoc, message: Mapping[str, Any]) -> ServiceAnswer:
        """One attempt, signed with every valid secret. Raises NoAnswer, WebhookFault."""
        return await _send(self._http, endpoint, message, self._keys.ring)

    async def close(self) -> None:
        await self._http.close()


def _make_http_client(settings: Settings) -> HttpClient:
    return HttpClient(settings.webhook_timeout, MAX_WEBHOOKS * CONCURRENCY, private=settings.webhook_private)


async def _send(
    client: HttpClient, endpoint: WebhookDoc, message: Mapping[str, Any], keyring: Keyring
) -> ServiceAnswer:
    try:
        secrets = valid_secrets(endpoint, keyring)
    except Unsealable as fault:
        id = endpoint["_id"]
        raise WebhookFault(f"its secret was sealed by another server: run.py webhook rotate {id}") from fault
    now = int(time.time())
    date = datetime.fromtimestamp(now, UTC)
    signatures = [Webhook(secret).sign(message["message"], date, message["body"]) for secret in secrets]
    headers = {
        "webhook-id": message["message"],
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join(signatures),
        "Content-Type": "application/json",
    }
    return await client.post_bytes(endpoint["url"], message["body"].encode(), headers)


async def send_test(settings: Settings, endpoint: WebhookDoc, keyring: Keyring) -> ServiceAnswer:
    """Send a test event, which is about the endpoint itself. Raises WebhookFault."""
    client = _make_http_client(settings)
    try:
        message = make_message(Event(TEST, {"webhook": {"id": endpoint["_id"]}}))
        return await _send(client, endpoint, message, keyring)
    except NoAnswer as fault:
        raise WebhookFault(f"no answer: {fault}") from fault
    finally:
        await client.close()
