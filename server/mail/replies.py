"""Makes notes from inbound mail (contract/activity.md 3.3).

    replies = Replies(settings, store, changes)
    comments = await replies.read(mail)
    note_id = await replies.post(change, mail, comments)     # in the caller's transaction

Thread rule: event loop only.
"""

import asyncio
from typing import Any

from conf.model.activity import ReplyTokenDoc
from conf.model.addons import AddonDoc, UserDoc
from conf.settings.settings import Settings
from server.auth.access.permissions import is_any_reviewer, is_author
from server.auth.callers import Caller
from server.changes import Change, Changes
from server.mail.html_text import html_text
from server.mail.inbound import Mail, UnusableMail
from server.mail.reply_tokens import count_use, extract_token, find_token, hide_addresses, is_used_up
from server.services.posting import Posting
from server.storage.store import Store


class Replies:
    """Turns mail to reply addresses into notes."""

    def __init__(self, settings: Settings, store: Store, changes: Changes) -> None:
        self._store = store
        self._posting = Posting(store, changes, settings)

    async def read(self, mail: Mail) -> str:
        """The text of the reply; empty for mail without a valid token, which is not parsed to save time."""
        token = extract_token(mail.addresses)
        if token is None or await find_token(self._store, token) is None:
            return ""
        text = await html_text(mail.html) if mail.html else mail.body
        # In a thread, because some megabytes of text take a second.
        return hide_addresses(await asyncio.to_thread(_reply_text, text), token)

    async def post(self, change: Change, mail: Mail, comments: str) -> int:
        """Store the note; returns its id. Raises UnusableMail before it writes anything."""
        token, user, addon = await _find_writer(change, mail)
        note = await self._posting.add_reply(change, addon["_id"], token["version_id"], user, comments)
        # Counted after the note, whose mails renew the tokens of the other people, not this one.
        await count_use(change, token)
        return note["_id"]


def _reply_text(text: str) -> str:
    # Imported for the first mail only, because compiling the patterns of thirty languages takes time.
    from server.mail.reply_text import reply_text

    return reply_text(text)


async def _find_writer(change: Change, mail: Mail) -> tuple[ReplyTokenDoc, UserDoc, AddonDoc]:
    """The token, its user and the add-on, after the checks c to h of contract/activity.md 3.3, in order."""
    if not (mail.body or mail.html):
        raise UnusableMail("mail_malformed")
    text = extract_token(mail.addresses)
    if text is None:
        raise UnusableMail("mail_without_token", addresses=", ".join(mail.addresses))
    token = await find_token(change, text)
    if token is None:
        raise UnusableMail("mail_token_unknown", token=text)
    user: Any = await change.find_one("users", {"_id": token["user_id"]})
    if user is not None and user["banned"]:
        raise UnusableMail("mail_user_banned")
    addon = await change.find_addon("id", token["addon_id"])
    if is_used_up(token):
        raise UnusableMail.expired("mail_token_overused")
    if addon is None or not _has_version(addon, token["version_id"]):
        raise UnusableMail.expired("mail_version_missing")
    caller = Caller(user)
    can_reply = is_author(caller, addon) or is_any_reviewer(caller, safe=False)
    if user is None or user["deleted"] or not can_reply:
        raise UnusableMail("mail_forbidden")
    return token, user, addon


def _has_version(addon: AddonDoc, version_id: int) -> bool:
    matches = (version for version in addon["versions"] if version["id"] == version_id)
    return addon["status"] != "deleted" and any(not version["deleted"] for version in matches)
