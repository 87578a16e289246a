"""Sends the outbox to Basket, one request per object (contract/basket.md 2).

    sender = Sender(settings, store, is_read_only)
    sender.start()
    await sender.close()

    answer             outcome for the record (server/background/delivery.py)
    2xx                done
    429                all records wait as long as Retry-After says
    other 4xx          refused: tried again later; parked after `basket_max_tries` of them
    other, or none     tried again, for ever; the other records wait, too

The contract counts any status below 400 as success (contract/basket.md 2). A redirect does
not count here, because it says that Basket is elsewhere, and the payload would be lost.

Thread rule: event loop only.
"""

from collections.abc import Callable
from typing import Any, Final, cast

from conf.model.addons import UserDoc
from conf.settings.settings import Settings
from server.background.delivery import Delivery, DeliveryPolicy, Rejected, ServiceDown
from server.basket.outbox import OUTBOX
from server.basket.payload import Payload, addon_payload, user_payload
from server.outside.http_client import HttpClient, NoAnswer
from server.retry import Backoff
from server.storage.lease_queue import Queue
from server.storage.store import Store

_PATHS: Final = {"addon": "/amo-sync/addon/", "user": "/amo-sync/userprofile/"}
_RETRIES: Final = Backoff(1.0, 600.0)
_OUTAGES: Final = Backoff(1.0, 15.0)


class Sender(Delivery):
    """The worker that sends the outbox."""

    def __init__(self, settings: Settings, store: Store, is_read_only: Callable[[], bool]) -> None:
        queue = Queue(store, OUTBOX, settings.basket_lease)
        policy = DeliveryPolicy(
            "basket",
            settings.basket_interval,
            settings.basket_timeout,
            settings.basket_batch,
            settings.basket_concurrency,
            settings.basket_max_tries,
            _RETRIES,
            _OUTAGES,
        )
        super().__init__("Basket", policy, queue, is_read_only)
        self._settings = settings
        self._store = store
        self._client = HttpClient(settings.basket_timeout, settings.basket_concurrency)

    @property
    def enabled(self) -> bool:
        return bool(self._settings.basket_sync and self._settings.basket_url)

    async def close(self) -> None:
        await super().close()
        await self._client.close()

    async def deliver(self, record: dict[str, Any]) -> None:
        payload = await self._render(record["kind"], record["object_id"])
        if payload is None:
            return  # deleted for good: nothing to send
        headers = {"x-api-key": self._settings.basket_api_key or ""}
        url = f"{self._settings.basket_url}{_PATHS[record['kind']]}"
        try:
            answer = await self._client.post(url, payload, headers)
        except NoAnswer as fault:
            raise ServiceDown(f"no answer: {fault}") from fault
        if answer.is_success:
            return
        if answer.status == 429:
            raise ServiceDown("429", answer.retry_after or _RETRIES.first)
        if 400 <= answer.status < 500:
            raise Rejected(str(answer.status))
        redirect = ", a redirect: basket_url is not Basket's own address"
        raise ServiceDown(f"{answer.status}{redirect if answer.status < 400 else ''}")

    async def _render(self, kind: str, object_id: int) -> Payload | None:
        """The payload of the object's newest state; None if it is deleted. Raises BadDocument."""
        if kind == "user":
            user = await self._find_user(object_id)
            return user_payload(user) if user else None
        addon = await self._store.find_addon("id", object_id)
        if addon is None:
            return None
        users = [await self._find_user(author["user_id"]) for author in addon["authors"]]
        return addon_payload(addon, {user["_id"]: user for user in users if user})

    async def _find_user(self, user_id: int) -> UserDoc | None:
        return cast(UserDoc | None, await self._store.find_one("users", {"_id": user_id}))
