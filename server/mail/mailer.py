"""Sends the mail outbox by SMTP: a timer takes a batch, one delivery a record.

    mailer = Mailer(settings, store, is_read_only)
    mailer.start()
    await mailer.close()

    answer                      what becomes of the record
    accepted                    done
    refused for good (5xx)      tried again later; parked after some of them
    refused for now, no answer  tried again later, for ever; the rest waits too

A login is sent over an encrypted connection alone, to a server whose certificate
proves who it is, unless the setting `smtp_security` says `none`: without it a server
that offers no STARTTLS, or somebody in between who hides the offer, gets no mail.

A mail may arrive twice if a process dies between the server's answer and ours;
both have the same Message-ID. Thread rule: event loop only.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any, Final

import aiosmtplib

from conf.settings.settings import Settings
from index.validation import describe_error
from server.mail.outgoing import OUTBOX, as_message
from server.storage.lease_queue import ERROR_LENGTH, Queue
from server.storage.store import Store
from server.worker import Worker

log = logging.getLogger(__name__)

_BATCH: Final = 10
_REFUSALS: Final = 3
_FIRST_PAUSE: Final = 2.0  # seconds, doubled with each failure in a row
_LONGEST_PAUSE: Final = 3600.0  # for one record
_LONGEST_SILENCE: Final = 60.0  # for all, while the server does not answer


class Mailer(Worker):
    def __init__(self, settings: Settings, store: Store, is_read_only: Callable[[], bool]) -> None:
        super().__init__("outgoing mail", settings.mail_interval)
        self._settings = settings
        # A batch must be through before somebody else may send the same.
        self._queue = Queue(store, OUTBOX, 30.0 + _BATCH * settings.smtp_timeout)
        self._is_read_only = is_read_only
        self._silent_until = 0.0  # monotonic; nothing is sent before
        self._failures = 0  # in a row

    @property
    def enabled(self) -> bool:
        return self._settings.email_sending

    async def work(self) -> None:
        """Batches until the outbox is empty or the server is to be left alone.

        What is given up in the middle is sent again after the lease.
        """
        while self._may_send():
            claimed = await self._queue.claim(_BATCH if not self._failures else 1)
            for record in claimed:
                await self._send(record)
            if len(claimed) < _BATCH:
                break

    def _may_send(self) -> bool:
        ready = self.enabled and not self._is_read_only()
        return ready and time.monotonic() >= self._silent_until

    async def _send(self, record: dict[str, Any]) -> None:
        if not self._may_send():
            await self._queue.release(record)
            return
        try:
            message = as_message(record, self._settings)
        except Exception as fault:  # an address that no server would take; one mail must not keep the others
            await self._queue.park(record, describe_error(fault))
            return
        try:
            async with asyncio.timeout(self._settings.smtp_timeout):
                await self._deliver(message, record["to"])
        except (aiosmtplib.SMTPException, TimeoutError, OSError) as fault:
            await self._fail(record, fault)
        else:
            self._failures = 0
            await self._queue.finish(record)

    async def _deliver(self, message: EmailMessage, to: str) -> None:
        settings = self._settings
        security = _security(settings)
        await aiosmtplib.send(
            message,
            sender=settings.email_from,
            recipients=[to],
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user,
            password=settings.smtp_password,
            use_tls=security == "tls",
            start_tls=security == "starttls",
            timeout=settings.smtp_timeout,
        )

    async def _fail(self, record: dict[str, Any], fault: Exception) -> None:
        error = f"{type(fault).__name__}: {fault}"
        tries = record["tries"]
        pause = min(_FIRST_PAUSE * 2 ** min(tries, 12), _LONGEST_PAUSE) * random.uniform(0.75, 1.25)
        if _is_final(fault):
            if tries + 1 >= _REFUSALS:
                log.warning("mail %s was refused too often; see run.py mail status", record["_id"])
                await self._queue.park(record, error)
                return
        else:
            self._failures += 1
            silence = min(_FIRST_PAUSE * 2 ** min(self._failures - 1, 10), _LONGEST_SILENCE)
            self._silent_until = time.monotonic() + silence
            if self._failures == 1:
                log.warning("the SMTP server does not take mail (%s); it is kept", error[:ERROR_LENGTH])
        await self._queue.retry(record, pause, error)


def _security(settings: Settings) -> str:
    if settings.smtp_security is not None:
        return settings.smtp_security
    return "starttls" if settings.smtp_starttls or settings.smtp_user else "none"


def _is_final(fault: Exception) -> bool:
    """Whether the server refused this mail, not mail as such."""
    if isinstance(fault, aiosmtplib.SMTPRecipientsRefused):
        return all(one.code >= 500 for one in fault.recipients)
    return (
        isinstance(fault, aiosmtplib.SMTPResponseException)
        and not isinstance(fault, aiosmtplib.SMTPConnectError | aiosmtplib.SMTPAuthenticationError)
        and fault.code >= 500
    )
