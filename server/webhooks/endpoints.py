"""The endpoints of webhooks, which operators manage: each has an address, events and secrets.

    endpoint, secret = await add_endpoint(store, keyring, "https://example.org/", ["addon.*"], private=False)
    endpoint, secret = await rotate_secret(store, keyring, 3)      # for a day, both secrets sign
    await enable(store, 3)
    await remove(store, 3)

Event loop only.
"""

import base64
import logging
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final, cast
from urllib.parse import urlsplit

from conf.limits import MAX_PARKED_EVENTS, MAX_URL, MAX_WEBHOOKS, WEBHOOK_SECRET_OVERLAP
from conf.model.queues import WebhookDoc, WebhookSecretDoc
from server import clock
from server.auth.keys.keyring import Keyring, Unsealable
from server.errors import OperatorFault
from server.storage.documents import DocumentAccess
from server.storage.lease_queue import PARKED
from server.storage.operations import Delete, Insert, Update
from server.storage.store import Store, Transaction
from server.webhooks.events import TYPES, is_event_name
from server.webhooks.outbox import ENDPOINTS, OUTBOX

log = logging.getLogger(__name__)

_SECRET_BYTES: Final = 32  # Standard Webhooks allows 24 to 64
_PREFIX: Final = "whsec_"
_MAX_DROPPED: Final = 1000  # parked events per round


class WebhookFault(OperatorFault):
    """The operator asked for something impossible; the text says why."""


async def list_endpoints(store: Store) -> list[WebhookDoc]:
    """All endpoints, the oldest first. Raises Unavailable."""
    return cast(list[WebhookDoc], await store.find(ENDPOINTS, {}, sort=[("_id", 1)]))


async def find_endpoint(access: DocumentAccess, id: int) -> WebhookDoc:
    """Raises WebhookFault, Unavailable."""
    endpoint = await access.find_one(ENDPOINTS, {"_id": id})
    if endpoint is None:
        raise WebhookFault(f"there is no webhook {id}: run.py webhook list")
    return cast(WebhookDoc, endpoint)


async def add_endpoint(
    store: Store, keyring: Keyring, url: str, events: Sequence[str], *, private: bool
) -> tuple[WebhookDoc, str]:
    """Add an endpoint; returns it with its secret, which is shown only now. `private`: the setting
    WEBHOOK_PRIVATE.

    Raises WebhookFault.
    """
    if fault := find_fault(url, private=private):
        raise WebhookFault(f"{url!r:.200} {fault}")
    for name in events:
        if not is_event_name(name):
            raise WebhookFault(f"{name!r:.80} is no event: {', '.join(TYPES)}, or the like of addon.*")
    if await store.count(ENDPOINTS) >= MAX_WEBHOOKS:
        raise WebhookFault(f"there are {MAX_WEBHOOKS} webhooks, and no more can be")
    secret, sealed = _new_secret(keyring)
    endpoint = WebhookDoc(
        _id=await store.next_id("webhook"),
        url=url,
        events=sorted(set(events)),
        secrets=[sealed],
        disabled=None,
        created=clock.now(),
    )
    await store.write([Insert(ENDPOINTS, cast(dict[str, Any], endpoint))], maintenance=True)
    return endpoint, secret


def find_fault(url: str, *, private: bool) -> str | None:
    """What is wrong with an address, without resolving it."""
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        return f"is no address of at most {MAX_URL} characters"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no address"
    if parts.scheme not in (("https", "http") if private else ("https",)) or not parts.hostname or port == 0:
        return "is no address that begins with https:// (http:// is one with WEBHOOK_PRIVATE)"
    if "@" in parts.netloc or parts.fragment:
        return "has a user name or a fragment, which nobody would be sent"
    return None


async def rotate_secret(store: Store, keyring: Keyring, id: int) -> tuple[WebhookDoc, str]:
    """Replace the secret; returns the endpoint and the new secret. The old one signs as well for a day, if it
    can be unsealed. Raises WebhookFault.
    """
    secret, sealed = _new_secret(keyring)

    def change(endpoint: WebhookDoc) -> dict[str, Any]:
        before = endpoint["secrets"][0]
        with suppress(Unsealable):
            keyring.unseal(before["sealed"])
            return {"secrets": [sealed, {**before, "until": clock.shifted(WEBHOOK_SECRET_OVERLAP)}]}
        return {"secrets": [sealed]}

    return await _change(store, id, change), secret


async def enable(store: Store, id: int) -> WebhookDoc:
    """Enable an endpoint; its waiting events are sent. Raises WebhookFault."""
    return await _change(store, id, lambda endpoint: {"disabled": None})


async def disable(store: Store, id: int, reason: str) -> WebhookDoc:
    """Record no more events for an endpoint; waiting ones stay. Raises WebhookFault if it was removed."""
    return await _change(store, id, lambda endpoint: {"disabled": reason})


async def _change(store: Store, id: int, change: Callable[[WebhookDoc], dict[str, Any]]) -> WebhookDoc:
    async def work(transaction: Transaction) -> WebhookDoc:
        endpoint = await find_endpoint(transaction, id)
        values = change(endpoint)
        await transaction.apply(Update(ENDPOINTS, id, {"$set": values}))
        return cast(WebhookDoc, {**endpoint, **values})

    return (await store.run_transaction(work, maintenance=True)).value


async def remove(store: Store, id: int) -> int:
    """Remove an endpoint and its waiting events; returns how many events it had. Raises WebhookFault."""
    await find_endpoint(store, id)
    await store.write([Delete(ENDPOINTS, id)], maintenance=True)
    waiting = await store.count(OUTBOX, {"endpoint": id})
    await store.delete_all(OUTBOX, {"endpoint": id})
    return waiting


async def drop_old_records(store: Store, before: float) -> None:
    """Drop events of removed endpoints, which concurrent changes may have recorded, and parked events of each
    endpoint but the newest MAX_PARKED_EVENTS (contract/webhooks.md 3).

    Events of unknown endpoints stay if they are newer than `before`, because their endpoint may be new.
    """
    ids = [endpoint["_id"] for endpoint in await store.find(ENDPOINTS, {}, unchecked=True)]
    await store.delete_all(OUTBOX, {"endpoint": {"$nin": ids}, "since": {"$lt": before}})
    for id in ids:
        await _drop_old_parked(store, id)


async def _drop_old_parked(store: Store, id: int) -> None:
    parked = {"endpoint": id, "state": PARKED}
    excess = await store.count(OUTBOX, parked) - MAX_PARKED_EVENTS
    if excess > 0:
        count = min(excess, _MAX_DROPPED)
        records = await store.find(OUTBOX, parked, sort=(("due", 1),), limit=count, unchecked=True)
        await store.delete_all(OUTBOX, {**parked, "_id": {"$in": [record["_id"] for record in records]}})
        log.warning("webhook %d: the oldest %d parked events are dropped", id, len(records))


def valid_secrets(endpoint: WebhookDoc, keyring: Keyring) -> list[str]:
    """The valid secrets, newest first. Raises Unsealable."""
    now = clock.now()
    valid = [secret for secret in endpoint["secrets"] if secret["until"] is None or secret["until"] > now]
    return [keyring.unseal(secret["sealed"]) for secret in valid]


def _new_secret(keyring: Keyring) -> tuple[str, WebhookSecretDoc]:
    secret = _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    return secret, {"sealed": keyring.seal(secret), "until": None}


async def reseal(store: Store, keyring: Keyring) -> tuple[int, list[str]]:
    """Seal every secret with the server's newest; returns how many, and endpoints with unreadable ones."""

    def reseal_secrets(endpoint: WebhookDoc) -> dict[str, Any]:
        texts = [keyring.unseal(secret["sealed"]) for secret in endpoint["secrets"]]
        pairs = zip(endpoint["secrets"], texts, strict=True)
        return {"secrets": [{**secret, "sealed": keyring.seal(text)} for secret, text in pairs]}

    sealed, lost = 0, []
    for endpoint in await list_endpoints(store):
        try:
            with suppress(WebhookFault):  # removed meanwhile
                sealed += len((await _change(store, endpoint["_id"], reseal_secrets))["secrets"])
        except Unsealable:
            lost.append(f"webhook {endpoint['_id']}")
    return sealed, lost
