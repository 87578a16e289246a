"""Mail about ratings: to authors who were rated, to raters who were answered (contract/writes.md 9).

    await tell_authors(change, addon, rating)      # in the rating's transaction
    await tell_rater(change, addon, rating, reply)

Each is of a kind that accounts turn off (contract/extras.md 6): who has turned it off is not written to.
The mailer puts the link that turns it off into each. Texts are English, as in all mail.
"""

from collections.abc import Iterable
from typing import Any, Final, cast

from conf.model.addons import AddonDoc, UserDoc
from conf.model.ratings import RatingDoc
from conf.vocabulary import NOTIFICATIONS
from index.shapes.translated_fields import default_text
from server.changes import Change
from server.mail.outgoing import OUTBOX, one_line
from server.services.review.review_notes import account_name
from server.storage.lease_queue import waiting
from server.storage.operations import Insert

_CHOSEN: Final = "notifications"
_RATED: Final = "{name} rated {addon} with {score} of 5 stars:\n\n{body}\n"
_ANSWERED: Final = "{name} answered your review of {addon}:\n\n{body}\n"


async def tell_authors(change: Change, addon: AddonDoc, rating: RatingDoc) -> None:
    """Of a rating that says something."""
    if rating["body"]:
        ids = [author["user_id"] for author in addon["authors"] if author["user_id"] != rating["user_id"]]
        await _tell(change, "new_review", ids, addon, rating)


async def tell_rater(change: Change, addon: AddonDoc, rating: RatingDoc, reply: RatingDoc) -> None:
    """Of a reply to their rating."""
    if reply["body"] and rating["user_id"] != reply["user_id"]:
        await _tell(change, "reply", [rating["user_id"]], addon, reply)


async def _tell(change: Change, kind: str, ids: Iterable[int], addon: AddonDoc, rating: RatingDoc) -> None:
    writer = await change.find_one("users", {"_id": rating["user_id"]})
    name = account_name(cast(UserDoc | None, writer), "en-US")
    title = default_text(addon["name"], addon["default_locale"]) or addon["slug"] or addon["guid"] or ""
    text = _RATED if kind == "new_review" else _ANSWERED
    subject = "User Rating" if kind == "new_review" else "Developer Reply"
    for address in await _addresses(change, kind, ids):
        record = waiting(
            _id=f"{kind}:{rating['_id']}:{address}",
            to=address,
            sender="Mozilla Add-ons",
            subject=one_line(f"Mozilla Add-on {subject}: {title}"),
            text=text.format(name=name, addon=title, score=rating["score"], body=rating["body"]),
            headers={},
            notification=kind,
        )
        await change.apply(Insert(OUTBOX, record))


async def _addresses(change: Change, kind: str, ids: Iterable[int]) -> list[str]:
    """Of those who may be written to and have not turned the kind off."""
    query: dict[str, Any] = {"_id": {"$in": list(ids)}}
    chosen = {one["_id"]: one["enabled"] for one in await change.find(_CHOSEN, query)}
    default = NOTIFICATIONS[kind].default
    people = [
        user
        for user in await change.find("users", query | {"deleted": False, "banned": False})
        if user["email"] and chosen.get(user["_id"], {}).get(kind, default)
    ]
    return list(dict.fromkeys(user["email"] for user in people))
