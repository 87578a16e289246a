"""Mail about changes of authors, ratings and new versions of an add-on.

    await change.record(*author_mails(settings, "author-added", addon, ben, others))  # contract/writes.md 7
    await change.record(*submission_mails(addon, "1.2", "listed", people))  # contract/reviewers.md 5
    await mail_authors(change, addon, rating)  # contract/writes.md 9
    await mail_rater(change, addon, rating, reply)

All mails are recorded in the transaction of the change. Accounts can turn off mail about ratings
(contract/extras.md 6) by a link that the mailer adds. Texts are English.
"""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from conf.model.addons import AddonDoc, UserDoc
from conf.model.ratings import RatingDoc
from conf.settings.settings import Settings
from conf.vocabulary import NOTIFICATIONS
from index.shapes.translated_fields import default_text
from server.changes import Change, NewRecord
from server.mail.outgoing import OUTBOX, header_text
from server.services.review.review_notes import account_name
from server.storage.lease_queue import new_record

_SENDER: Final = "Mozilla Add-ons"
# Kind of change -> text; nobody is mailed about other kinds.
_AUTHOR_TEXTS: Final = {
    "author-invited": "{name} was invited to be an author of {addon}.",
    "author-added": "{name} is an author of {addon} now.",
    "author-changed": "The role of {name} as an author of {addon} was changed.",
    "author-removed": "{name} is no longer an author of {addon}.",
}
_SUBMISSION: Final = """\
A {channel} version of {name} was submitted: {version}

--
You asked for this mail. To get no more of them, unsubscribe in the reviewer tools.
"""
# Kind of notification -> subject and text.
_RATINGS: Final = {
    "new_review": ("User Rating", "{name} rated {addon} with {score} of 5 stars:\n\n{body}\n"),
    "reply": ("Developer Reply", "{name} answered your review of {addon}:\n\n{body}\n"),
}


def _mails(
    event: str, users: Iterable[Mapping[str, Any]], subject: str, text: str, **fields: str
) -> list[NewRecord]:
    """The same mail to each address of active users; `event` is a prefix of the records' ids."""
    people = [user for user in users if not (user["deleted"] or user["banned"])]
    return [
        NewRecord(
            OUTBOX,
            new_record(
                _id=f"{event}:{address}",
                to=address,
                sender=_SENDER,
                subject=header_text(subject),
                text=text,
                headers={},
                **fields,
            ),
        )
        for address in dict.fromkeys(user["email"] for user in people if user["email"])
    ]


def _title(addon: AddonDoc) -> str:
    return default_text(addon["name"], addon["default_locale"]) or addon["slug"] or addon["guid"] or ""


def author_mails(
    settings: Settings, kind: str, addon: AddonDoc, account: UserDoc, authors: Iterable[UserDoc]
) -> list[NewRecord]:
    """Mails to the authors and to the `account` whose role changed; none while `email_sending` is off."""
    if not settings.email_sending or kind not in _AUTHOR_TEXTS:
        return []
    title = _title(addon)
    text = _AUTHOR_TEXTS[kind].format(name=account["display_name"] or account["username"], addon=title) + "\n"
    event = f"author:{secrets.token_hex(8)}"
    return _mails(event, (account, *authors), f"Mozilla Add-ons: {title}", text)


def submission_mails(
    addon: AddonDoc, version: str, channel: str, people: Iterable[UserDoc]
) -> list[NewRecord]:
    """Mail to subscribed reviewers about a new version."""
    name = " ".join(_title(addon).split())
    text = _SUBMISSION.format(channel=channel, name=name, version=version)
    event = f"submission:{secrets.token_hex(8)}"
    return _mails(event, people, f"Mozilla Add-ons: {name[:150]} Updated", text)


async def mail_authors(change: Change, addon: AddonDoc, rating: RatingDoc) -> None:
    """Mail the authors about a rating with a text."""
    if rating["body"]:
        ids = [author["user_id"] for author in addon["authors"] if author["user_id"] != rating["user_id"]]
        await _mail_about_rating(change, "new_review", ids, addon, rating)


async def mail_rater(change: Change, addon: AddonDoc, rating: RatingDoc, reply: RatingDoc) -> None:
    """Mail the rater about a reply."""
    if reply["body"] and rating["user_id"] != reply["user_id"]:
        await _mail_about_rating(change, "reply", [rating["user_id"]], addon, reply)


async def _mail_about_rating(
    change: Change, kind: str, ids: Iterable[int], addon: AddonDoc, rating: RatingDoc
) -> None:
    writer = await change.find_one("users", {"_id": rating["user_id"]})
    name, title = account_name(cast(UserDoc | None, writer), "en-US"), _title(addon)
    subject, text = _RATINGS[kind]
    text = text.format(name=name, addon=title, score=rating["score"], body=rating["body"])
    query: dict[str, Any] = {"_id": {"$in": list(ids)}}
    settings = {setting["_id"]: setting["enabled"] for setting in await change.find("notifications", query)}
    default = NOTIFICATIONS[kind].default
    users = await change.find("users", query)
    readers = [user for user in users if settings.get(user["_id"], {}).get(kind, default)]
    event = f"{kind}:{rating['_id']}"
    mails = _mails(event, readers, f"Mozilla Add-on {subject}: {title}", text, notification=kind)
    await change.record(*mails)
