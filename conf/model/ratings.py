"""The document model of ratings: scores and texts of users, replies of developers.

Their summary is `AddonDoc.ratings` (addons.py), which is changed in the
same transaction.
"""

from typing import TypedDict


class RatingFlagDoc(TypedDict):
    """A report to the moderators, one per user."""

    user_id: int
    flag: str  # vocabulary.RATING_FLAGS
    note: str | None
    created: str


class RatingDoc(TypedDict):
    """Collection `ratings`. Unique: _id, place (where set)."""

    _id: int
    addon_id: int
    version_id: int | None  # None for a reply
    version: str | None  # its number, which stays when the version is deleted
    user_id: int
    score: int | None  # 1..5, None for a reply
    body: str | None
    reply_to: int | None  # the rating answered; None for a rating
    # The user's newest one of the add-on that is not deleted, never a reply: what lists and summary count.
    is_latest: bool
    previous_count: int  # how many earlier ones the user has
    deleted: bool
    flags: list[RatingFlagDoc]
    address: str | None  # the writer's, only for moderators
    place: str | None  # see unique_key; None once deleted
    created: str
    modified: str


def unique_key(user_id: int, version_id: int | None, reply_to: int | None) -> str:
    """A key by which a version has one rating per user, and a rating one reply (contract/writes.md 9)."""
    return f"reply {reply_to}" if reply_to is not None else f"version {version_id} user {user_id}"
