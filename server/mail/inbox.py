"""The inbox: accepted mail is stored before the answer, then processed once (contract/activity.md 3.3).

    await accept(store, posted)                      # durable when it returns
    receiver = Receiver(settings, store, changes, is_read_only)
    receiver.start()
    await receiver.close()

One transaction stores the note with its mails, the use of the token and the message id,
and removes the inbox record. So a process may die at any time: once the lease has ended,
any process can take the mail.

When a mail is discarded, its text is deleted and the reason stays for some weeks.

Thread rule: event loop only.
"""

import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from conf.model.activity import SeenMailDoc
from conf.settings.settings import Settings
from server import clock
from server.background.worker import Worker
from server.changes import Change, Changes
from server.errors import StoreError
from server.mail.inbound import DUPLICATE, Mail, UnusableMail, content_hash, read_mail
from server.mail.outgoing import bounce
from server.mail.replies import Replies
from server.retry import Backoff
from server.storage.lease_queue import DISCARDED, Queue, new_record
from server.storage.operations import Delete, Insert, Replace
from server.storage.store import Store

log = logging.getLogger(__name__)

INBOX: Final = "mail_inbox"
SEEN_MAIL: Final = "mail_seen"
REASON_MAX_AGE: Final = 30 * 24 * 3600.0  # seconds that the reason for discarding a mail is kept
DUPLICATE_WINDOW: Final = 24 * 3600.0  # seconds in which equal content without a message id is the same mail
_BATCH: Final = 5  # few enough for a lease, even if every text takes as long as it may
_LEASE: Final = 120.0
_TRIES: Final = 10
_PAUSE: Final = Backoff(30.0, 30.0)


async def accept(store: Store, posted: Mapping[str, Any]) -> None:
    """Store a mail for processing. Raises ReadOnly, Unavailable; then it was not accepted."""
    body = orjson.dumps({key: value for key, value in posted.items() if key != "SecretKey"}).decode()
    record = new_record(_id=secrets.token_hex(12), received=clock.now(), body=body)
    await store.write([Insert(INBOX, record)])


class Receiver(Worker):
    """The worker that processes the inbox."""

    def __init__(
        self, settings: Settings, store: Store, changes: Changes, is_read_only: Callable[[], bool]
    ) -> None:
        super().__init__("inbound mail", settings.mail_interval, is_read_only)
        self._settings = settings
        self._store = store
        self._changes = changes
        self._replies = Replies(settings, store, changes)
        self._queue = Queue(store, INBOX, _LEASE)

    async def work(self) -> None:
        """Process all due mail; a mail whose process died is due again after its lease."""
        while not self._is_read_only():
            claimed = await self._queue.claim(_BATCH)
            for record in claimed:
                await self._process(record)
            if len(claimed) < _BATCH:
                break
        await self._delete_old_reasons()

    async def _process(self, record: dict[str, Any]) -> None:
        try:
            mail = read_mail(orjson.loads(record["body"]))
            comments = await self._replies.read(mail)
            await self._changes.run(lambda change: self._post(change, record, mail, comments), wait=False)
        except StoreError:
            raise
        except Exception as fault:  # one mail must not stop the others
            log.exception("inbound mail %s failed", record["_id"])
            error = f"{type(fault).__name__}: {fault}"
            tries = record.get("tries", 0) + 1
            if tries >= _TRIES:
                await self._queue.park(record, error)
            else:
                await self._queue.retry(record, _PAUSE.pause(tries), error)

    async def _post(self, change: Change, record: dict[str, Any], mail: Mail, comments: str) -> None:
        if not self._queue.holds(await change.find_one(INBOX, {"_id": record["_id"]})):
            return None  # the lease has ended, and another process has the mail
        seen_id = _seen_id(mail)
        earlier = await change.find_one(SEEN_MAIL, {"_id": seen_id})
        if earlier is not None and (
            mail.message_id or record["received"] < clock.shifted(DUPLICATE_WINDOW, earlier["date"])
        ):
            return await self._discard(change, record, DUPLICATE)
        try:
            note_id, outcome = await self._replies.post(change, mail, comments), "note"
            await change.apply(Delete(INBOX, record["_id"]))
        except UnusableMail as fault:
            note_id, outcome = None, str(fault)
            await self._discard(change, record, outcome)
            await bounce(change, self._settings, record["_id"], mail, outcome)
        processed: SeenMailDoc = {
            "_id": seen_id,
            "date": record["received"],
            "outcome": outcome,
            "note_id": note_id,
        }
        if earlier is not None:
            return await change.apply(Replace(SEEN_MAIL, processed))
        return await change.apply(Insert(SEEN_MAIL, processed))

    async def _discard(self, change: Change, record: dict[str, Any], reason: str) -> None:
        values = {"state": DISCARDED, "reason": reason, "body": "", "due": time.time()}
        await change.apply(self._queue.update(record, values))

    async def _delete_old_reasons(self) -> None:
        """Delete discarded mail whose reasons are old."""
        query = {"state": DISCARDED, "due": {"$lt": time.time() - REASON_MAX_AGE}}
        old = await self._store.find(INBOX, query, limit=100)
        if old:
            await self._store.write([Delete(INBOX, record["_id"]) for record in old])


def _seen_id(mail: Mail) -> str:
    if mail.message_id is None:
        return f"content:{content_hash(mail)}"
    return hashlib.sha256(mail.message_id.encode()).hexdigest()
