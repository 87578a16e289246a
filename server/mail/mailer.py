"""Sends the mail outbox by SMTP, one delivery a record.

    mailer = Mailer(settings, store, is_read_only, site_url, keyring.address_hash)
    mailer.start()
    await mailer.close()

    answer                                    outcome for the record (server/background/delivery.py)
    accepted                                  done
    this mail or recipient: no (5xx)          refused: tried again later; parked after several refusals
    this mail or recipient: not now (4xx)     tried again later; parked after `email_max_age`
    anything else, or no answer               tried again, for ever; other mail waits, too

The password is sent only over an encrypted connection to a server with a valid
certificate, unless the setting `smtp_security` is `none`. So no mail is sent through a
server that does not offer STARTTLS, or whose offer somebody in between hides.

A mail may arrive twice if a process dies between the server's answer and ours;
both have the same Message-ID. Thread rule: event loop only.
"""

import asyncio
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any, Final

import aiosmtplib

from conf.model.checks import describe_error
from conf.settings.settings import Settings
from server.background.delivery import Delivery, DeliveryPolicy, Rejected, RejectedForNow, ServiceDown
from server.mail.outgoing import OUTBOX, as_message
from server.mail.unsubscribing import UnsubscribeLinks
from server.retry import Backoff
from server.storage.lease_queue import Queue
from server.storage.store import Store

_BATCH: Final = 10
_REFUSALS: Final = 3
_RETRIES: Final = Backoff(2.0, 3600.0)
_OUTAGES: Final = Backoff(2.0, 60.0)
_CLOSING: Final = 421  # the server closes the connection; may answer any command
_TOO_LARGE: Final = 552  # about this mail, even as the answer to MAIL FROM


class Mailer(Delivery):
    """The worker that sends the outbox."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        is_read_only: Callable[[], bool],
        site_url: str = "",
        address_hash: Callable[[str], str] | None = None,
    ) -> None:
        """`site_url` and `address_hash` are for links that turn off a kind of mail."""
        queue = Queue(store, OUTBOX, 30.0 + _BATCH * settings.smtp_timeout)
        policy = DeliveryPolicy(
            "mail",
            settings.mail_interval,
            settings.smtp_timeout,
            _BATCH,
            1,
            _REFUSALS,
            _RETRIES,
            _OUTAGES,
            settings.email_max_age,
        )
        super().__init__("the SMTP server", policy, queue, is_read_only)
        self._settings = settings
        self._links = UnsubscribeLinks(site_url, address_hash) if address_hash else None

    @property
    def enabled(self) -> bool:
        return self._settings.email_sending

    async def deliver(self, record: dict[str, Any]) -> None:
        try:
            message = as_message(record, self._settings)
            if self._links and "notification" in record:
                self._links.add(message, record["to"], record["notification"])
        except Exception as fault:  # such as an address that no server would accept
            raise Rejected(describe_error(fault), final=True) from fault
        try:
            async with asyncio.timeout(self._settings.smtp_timeout):
                await self._send_message(message, record["to"])
        except (aiosmtplib.SMTPException, TimeoutError, OSError) as fault:
            raise _failure(fault) from fault

    async def _send_message(self, message: EmailMessage, to: str) -> None:
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


def _security(settings: Settings) -> str:
    if settings.smtp_security is not None:
        return settings.smtp_security
    return "starttls" if settings.smtp_starttls or settings.smtp_user else "none"


def _failure(fault: Exception) -> Exception:
    """The outcome of a fault, which may be about this mail or about the server."""
    text = f"{type(fault).__name__}: {fault}"
    answer: Any = fault.recipients[0] if isinstance(fault, aiosmtplib.SMTPRecipientsRefused) else fault
    is_about_mail = isinstance(answer, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError)
    code = getattr(answer, "code", 0)
    if code == _CLOSING or not (is_about_mail or code == _TOO_LARGE):
        return ServiceDown(text)
    return Rejected(text) if code >= 500 else RejectedForNow(text)
