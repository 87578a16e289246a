"""A sender of webhooks that runs, endpoints that it sends to, and what they were sent."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from standardwebhooks import Webhook

from conf.settings.loading import load_settings
from server.auth.keys.keyring import Keyring, Secret, new_secret
from server.auth.keys.keystores import Keys
from server.storage.lease_queue import PARKED
from server.storage.operations import Update
from server.storage.store import Store
from server.webhooks import endpoints
from server.webhooks.events import Event
from server.webhooks.outbox import OUTBOX, EndpointList, record_events
from server.webhooks.requests import WebhookClient
from server.webhooks.sender import WebhookSender
from tests.fake_basket import Arrival, Basket, Said

RING = Keyring([new_secret()])
SETTINGS = load_settings({"webhook_private": True, "webhook_timeout": 0.4})
ENDLESS = Said(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000_000)
ABOUT = {"rating": {"id": 1}}


async def never_changed() -> list[Secret]:
    return [*RING.ring]


KEYS = Keys(never_changed, RING.ring)


@asynccontextmanager
async def sending(
    store: Store, is_read_only: Callable[[], bool] = lambda: False, keys: Keys = KEYS
) -> AsyncIterator[WebhookSender]:
    worker = WebhookSender(SETTINGS, store, WebhookClient(SETTINGS, keys), is_read_only, interval=0.02)
    worker.start()
    try:
        yield worker
    finally:
        await worker.close()


async def add(store: Store, receiver: Basket, *events: str) -> tuple[int, str]:
    """An endpoint's id and secret."""
    endpoint, secret = await endpoints.add_endpoint(store, RING, f"{receiver.url}/hook", events, private=True)
    return endpoint["_id"], secret


async def tell(store: Store, type: str = "rating.created", count: int = 1) -> None:
    async def work(transaction: Any) -> None:
        await record_events(transaction, [Event(type, ABOUT)] * count, EndpointList())

    await store.run_transaction(work)


async def until(holds: Callable[[], Any], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not (await result if asyncio.iscoroutine(result := holds()) else result):
        assert time.monotonic() < end, "it never came to hold"
        await asyncio.sleep(0.02)


async def record(store: Store, **query: Any) -> dict[str, Any] | None:
    return await store.find_one(OUTBOX, query)


async def age(store: Store, seconds: float) -> None:
    for result in await store.find(OUTBOX, {}):
        await store.write([Update(OUTBOX, result["_id"], {"$set": {"since": time.time() - seconds}})])


async def count_parked(store: Store, expected: int) -> bool:
    return await store.count(OUTBOX, {"state": PARKED}) == expected


async def is_disabled(store: Store, id: int) -> bool:
    return (await endpoints.find_endpoint(store, id))["disabled"] == "it answered 410, gone for good"


async def is_empty(store: Store, **query: Any) -> bool:
    return await store.count(OUTBOX, query) == 0


def verified(arrival: Arrival, secret: str) -> Any:
    return Webhook(secret).verify(arrival.text, dict(arrival.headers))
