"""A rating as JSON of one API version, with its reply (contract/writes.md 9).

    rating_shape(shapes, Rated(rating, addon, reply), users, view)

Of an add-on that the caller may not see, the rating has only the id. v3 calls the `score`
of later versions `rating`, and has a `title` that nobody writes any more. Safe from any
thread.
"""

from typing import Final, NamedTuple

from conf.model.addons import AddonDoc
from conf.model.ratings import RatingDoc
from conf.vocabulary import RATING_FLAGS
from index.documents.users import PublicUser
from index.shapes.parts import UsersById
from index.shapes.shape import Shapes
from index.shapes.translated_fields import resolve
from index.shapes.urls import icon
from index.shapes.versions import Shape
from index.shapes.view import View

SCORE_KEYS: Final = {"v3": "rating", "v4": "score", "v5": "score"}
# v3's documentation has these names; v3 accepts those of later versions, too.
_OLD_FLAGS: Final = {flag: flag.replace("rating_", "review_", 1) for flag in RATING_FLAGS}
_NEW_FLAGS: Final = {flag: flag for flag in RATING_FLAGS}
FLAGS: Final = {"v3": _OLD_FLAGS, "v4": _NEW_FLAGS, "v5": _NEW_FLAGS}


_KEYS: Final = (
    "id",
    "addon",
    "body",
    "created",
    "flags",
    "is_deleted",
    "is_developer_reply",
    "is_latest",
    "previous_count",
    "reply",
    "user",
    "version",
)


def rating_keys(version: str) -> frozenset[str]:
    """The keys that a rating may have."""
    return frozenset((*_KEYS, SCORE_KEYS[version], *(("title",) if version == "v3" else ())))


class Rated(NamedTuple):
    """A rating, or a reply, which has no reply itself, with what its JSON needs."""

    rating: RatingDoc
    addon: AddonDoc | None  # None: the caller may not see it
    reply: RatingDoc | None = None


def rating_shape(
    shapes: Shapes, rated: Rated, users: UsersById, view: View, flagger_id: int | None = None
) -> Shape:
    """A rating, or a reply; `flagger_id` adds the flags that this user has set."""
    shape = _base(shapes, rated, users, view, flagger_id)
    if rated.rating["reply_to"] is not None:
        return shape
    reply = rated.reply
    shape["reply"] = reply and _base(shapes, Rated(reply, rated.addon), users, view, flagger_id)
    shape[SCORE_KEYS[view.version]] = rated.rating["score"]
    shape["version"] = {"id": rated.rating["version_id"], "version": rated.rating["version"]}
    return shape


def _base(shapes: Shapes, rated: Rated, users: UsersById, view: View, flagger_id: int | None) -> Shape:
    rating = rated.rating
    shape: Shape = {
        "id": rating["_id"],
        "addon": {"id": rating["addon_id"], **_addon(shapes, rated.addon, view)},
        "body": rating["body"],
        "created": rating["created"],
        "is_deleted": rating["deleted"],
        "is_developer_reply": rating["reply_to"] is not None,
        # A rating has only one reply, so it is the latest.
        "is_latest": rating["is_latest"] or rating["reply_to"] is not None,
        "previous_count": rating["previous_count"],
        "user": user_shape(shapes, rating["user_id"], users, view),
    }
    if view.version == "v3":
        shape["title"] = None
    if flagger_id is not None:
        shape["flags"] = [
            {"flag": FLAGS[view.version][sent["flag"]], "note": sent["note"]}
            for sent in rating["flags"]
            if sent["user_id"] == flagger_id
        ]
    return shape


def user_shape(shapes: Shapes, user_id: int, users: UsersById, view: View) -> Shape:
    """A short form of a user; a deleted account has only its id."""
    user = users.get(user_id) or PublicUser(user_id, f"anonymous-{user_id}", None, None)
    return shapes.author(user, view, compact=True)


def _addon(shapes: Shapes, addon: AddonDoc | None, view: View) -> Shape:
    return {
        "slug": addon and addon["slug"],
        "name": addon and resolve(addon["name"], view, addon["default_locale"]),
        "icon_url": icon(shapes.context, addon["icons"] if addon else {}, "64"),
    }
