"""New review notes and their effects, in one transaction (contract/activity.md 1.7).

    posting = Posting(store, changes, settings)
    note = await posting.reply(addon_id, version_id, user, "Fixed.")
    note = await posting.add_note(change, Draft("approved", "Fine."), addon, version, user)

Thread rule: event loop only.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from conf.limits import MAX_NOTE
from conf.model.activity import MAX_ATTACHMENT_BYTES, AttachmentDoc, NoteDoc
from conf.model.addons import AddonDoc, UserDoc, VersionDoc
from conf.settings.settings import Settings
from server import clock
from server.activity_log import REVIEW_DUE, review_due
from server.changes import Change, Changes, NewRecord
from server.mail.outgoing import notify
from server.mail.reply_tokens import hide_addresses
from server.rules.authors import find_author
from server.rules.versions import get_version
from server.storage.store import Store


class Attachment(NamedTuple):
    """A note's file: its name, media type and bytes."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """The contents of a note."""

    action: str
    comments: str
    policies: Sequence[str] = ()
    attachment: Attachment | None = None


class Posting:
    """Writes notes: `reply` in its own transaction, `add_reply` and `add_note` in the caller's."""

    def __init__(self, store: Store, changes: Changes, settings: Settings) -> None:
        self._store = store
        self.changes = changes
        self._settings = settings

    async def reply(self, addon_id: int, version_id: int, user: UserDoc, comments: str) -> NoteDoc:
        """As `add_reply`, in its own transaction."""

        async def work(change: Change) -> NoteDoc:
            return await self.add_reply(change, addon_id, version_id, user, comments)

        # Notes are read from the store, so there is nothing in memory to wait for.
        return await self.changes.run(work, wait=False)

    async def add_reply(
        self, change: Change, addon_id: int, version_id: int, user: UserDoc, comments: str
    ) -> NoteDoc:
        """Add a reply by an author or a reviewer; callers check the permission to reply."""
        addon = await change.find_addon("id", addon_id)
        if addon is None:
            raise KeyError(addon_id)
        version = get_version(addon, version_id)
        by_author = find_author(addon, user["_id"]) is not None
        action = "developer-reply" if by_author else "reviewer-reply"
        draft = Draft(action, comments[:MAX_NOTE], attachment=_full_text(comments))
        note = await self.add_note(change, draft, addon, version, user)
        if by_author:
            await _queue_for_review(change, addon, version, draft.action)
        return note

    async def add_note(
        self,
        change: Change,
        draft: Draft,
        addon: AddonDoc,
        version: VersionDoc | None,
        user: UserDoc,
        *,
        with_mail: bool = True,
    ) -> NoteDoc:
        """Store a note and its attachment; `with_mail` also mails it to the other people concerned.

        The note is about the listing if `version` is None.
        """
        attached = draft.attachment
        note: NoteDoc = {
            "_id": await self._store.next_id("note"),
            "addon_id": addon["_id"],
            "version_id": version["id"] if version else None,
            "user_id": user["_id"],
            "date": clock.now(),
            "action": draft.action,
            "comments": hide_addresses(draft.comments),
            "policies": list(draft.policies),
            "attachment": {"name": attached.name, "size": len(attached.content)} if attached else None,
        }
        await change.record(NewRecord("notes", note))
        if attached:
            await change.record(NewRecord("attachments", _attachment(note["_id"], attached)))
        if with_mail:
            await notify(change, self._settings, note, addon, version)
        return note


def _full_text(comments: str) -> Attachment | None:
    """An attachment with the whole reply if it is longer than MAX_NOTE, as mail may be."""
    if len(comments) <= MAX_NOTE:
        return None
    content = hide_addresses(comments).encode()[:MAX_ATTACHMENT_BYTES]
    return Attachment("reply.txt", "text/plain", content)


def _attachment(note_id: int, file: Attachment) -> AttachmentDoc:
    content = base64.b64encode(file.content).decode()
    return {"_id": note_id, "name": file.name, "type": file.type, "content": content}


async def _queue_for_review(change: Change, addon: AddonDoc, version: VersionDoc, reason: str) -> None:
    """Queue the version for review, so that a developer's reply is read (contract/activity.md 1.7)."""
    if await change.find_one(REVIEW_DUE, {"_id": version["id"]}, {"_id": 1}) is None:
        await change.record(NewRecord(REVIEW_DUE, review_due(addon, version, reason)))
