"""Outgoing mail: records of the outbox, and messages made from them (contract/activity.md 1.7, 3.4).

    await notify(change, settings, note, addon, version)     # in the note's transaction
    await bounce(change, settings, inbox_id, mail, reason)
    message = as_message(record, settings)

While `email_sending` is off nothing is recorded, because mail that is weeks late would
be of no use. Texts are English. A record's id contains the note and the recipient, so that
the same mail is never in the outbox twice.
"""

from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any, Final, cast

from conf.actions import ACTIONS, label
from conf.limits import BOUNCE_SPAM_SCORE
from conf.model.activity import NoteDoc
from conf.model.addons import AddonDoc, UserDoc, VersionDoc
from conf.settings.settings import Settings
from index.shapes.translated_fields import default_text
from server.changes import Change
from server.mail.inbound import Mail
from server.mail.reply_tokens import renew_token, reply_address
from server.services.review.review_notes import account_name
from server.storage.lease_queue import new_record
from server.storage.operations import Insert

OUTBOX: Final = "mail_outbox"
REVIEWER: Final = "An add-on reviewer"
_SUBJECT_LENGTH: Final = 200
_NOTE: Final = """\
{name} wrote about {addon}:

{comments}

--
This mail is about the review of {addon}.{reply}
"""
_BOUNCE: Final = """\
Your message could not be taken as a reply to a review:

{reason}

Nothing was recorded. This is an automatic answer.
"""


async def notify(
    change: Change, settings: Settings, note: NoteDoc, addon: AddonDoc, version: VersionDoc | None
) -> None:
    """Mail a note to the authors except its writer, and to the addresses of `email_activity_cc`."""
    has_content = bool(note["comments"]) or note["action"] in ACTIONS
    if not (settings.email_sending and has_content):
        return
    ids = [author["user_id"] for author in addon["authors"]]
    documents = await change.find("users", {"_id": {"$in": [*ids, note["user_id"]]}})
    users = {user["_id"]: cast(UserDoc, user) for user in documents}
    writer = users.get(note["user_id"]) if note["user_id"] is not None else None
    real_name = account_name(writer, "en-US")
    name_for_authors = real_name if note["user_id"] in ids else REVIEWER
    mail = _NoteMail(settings, note, addon, version)
    mailed = set()
    for user in (users[id_] for id_ in ids if id_ in users and id_ != note["user_id"]):
        address = _address(user)
        if address and address not in mailed:
            mailed.add(address)
            await change.apply(
                Insert(OUTBOX, mail.record(name_for_authors, address, await mail.reply(change, user)))
            )
    for address in set(settings.email_activity_cc) - mailed:
        await change.apply(Insert(OUTBOX, mail.record(real_name, address, None)))


def _address(user: UserDoc) -> str | None:
    return None if user["deleted"] or user["banned"] else user["email"]


class _NoteMail:
    """Makes the mails about a note, for several people."""

    def __init__(
        self, settings: Settings, note: NoteDoc, addon: AddonDoc, version: VersionDoc | None
    ) -> None:
        self._settings = settings
        self._note, self._addon, self._version = note, addon, version
        name = default_text(addon["name"], addon["default_locale"]) or addon["slug"] or ""
        self._title = f"{name} {version['version']}" if version else name

    async def reply(self, change: Change, user: UserDoc) -> str | None:
        """The reply address for this user; None if replies by mail are not accepted."""
        domain = self._settings.inbound_email_domain
        if not domain or not self._version:
            return None
        token = await renew_token(change, self._addon["_id"], self._version["id"], user["_id"])
        return reply_address(token, domain)

    def record(self, sender: str, to: str, reply: str | None) -> dict[str, Any]:
        """The outbox record of a mail from `sender`; answers go to `reply`, if any."""
        note = self._note
        subject = f"Mozilla Add-ons: {self._title}"
        return new_record(
            _id=f"note:{note['_id']}:{to}",
            to=to,
            sender=sender,
            subject=header_text(subject),
            text=_NOTE.format(
                name=sender,
                addon=self._title,
                comments=note["comments"] or label(note["action"]),
                reply=" Answer this mail to reply." if reply else "",
            ),
            headers=self._headers() | ({"Reply-To": reply} if reply else {}),
        )

    def _headers(self) -> dict[str, str]:
        domain = self._settings.inbound_email_domain or self._settings.email_from.rpartition("@")[2]
        thread = f"{self._addon['_id']}/{self._version['id'] if self._version else 0}"
        parent = f"<{thread}@{domain}>"
        message_id = f"<{thread}/{self._note['_id']}@{domain}>"
        return {"Message-ID": message_id, "In-Reply-To": parent, "References": parent}


async def bounce(change: Change, settings: Settings, inbox_id: str, mail: Mail, reason: str) -> None:
    """Tell the sender of an inbound mail why it was rejected, unless it was spam."""
    sends = settings.email_bouncing and settings.email_sending and mail.spam_score < BOUNCE_SPAM_SCORE
    if not (sends and mail.sender):
        return
    record = new_record(
        _id=f"bounce:{inbox_id}",
        to=mail.sender,
        sender="",
        subject=header_text(f"Re: {mail.subject or 'your email to us'}"),
        text=_BOUNCE.format(reason=reason),
        headers={"Auto-Submitted": "auto-replied"},
    )
    await change.apply(Insert(OUTBOX, record))


def header_text(text: str) -> str:
    """The text in one line, as headers must be, shortened."""
    return " ".join(text.split())[:_SUBJECT_LENGTH]


def as_message(record: dict[str, Any], settings: Settings) -> EmailMessage:
    """The message of a record. Raises ValueError if it would be invalid."""
    message = EmailMessage()
    message["From"] = Address(header_text(record["sender"]), addr_spec=settings.email_from)
    message["To"] = Address(addr_spec=record["to"])
    message["Subject"] = record["subject"]
    for name, value in record["headers"].items():
        message[name] = value
    message.set_content(record["text"])
    return message
