"""Reads review notes, such as the thread of a version, newest first (contract/activity.md 1).

    thread = await read_thread(store, version_id)
    notes = await thread.read(store, 0, 25)
    thread.is_highlighted(notes[0])

Notes of private kinds are left out, and not counted either.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from conf.actions import ACTIONS
from conf.messages import text
from conf.model.activity import AttachmentDoc, NoteDoc
from conf.model.addons import AddonDoc, UserDoc
from server.auth.access.permissions import VIEW_DELETED, is_any_reviewer, is_author
from server.auth.callers import Caller
from server.errors import NotFound
from server.mail.reply_tokens import hide_addresses
from server.storage.newest import read_newest
from server.storage.store import Store

_SHOWN_ACTIONS: Final = [action.name for action in ACTIONS.values() if action.is_public]
_POSITION_FIELDS: Final = {"_id": 1, "date": 1, "action": 1}

# Dates are whole seconds, so the number orders notes of the same second.
NotePosition = tuple[str, int]


def _position(note: Any) -> NotePosition:
    return note["date"], note["_id"]


@dataclass(frozen=True, slots=True)
class Thread:
    positions: Sequence[NotePosition]  # newest first
    answered: NotePosition | None  # the newest note that clears the highlight

    def is_highlighted(self, note: NoteDoc) -> bool:
        """Whether the developer has not reacted to it yet (contract/activity.md 1.5)."""
        return self.answered is None or _position(note) > self.answered

    async def read(self, store: Store, start: int, stop: int) -> list[NoteDoc]:
        """The notes of a slice of the thread, newest first."""
        ids = [id_ for _, id_ in self.positions[start:stop]]
        notes = await store.find("notes", {"_id": {"$in": ids}}, limit=max(1, len(ids)))
        return [_without_reply_addresses(note) for note in sorted(notes, key=_position, reverse=True)]


async def read_thread(store: Store, version_id: int) -> Thread:
    positions: list[NotePosition] = []
    answers: list[NotePosition] = []
    query = {"version_id": version_id, "action": {"$in": _SHOWN_ACTIONS}}
    async for notes in store.scan("notes", query=query, fields=_POSITION_FIELDS):
        positions += map(_position, notes)
        answers += (_position(note) for note in notes if ACTIONS[note["action"]].clears_highlight)
    return Thread(sorted(positions, reverse=True), max(answers, default=None))


async def read_newest_notes(
    store: Store, subject: Mapping[str, int], before: int | None, size: int
) -> tuple[list[NoteDoc], int | None]:
    """Visible notes about an add-on (`addon_id`) or a version (`version_id`), newest first, with ids below
    `before`; and the next `before`, None at the end.
    """
    query = {**subject, "action": {"$in": _SHOWN_ACTIONS}}
    page = await read_newest(store, "notes", query, before, size)
    return [_without_reply_addresses(note) for note in page.documents], page.before


async def read_note(store: Store, version_id: int, note_id: int | None) -> NoteDoc:
    """A visible note about the version. Raises NotFound."""
    query = {"_id": note_id, "version_id": version_id, "action": {"$in": _SHOWN_ACTIONS}}
    note = await store.find_one("notes", query) if note_id is not None else None
    if note is None:
        raise NotFound
    return _without_reply_addresses(note)


def _without_reply_addresses(note: dict[str, Any]) -> NoteDoc:
    """The note without the reply addresses that loaded and old notes may quote."""
    return cast(NoteDoc, note | {"comments": hide_addresses(note["comments"])})


async def read_writers(store: Store, notes: Iterable[NoteDoc]) -> dict[int, UserDoc]:
    return await store.users_by_id({note["user_id"] for note in notes if note["user_id"] is not None})


def account_name(user: UserDoc | None, locale: str) -> str:
    """The account's name, as for authors elsewhere."""
    if user is None:
        return text("anonymous_name", locale, id=0)
    return user["display_name"] or text("anonymous_name", locale, id=user["_id"])


def writer_name(note: NoteDoc, writers: dict[int, UserDoc], caller: Caller, locale: str) -> str:
    """The writer's name; reviewers are anonymous to callers who do not review (contract/activity.md 1.6)."""
    user = writers.get(note["user_id"]) if note["user_id"] is not None else None
    if user is not None and (ACTIONS[note["action"]].names_user or is_any_reviewer(caller, safe=True)):
        return account_name(user, locale)
    return text("review_team", locale)


async def read_attachment(store: Store, caller: Caller, note_id: int | None) -> AttachmentDoc:
    """A note's attachment, for callers who see the note. Raises NotFound."""
    note = cast(NoteDoc | None, await store.find_one("notes", {"_id": note_id}))
    addon = await store.find_addon("id", note["addon_id"]) if note is not None else None
    if note is None or addon is None or not _can_download(note, addon, caller):
        raise NotFound
    file = cast(AttachmentDoc | None, await store.find_one("attachments", {"_id": note["_id"]}))
    if file is None:
        raise NotFound
    return file


def _can_download(note: NoteDoc, addon: AddonDoc, caller: Caller) -> bool:
    """Whether the caller may download the attachment, which is hidden if the comments are."""
    action = ACTIONS.get(note["action"])
    if not note.get("attachment") or action is None or not action.is_public or action.is_sanitized:
        return False
    versions = [version for version in addon["versions"] if version["id"] == note["version_id"]]
    if addon["status"] == "deleted" or any(version["deleted"] for version in versions):
        return caller.has(VIEW_DELETED)
    return is_any_reviewer(caller, safe=True) or is_author(caller, addon)
