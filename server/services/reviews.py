"""New review notes and what they cause: one transaction for all of it (contract/activity.md 1.7, 2).

    note = await posting.reply(addon_id, version_id, user, "Fixed.")
    note = await posting.review(addon_id, version_id, user, decision, comments, policies, attachment)
    addon = await posting.judge_listing(addon_id, user, "reject", comments, policies)

Thread rule: event loop only.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from conf.limits import MAX_NOTE
from conf.model.activity import MAX_ATTACHMENT_BYTES, REVIEW_DAYS, AttachmentDoc, NoteDoc, ReviewDueDoc
from conf.model.addons import AddonDoc, UserDoc, VersionDoc
from conf.settings.settings import Settings
from server import activity_log, clock
from server.auth.callers import Caller
from server.auth.permissions import is_author
from server.changes import Change, Changes, Edited
from server.mail.outgoing import notify
from server.mail.reply_tokens import hide_addresses
from server.rules import reviews, status
from server.rules.faults import field
from server.storage.operations import Delete, Insert
from server.storage.store import Store

_DAY: Final = 24 * 3600
_DUE: Final = "review_due"


class Attachment(NamedTuple):
    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """What a note says, besides who and about what."""

    action: str
    comments: str
    policies: Sequence[str] = ()
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer may do to a version; `allowed` looks at its state."""

    action: str
    allowed: Callable[[VersionDoc], bool]
    fault: str = ""  # what is said where it is not allowed
    apply: Callable[[AddonDoc, int, str], AddonDoc] | None = None
    told: bool = True  # whether the authors get mail


def _has_files_in_use(version: VersionDoc) -> bool:
    return any(file["status"] != "disabled" for file in version["files"])


DECISIONS: Final[dict[str, Decision]] = {
    "approve": Decision("approved", status.is_awaiting, "version_not_awaiting", reviews.approve_version),
    "reject": Decision("rejected", _has_files_in_use, "version_file_disabled", reviews.reject_version),
    "request-information": Decision("more-information-requested", lambda version: True),
    "request-super-review": Decision("super-review-requested", lambda version: True, told=False),
}
LISTING_DECISIONS: Final = ("reject", "approve")


class Posting:
    def __init__(self, store: Store, changes: Changes, settings: Settings) -> None:
        self._store = store
        self._changes = changes
        self._settings = settings

    async def reply(self, addon_id: int, version_id: int, user: UserDoc, comments: str) -> NoteDoc:
        async def work(change: Change) -> NoteDoc:
            return await self.reply_in(change, addon_id, version_id, user, comments)

        # Notes are read from the store, so there is nothing in memory to wait for.
        return await self._changes.run(work, wait=False)

    async def reply_in(
        self, change: Change, addon_id: int, version_id: int, user: UserDoc, comments: str
    ) -> NoteDoc:
        """An author's word, or a reviewer's; whether they may speak the caller has checked."""
        addon = await _find(change, addon_id)
        version = _version(addon, version_id)
        by_author = is_author(Caller(user), addon)
        action = "developer-reply" if by_author else "reviewer-reply"
        draft = Draft(action, comments[:MAX_NOTE], attachment=_whole(comments))
        note = await self._put(change, draft, addon, version, user)
        if by_author:
            await _put_due(change, addon, version, draft.action)
        return note

    async def review(
        self, addon_id: int, version_id: int, user: UserDoc, decision: str, draft: Draft
    ) -> NoteDoc:
        """Raises Invalid where the version's state does not allow it."""
        chosen = DECISIONS[decision]

        def edit(addon: AddonDoc) -> Edited[AddonDoc]:
            if not chosen.allowed(_version(addon, version_id)):
                raise field("decision", chosen.fault)
            now = clock.now()
            return Edited(chosen.apply(addon, version_id, now) if chosen.apply else addon)

        async def work(change: Change) -> NoteDoc:
            addon = await change.edit_addon(addon_id, edit)
            if chosen.apply:
                await change.apply(Delete(_DUE, version_id))
            version = _version(addon, version_id)
            return await self._put(change, draft, addon, version, user, told=chosen.told)

        return await self._changes.run(work)

    async def judge_listing(
        self, addon_id: int, user: UserDoc, decision: str, comments: str, policies: Sequence[str]
    ) -> AddonDoc:
        """Reject or approve what a listing says; a rejection may follow a rejection."""
        comments = hide_addresses(comments)

        async def work(change: Change) -> AddonDoc:
            old = await _find(change, addon_id)
            addon = await change.edit_addon(
                addon_id, lambda addon: Edited(_judged(addon, decision, comments, policies))
            )
            approved = "rejected-listing-approved" if reviews.is_rejected(old) else "listing-approved"
            action = "listing-rejected" if decision == "reject" else approved
            await self._put(change, Draft(action, comments, policies), addon, None, user)
            return addon

        return await self._changes.run(work)

    async def request_listing_review(self, addon_id: int, user: UserDoc) -> AddonDoc:
        """Once after a rejection; again it changes nothing (contract/activity.md 2). Raises Invalid where
        none was.
        """

        def edit(addon: AddonDoc) -> Edited[AddonDoc]:
            if not reviews.is_rejected(addon):
                raise field("has_requested_review", "review_not_rejected")
            requested = reviews.request_listing_review(_judgeable(addon), clock.now())
            if requested["content_review"]["state"] == addon["content_review"]["state"]:
                return Edited(addon)
            # Which kind is recorded is open (contract/activity.md 2); it is about the listing, so of no
            # version.
            return Edited(requested, [activity_log.record("review-requested", addon, user["_id"])])

        return await self._changes.edit_addon(addon_id, edit)

    async def _put(
        self,
        change: Change,
        draft: Draft,
        addon: AddonDoc,
        version: VersionDoc | None,
        user: UserDoc,
        *,
        told: bool = True,
    ) -> NoteDoc:
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
        await change.apply(Insert("notes", note))
        if attached:
            await change.apply(Insert("attachments", _attachment(note["_id"], attached)))
        if told:
            await notify(change, self._settings, note, addon, version)
        return note


def _whole(comments: str) -> Attachment | None:
    """A reply longer than a note may be, which only mail can bring: its end is not lost."""
    if len(comments) <= MAX_NOTE:
        return None
    content = hide_addresses(comments).encode()[:MAX_ATTACHMENT_BYTES]
    return Attachment("reply.txt", "text/plain", content)


def _attachment(note_id: int, file: Attachment) -> AttachmentDoc:
    content = base64.b64encode(file.content).decode()
    return {"_id": note_id, "name": file.name, "type": file.type, "content": content}


async def _find(change: Change, addon_id: int) -> AddonDoc:
    addon = await change.find_addon("id", addon_id)
    if addon is None:
        raise KeyError(addon_id)
    return addon


def _version(addon: AddonDoc, version_id: int) -> VersionDoc:
    return next(version for version in addon["versions"] if version["id"] == version_id)


async def _put_due(change: Change, addon: AddonDoc, version: VersionDoc, reason: str) -> None:
    """A developer's word is to be read: the version gets a date if it had none (contract/activity.md 1.7)."""
    if await change.find_one(_DUE, {"_id": version["id"]}, {"_id": 1}) is not None:
        return
    due: ReviewDueDoc = {
        "_id": version["id"],
        "addon_id": addon["_id"],
        "due": clock.shifted(REVIEW_DAYS * _DAY),
        "reason": reason,
    }
    await change.apply(Insert(_DUE, due))


def _judged(addon: AddonDoc, decision: str, comments: str, policies: Sequence[str]) -> AddonDoc:
    if decision == "reject":
        return reviews.reject_listing(addon, policies, comments or None, clock.now())
    return reviews.approve_listing(addon, clock.now())


def _judgeable(addon: AddonDoc) -> AddonDoc:
    """Rejected add-ons of elsewhere may not say so in their review's state."""
    review: Any = addon["content_review"]
    if review["state"] in (reviews.FAIL, reviews.REQUESTED):
        return addon
    return addon | {"content_review": review | {"state": reviews.FAIL}}
