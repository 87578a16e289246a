"""Reads inbound mail from posted JSON (contract/activity.md 3.1, 3.3).

    mail = read_mail(posted)          # accepts anything; never raises
    raise UnusableMail("mail_forbidden")  # a reason that the sender may be told

Pure; any thread.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import orjson

from conf.messages import text
from conf.settings.checks import email

DUPLICATE: Final = "seen before"


class UnusableMail(Exception):
    """The mail cannot become a note; the text is the reason."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(text(key, **values))

    @classmethod
    def expired(cls, key: str) -> Self:
        """The token is not valid any more; `key` is the text of the reason."""
        return cls("mail_token_expired", reason=text(key))


@dataclass(frozen=True, slots=True)
class Mail:
    """The parts of an inbound mail that matter here."""

    message_id: str | None  # None: the mail is identified by its content
    body: str  # plain text
    html: str  # only if it has no plain text
    addresses: tuple[str, ...]  # To
    sender: str | None  # bounces go there
    subject: str
    spam_score: float


def read_mail(posted: Mapping[str, Any]) -> Mail:
    message = posted.get("Message")
    parts: dict[str, Any] = message if isinstance(message, dict) else {}
    body, html = _text(parts.get("TextBody")), _text(parts.get("HtmlBody"))
    return Mail(
        message_id=_message_id(parts),
        body=body,
        html="" if body.strip() else html,
        # The documents name the top level, the public server reads the message (contract/versions.md 19).
        addresses=_addresses(parts.get("To")) or _addresses(posted.get("To")),
        sender=_sender(parts),
        subject=_text(parts.get("Subject")),
        spam_score=_score(posted.get("SpamScore")),
    )


def content_hash(mail: Mail) -> str:
    """A hash that is equal for a mail that is sent again, even with another spam score."""
    content = (mail.body, mail.html, mail.addresses, mail.sender, mail.subject)
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _message_id(message: dict[str, Any]) -> str | None:
    message_id = _text(message.get("MessageId")).strip()
    if message_id:
        return message_id
    headers = message.get("CustomHeaders")
    for header in headers if isinstance(headers, list) else ():
        if not isinstance(header, dict) or str(header.get("Name")).lower() != "message-id":
            continue
        value = _text(header.get("Value")).strip()
        if value:
            return value
    return None


def _addresses(value: Any) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else ()
    addresses = (entry.get("EmailAddress") for entry in entries if isinstance(entry, dict))
    return tuple(address for address in addresses if isinstance(address, str))


def _sender(message: dict[str, Any]) -> str | None:
    for key in ("From", "ReplyTo"):
        entry = message.get(key)
        address = entry.get("EmailAddress") if isinstance(entry, dict) else None
        if (
            isinstance(address, str)
            and len(address) < 255
            and address.isprintable()
            and email(address) is None
        ):
            return address
    return None


def _score(value: Any) -> float:
    """The spam score; 0 if it cannot be read."""
    try:
        score = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return score if score == score else 0.0
