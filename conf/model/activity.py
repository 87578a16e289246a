"""The document model of activity: review notes with their files and mail, and the log (contract/activity.md).

Times named `due` and `lease_until` are seconds since 1970; all others are dates
as in conf/model/addons.py.
"""

from typing import Any, Final, NotRequired, TypedDict

REPLY_PREFIX: Final = "reviewreply+"  # contract/activity.md 3.4
REVIEW_DAYS: Final = 3  # from a developer's reply to the day it should be looked at
MAX_ATTACHMENT_BYTES: Final = 2 * 1024 * 1024


class NoteAttachmentDoc(TypedDict):
    """The file of a note; its bytes are in `attachments`."""

    name: str
    size: int


class NoteDoc(TypedDict):
    """Collection `notes`: one entry of a review's history. Unique: _id."""

    _id: int
    addon_id: int
    version_id: int | None  # None: about the listing
    user_id: int | None
    date: str
    action: str  # of conf/actions.py; notes of other kinds are never shown
    comments: str
    policies: NotRequired[list[str]]
    attachment: NotRequired[NoteAttachmentDoc | None]


class AttachmentDoc(TypedDict):
    """Collection `attachments`: the file of the note with the same id."""

    _id: int
    name: str
    type: str
    content: str  # base64


class ActivityDoc(TypedDict):
    """Collection `activity`: what was done, by whom and when, for operators (`run.py log`)."""

    _id: int
    addon_id: int | None
    version_id: int | None
    user_id: int | None  # None: an operator, from the shell
    date: str
    action: str  # as "slug-changed"; not of conf/actions.py, which has those of notes
    details: dict[str, Any]  # depends on the action: {"property", "old", "new"}, {"reason"}
    address: str | None  # the caller's, for actions that store it


class ReviewDueDoc(TypedDict):
    """Collection `review_due`: a version (its id) that a person should look at."""

    _id: int
    addon_id: int
    due: str
    reason: str  # an action


class ReplyTokenDoc(TypedDict):
    """Collection `reply_tokens`: by the address of a mail, its writer and version. Unique: _id, place."""

    _id: str  # 32 lower-case hexadecimal digits
    place: str  # "<version>:<user>": one token for each
    addon_id: int
    version_id: int
    user_id: int
    uses: int
    date: str


class SeenMailDoc(TypedDict):
    """Collection `mail_seen`: mail that was processed and must not be again; without a message id
    for a day (contract/versions.md 19).
    """

    _id: str  # hash of the message id; else "content:" and a hash of the content
    date: str
    outcome: str  # "note", or why it was discarded
    note_id: int | None
