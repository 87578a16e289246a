"""Sends the outbox to Basket: a timer takes a batch, one request an object (contract/basket.md 2).

    sender = Sender(settings, store, Outbox(store, settings.basket_lease), is_read_only)
    sender.start()
    await sender.close()

Nothing of it slows a caller: records wait in MongoDB, requests have a time limit,
and while Basket does not answer, one request a pause asks whether it is back.

    answer             what becomes of the record
    2xx                done
    429                all wait as long as Retry-After says
    other 4xx          tried again later; parked after `basket_max_tries` of them
    all else, none     tried again later, for ever; the rest of the batch waits too

The contract takes any status below 400 for success (contract/basket.md 2). A redirect is
not one here: it says that Basket is elsewhere, and what was sent would be lost.

Thread rule: event loop only.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Final, cast

from conf.model.addons import UserDoc
from conf.numbers import read_number
from conf.settings.settings import Settings
from server.basket.outbox import Claim, Outbox
from server.basket.payload import Payload, addon_payload, user_payload
from server.errors import BadDocument, StoreError
from server.http_client import HttpClient, NoAnswer, ServiceAnswer
from server.storage.store import Store
from server.worker import Worker

log = logging.getLogger(__name__)

_PATHS: Final = {"addon": "/amo-sync/addon/", "user": "/amo-sync/userprofile/"}
_FIRST_PAUSE: Final = 1.0  # seconds, doubled with each failure in a row
_LONGEST_PAUSE: Final = 600.0  # for one record
_LONGEST_SILENCE: Final = 15.0  # for all, while Basket does not answer
_LONGEST_RETRY_AFTER: Final = 3600.0
_ERROR_LENGTH: Final = 200


class Sender(Worker):
    def __init__(
        self, settings: Settings, store: Store, outbox: Outbox, is_read_only: Callable[[], bool]
    ) -> None:
        super().__init__("Basket", settings.basket_interval)
        self._settings = settings
        self._store = store
        self._outbox = outbox
        self._is_read_only = is_read_only
        self._client = HttpClient(settings.basket_timeout, settings.basket_concurrency)
        self._silent_until = 0.0  # monotonic; nothing is sent before
        self._silences = 0  # in a row

    @property
    def enabled(self) -> bool:
        return bool(self._settings.basket_sync and self._settings.basket_url)

    async def close(self) -> None:
        """The records of requests under way are sent again after the lease."""
        await super().close()
        await self._client.close()

    async def work(self) -> None:
        """Batches until the outbox is empty or Basket is to be left alone."""
        while self._may_send():
            limit = self._settings.basket_batch if not self._silences else 1
            claims = await self._outbox.claim(limit)
            await self._send_all(claims)
            if len(claims) < self._settings.basket_batch:
                break

    def _may_send(self) -> bool:
        return self.enabled and not self._is_read_only() and time.monotonic() >= self._silent_until

    async def _send_all(self, claims: list[Claim]) -> None:
        waiting = list(reversed(claims))
        senders = (self._send_some(waiting) for _ in range(self._settings.basket_concurrency))
        try:
            await asyncio.gather(*senders)
        finally:
            await self._outbox.release(waiting)

    async def _send_some(self, waiting: list[Claim]) -> None:
        while waiting and self._may_send():
            claim = waiting.pop()
            # A request must have ended before somebody else may send the same object.
            if time.monotonic() + self._settings.basket_timeout > claim.lease_until:
                continue
            await self._send(claim)

    async def _send(self, claim: Claim) -> None:
        try:
            payload = await self._render(claim)
        except StoreError:
            raise
        except Exception as fault:  # one object must not keep the others
            await self._defer(claim, fault)
            return
        if payload is None:
            await self._outbox.done(claim)  # gone for good: there is nothing to say of it
            return
        try:
            answer = await self._post(claim.kind, payload)
        except NoAnswer as fault:
            await self._fail(claim, f"no answer: {fault}")
            return
        if answer.is_success:
            self._silences = 0
            await self._outbox.done(claim)
        elif answer.status == 429:
            pause = _retry_after(answer.headers.get("Retry-After")) or _FIRST_PAUSE
            self._be_silent(pause)
            await self._outbox.retry(claim, pause, "429", refused=False)
        elif 400 <= answer.status < 500:
            self._silences = 0
            await self._refused(claim, answer.status)
        else:
            redirect = ", a redirect: basket_url is not Basket's own address"
            await self._fail(claim, f"{answer.status}{redirect if answer.status < 400 else ''}")

    async def _fail(self, claim: Claim, error: str) -> None:
        """Basket is not well: everything waits a little, this record a little longer each time."""
        if time.monotonic() >= self._silent_until:  # requests that fail together are one failure
            self._silences += 1
            self._be_silent(min(_FIRST_PAUSE * 2 ** min(self._silences - 1, 10), _LONGEST_SILENCE))
            if self._silences == 1:
                log.warning("Basket does not take syncs (%s); they are kept", error[:_ERROR_LENGTH])
        await self._outbox.retry(claim, _jittered(_FIRST_PAUSE), error[:_ERROR_LENGTH], refused=False)

    async def _defer(self, claim: Claim, fault: Exception) -> None:
        """The object, or an author of it, is damaged: its newest state is told when it is repaired."""
        if not isinstance(fault, BadDocument):  # that one is named where it was read
            log.error("Basket cannot be told of %s", claim.id, exc_info=fault)
        pause = _jittered(min(_FIRST_PAUSE * 2 ** min(claim.tries, 20), _LONGEST_PAUSE))
        await self._outbox.retry(claim, pause, str(fault)[:_ERROR_LENGTH], refused=False)

    async def _refused(self, claim: Claim, status: int) -> None:
        if claim.refusals + 1 >= self._settings.basket_max_tries:
            log.warning("Basket refused %s too often (%d); see run.py basket status", claim.id, status)
            await self._outbox.park(claim, str(status))
            return
        pause = _jittered(min(_FIRST_PAUSE * 2 ** min(claim.refusals, 20), _LONGEST_PAUSE))
        await self._outbox.retry(claim, pause, str(status), refused=True)

    def _be_silent(self, seconds: float) -> None:
        self._silent_until = max(self._silent_until, time.monotonic() + _jittered(seconds))

    async def _render(self, claim: Claim) -> Payload | None:
        """The object's newest state; None where it is not there any more. Raises BadDocument."""
        if claim.kind == "user":
            user = await self._find_user(claim.object_id)
            return user_payload(user) if user else None
        addon = await self._store.find_addon("id", claim.object_id)
        if addon is None:
            return None
        users = [await self._find_user(author["user_id"]) for author in addon["authors"]]
        return addon_payload(addon, {user["_id"]: user for user in users if user})

    async def _find_user(self, user_id: int) -> UserDoc | None:
        return cast(UserDoc | None, await self._store.find_one("users", {"_id": user_id}))

    async def _post(self, kind: str, payload: Payload) -> ServiceAnswer:
        headers = {"x-api-key": self._settings.basket_api_key or ""}
        return await self._client.post(f"{self._settings.basket_url}{_PATHS[kind]}", payload, headers)


def _jittered(seconds: float) -> float:
    return seconds * random.uniform(0.75, 1.25)


def _retry_after(header: str | None) -> float | None:
    """Seconds, from either form of the header; None where there is none that makes sense."""
    if not header:
        return None
    seconds: float | None = read_number(header.strip())
    if seconds is None:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except (TypeError, ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)
