"""The document model of activity: review notes, what belongs to them, and mail (contract/activity.md).

Times named `due` and `lease_until` are seconds since 1970; all others are dates
as in conf/model/addons.py.
"""

from typing import Any, Final, NotRequired, TypedDict

REPLY_PREFIX: Final = "reviewreply+"  # contract/activity.md 3.4
REVIEW_DAYS: Final = 3  # from a developer's reply to the day it should be looked at
MAX_ATTACHMENT_BYTES: Final = 2 * 1024 * 1024


class NoteAttachmentDoc(TypedDict):
    """What a note says of its file; the bytes are in `attachments`."""

    name: str
    size: int


class NoteDoc(TypedDict):
    """Collection `notes`: one entry of a review's history. Unique: _id."""

    _id: int
    addon_id: int
    version_id: int | None  # None: about the listing
    user_id: int | None
    date: str
    action: str  # conf/actions.py; kinds it does not have are shown to nobody
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
    action: str  # "slug-changed"; none of conf/actions.py, which are notes
    details: dict[str, Any]  # what there is to say of this action: {"property", "old", "new"}, {"reason"}
    address: str | None  # the caller's, for the actions that keep it


class ReviewDueDoc(TypedDict):
    """Collection `review_due`: a version (its id) that a person should look at."""

    _id: int
    addon_id: int
    due: str
    reason: str  # an action


class ReplyTokenDoc(TypedDict):
    """Collection `reply_tokens`: who writes when mail comes to this address. Unique: _id, place."""

    _id: str  # 32 lower-case hexadecimal digits
    place: str  # "<version>:<user>": one token for each
    addon_id: int
    version_id: int
    user_id: int
    uses: int
    date: str


class SeenMailDoc(TypedDict):
    """Collection `mail_seen`: mail is taken once, for ever; for a day where it has no id
    (contract/versions.md 19).
    """

    _id: str  # hash of the message id; "content:" and a hash of all of it where it has none
    date: str
    outcome: str  # "note", or why it was discarded
    note_id: int | None
