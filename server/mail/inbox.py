"""The inbox: accepted mail, stored before it is answered, then taken once (contract/activity.md 3.3).

    await accept(store, posted)                      # durable when it returns
    receiver = Receiver(settings, store, changes, is_read_only)
    receiver.start()
    await receiver.close()

What a mail becomes is one transaction: the note with its mails, the token's count,
the message id that is never taken again and the end of the inbox record. So a
process may die anywhere: the mail is then taken after the lease, by anybody.

Discarded mail leaves its reason behind for some weeks; its text is deleted.

Thread rule: event loop only.
"""

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from conf.limits import BOUNCE_SPAM_SCORE, REPLY_TOKEN_USES
from conf.model.activity import ReplyTokenDoc, SeenMailDoc
from conf.model.addons import AddonDoc, UserDoc
from conf.settings.settings import Settings
from server import clock
from server.auth.callers import Caller
from server.auth.permissions import is_any_reviewer, is_author
from server.changes import Change, Changes
from server.errors import StoreError
from server.mail import inbound
from server.mail.html_text import html_text
from server.mail.inbound import Mail, UnusableMail, content_hash, read_mail
from server.mail.outgoing import bounce
from server.mail.reply_text import reply_text
from server.mail.reply_tokens import TOKENS, find_token, hide_addresses, token_in
from server.retry import Backoff
from server.services.posting import Posting
from server.storage.lease_queue import DISCARDED, Queue, waiting
from server.storage.operations import Delete, Insert, Replace, Update
from server.storage.store import Store
from server.worker import Worker

log = logging.getLogger(__name__)

INBOX: Final = "mail_inbox"
SEEN_MAIL: Final = "mail_seen"
REASON_AGE: Final = 30 * 24 * 3600.0  # seconds a discarded mail's reason is kept
AGAIN: Final = 24 * 3600.0  # seconds in which the same content without a message id is the same mail
_BATCH: Final = 5  # what a lease is long enough for, even if every text takes its limit to read
_LEASE: Final = 120.0
_TRIES: Final = 10
_PAUSE: Final = Backoff(30.0, 30.0)


async def accept(store: Store, posted: Mapping[str, Any]) -> None:
    """Keep a mail until it is dealt with. Raises ReadOnly, Unavailable: then it is not accepted."""
    body = orjson.dumps({key: value for key, value in posted.items() if key != "SecretKey"}).decode()
    record = waiting(_id=secrets.token_hex(12), received=clock.now(), body=body)
    await store.write([Insert(INBOX, record)])


class Receiver(Worker):
    """The worker that takes what the inbox has."""

    def __init__(
        self, settings: Settings, store: Store, changes: Changes, is_read_only: Callable[[], bool]
    ) -> None:
        super().__init__("inbound mail", settings.mail_interval)
        self._settings = settings
        self._store = store
        self._changes = changes
        self._posting = Posting(store, changes, settings)
        self._queue = Queue(store, INBOX, _LEASE)
        self._is_read_only = is_read_only

    async def work(self) -> None:
        """Everything that is due; what was given up in the middle is taken again after the lease."""
        while not self._is_read_only():
            claimed = await self._queue.claim(_BATCH)
            for record in claimed:
                await self._process(record)
            if len(claimed) < _BATCH:
                break
        await self._forget()

    async def _process(self, record: dict[str, Any]) -> None:
        try:
            mail = read_mail(orjson.loads(record["body"]))
            comments = await self._comments(mail)
            await self._changes.run(lambda change: self._take(change, record, mail, comments), wait=False)
        except StoreError:
            raise
        except Exception as fault:  # one mail must not keep the others
            log.exception("inbound mail %s failed", record["_id"])
            error = f"{type(fault).__name__}: {fault}"
            tries = record.get("tries", 0) + 1
            if tries >= _TRIES:
                await self._queue.park(record, error)
            else:
                await self._queue.retry(record, _PAUSE.pause(tries), error)

    async def _comments(self, mail: Mail) -> str:
        """What was written. Mail to no known token is not read: it costs nobody any time."""
        token = token_in(mail.addresses)
        if token is None or await find_token(self._store, token) is None:
            return ""
        text = await html_text(mail.html) if mail.html else mail.body
        # In a thread: a text of some megabytes takes a second.
        return hide_addresses(await asyncio.to_thread(reply_text, text), token)

    async def _take(self, change: Change, record: dict[str, Any], mail: Mail, comments: str) -> None:
        if not self._queue.is_ours(await change.find_one(INBOX, {"_id": record["_id"]})):
            return None  # the lease ran out and somebody else took over
        seen = _seen_id(mail)
        before = await change.find_one(SEEN_MAIL, {"_id": seen})
        if before is not None and (
            mail.message_id or record["received"] < clock.shifted(AGAIN, before["date"])
        ):
            return await self._discard(change, record, inbound.SEEN_BEFORE)
        try:
            note_id, outcome = await self._reply(change, mail, comments), "note"
            await change.apply(Delete(INBOX, record["_id"]))
        except UnusableMail as fault:
            note_id, outcome = None, str(fault)
            await self._discard(change, record, outcome)
            await self._bounce(change, record, mail, outcome)
        row: SeenMailDoc = {"_id": seen, "date": record["received"], "outcome": outcome, "note_id": note_id}
        if before is not None:
            return await change.apply(Replace(SEEN_MAIL, row))
        return await change.apply(Insert(SEEN_MAIL, row))

    async def _reply(self, change: Change, mail: Mail, comments: str) -> int:
        """The new note's id. Raises Unusable, before anything is written."""
        token, user, addon = await _find_writer(change, mail)
        note = await self._posting.reply_in(change, addon["_id"], token["version_id"], user, comments)
        # Counted after the note: mail to the others makes their tokens fresh, not this one.
        await change.apply(Update(TOKENS, token["_id"], {"$inc": {"uses": 1}}))
        return note["_id"]

    async def _discard(self, change: Change, record: dict[str, Any], reason: str) -> None:
        values = {"state": DISCARDED, "reason": reason, "body": "", "due": time.time()}
        await change.apply(self._queue.change(record, values))

    async def _bounce(self, change: Change, record: dict[str, Any], mail: Mail, reason: str) -> None:
        settings = self._settings
        wanted = settings.email_bouncing and settings.email_sending and mail.spam_score < BOUNCE_SPAM_SCORE
        if wanted and mail.sender:
            await bounce(change, record["_id"], mail.sender, mail.subject, reason)

    async def _forget(self) -> None:
        """Reasons against mail of long ago; MongoDB keeps no more of it than operators look at."""
        query = {"state": DISCARDED, "due": {"$lt": time.time() - REASON_AGE}}
        old = await self._store.find(INBOX, query, limit=100)
        if old:
            await self._store.write([Delete(INBOX, record["_id"]) for record in old])


def _seen_id(mail: Mail) -> str:
    if mail.message_id is None:
        return f"content:{content_hash(mail)}"
    return hashlib.sha256(mail.message_id.encode()).hexdigest()


async def _find_writer(change: Change, mail: Mail) -> tuple[ReplyTokenDoc, UserDoc, AddonDoc]:
    """Whose reply it is, and to what; the checks c to h of contract/activity.md 3.3 in their order."""
    if not (mail.body or mail.html):
        raise UnusableMail("mail_malformed")
    written = token_in(mail.addresses)
    if written is None:
        raise UnusableMail("mail_without_token", addresses=", ".join(mail.addresses))
    token = await find_token(change, written)
    if token is None:
        raise UnusableMail("mail_token_unknown", token=written)
    user: Any = await change.find_one("users", {"_id": token["user_id"]})
    if user is not None and user["banned"]:
        raise UnusableMail("mail_user_banned")
    addon = await change.find_addon("id", token["addon_id"])
    if token["uses"] >= REPLY_TOKEN_USES:
        raise _expired("mail_token_overused")
    if addon is None or not _has_version(addon, token["version_id"]):
        raise _expired("mail_version_missing")
    caller = Caller(user)
    may_reply = is_author(caller, addon) or is_any_reviewer(caller, safe=False)
    if user is None or user["deleted"] or not may_reply:
        raise UnusableMail("mail_forbidden")
    return token, user, addon


def _expired(key: str) -> UnusableMail:
    return UnusableMail("mail_token_expired", reason=inbound.text(key))


def _has_version(addon: AddonDoc, version_id: int) -> bool:
    here = (version for version in addon["versions"] if version["id"] == version_id)
    return addon["status"] != "deleted" and any(not version["deleted"] for version in here)
