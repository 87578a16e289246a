"""Ratings as MongoDB holds them: scores and texts of users, replies of developers.

The add-on's own summary of them is `AddonDoc.ratings` (addons.py), changed in the
same transaction as they are.
"""

from typing import TypedDict


class RatingFlagDoc(TypedDict):
    """What a user told the moderators; one a user."""

    user_id: int
    flag: str  # vocabulary.RATING_FLAGS
    note: str | None
    created: str


class RatingDoc(TypedDict):
    """Collection `ratings`. Unique: _id, place (where set)."""

    _id: int
    addon_id: int
    version_id: int | None  # None for a reply
    version: str | None  # its number, which outlives it
    user_id: int
    score: int | None  # 1..5, None for a reply
    body: str | None
    reply_to: int | None  # the rating answered; None for a rating
    # The user's newest one of the add-on that is not deleted, never a reply: what lists and summary count.
    is_latest: bool
    previous_count: int  # how many of the user's there are before it
    deleted: bool
    flags: list[RatingFlagDoc]
    address: str | None  # the writer's, for moderators alone
    place: str | None  # what there may be only one of, see unique_key; None once deleted
    created: str
    modified: str


def unique_key(user_id: int, version_id: int | None, reply_to: int | None) -> str:
    """A version has one rating a user, a rating one reply (contract/writes.md 9)."""
    return f"reply {reply_to}" if reply_to is not None else f"version {version_id} user {user_id}"
