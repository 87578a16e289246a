"""Writes of ratings, each with the add-on's summary and its record in one transaction.

    rating = await post(changes, store, addon, user_id, fields, address)
    rating = await edit(changes, rating["_id"], user_id, {"score": 2}, address)

Bodies are checked before, by server/rules/ratings.py. The functions here check what depends on stored
ratings, inside the transaction. Event loop only.
"""

from collections.abc import Sequence
from typing import Any, Final, cast

from conf.model.addons import AddonDoc
from conf.model.ratings import RatingDoc, RatingFlagDoc, unique_key
from conf.numbers import read_number
from server import clock
from server.activity_log import record
from server.changes import BATCH, Change, Changes, Edited
from server.errors import Conflict, Duplicate, NotFound
from server.mail.announcements import mail_authors, mail_rater
from server.rules.faults import body_fault
from server.rules.ratings import RatingFields, mark_latest, recounted
from server.storage.operations import Insert, Replace
from server.storage.store import Store

COLLECTION: Final = "ratings"
MAX_FLAGS: Final = 500  # of one rating; older ones are dropped


async def find(store: Store, rating_id: str, *, with_deleted: bool) -> RatingDoc:
    """A rating or reply. Raises NotFound, without `with_deleted` also for a deleted one or a reply to one."""
    rating = cast(RatingDoc | None, await store.find_one(COLLECTION, {"_id": read_number(rating_id)}))
    if rating is None or not (with_deleted or await _is_visible(store, rating)):
        raise NotFound
    return rating


async def replies_to(store: Store, ratings: Sequence[RatingDoc]) -> dict[int, RatingDoc]:
    """Rating id -> its reply, deleted ones included."""
    ids = [rating["_id"] for rating in ratings]
    replies = cast(list[RatingDoc], await store.find(COLLECTION, {"reply_to": {"$in": ids}})) if ids else []
    return {reply["reply_to"]: reply for reply in replies if reply["reply_to"] is not None}


async def _is_visible(store: Store, rating: RatingDoc) -> bool:
    if rating["deleted"] or rating["reply_to"] is None:
        return not rating["deleted"]
    return await store.find_one(COLLECTION, {"_id": rating["reply_to"], "deleted": False}) is not None


async def post(
    changes: Changes,
    store: Store,
    addon: AddonDoc,
    user_id: int,
    fields: RatingFields,
    address: str,
    *,
    mails: bool = False,
) -> RatingDoc:
    """`fields`: version_id, version, score, body; `mails`: whether the authors get mail.

    Raises Invalid for a second rating of the version.
    """
    rating = _new_rating(await store.next_id("rating"), addon, user_id, address, fields)

    async def work(change: Change) -> RatingDoc:
        ratings = await _ratings_by(change, addon["_id"], user_id)
        if any(earlier["version_id"] == rating["version_id"] for earlier in ratings):
            raise body_fault("rating_twice")
        after = mark_latest([*ratings, rating])
        stored = next(changed for changed in after if changed["_id"] == rating["_id"])
        await change.apply(Insert(COLLECTION, stored))
        await _replace_changed(change, ratings, [changed for changed in after if changed is not stored])
        await _update_summary(change, "rating-added", stored, user_id, ratings, after)
        if mails:
            await mail_authors(change, addon, stored)
        return stored

    try:
        return await changes.run(work)
    except Duplicate:  # two requests at the same time
        raise body_fault("rating_twice") from None


def _new_rating(id: int, addon: AddonDoc, user_id: int, address: str, fields: RatingFields) -> RatingDoc:
    now = clock.now()
    version_id, reply_to = fields.get("version_id"), fields.get("reply_to")
    return {
        "_id": id,
        "addon_id": addon["_id"],
        "version_id": version_id,
        "version": fields.get("version"),
        "user_id": user_id,
        "score": fields.get("score"),
        "body": fields.get("body"),
        "reply_to": reply_to,
        "is_latest": False,
        "previous_count": 0,
        "deleted": False,
        "flags": [],
        "address": address,
        "place": unique_key(user_id, version_id, reply_to),
        "created": now,
        "modified": now,
    }


async def edit(
    changes: Changes, rating_id: int, user_id: int, fields: RatingFields, address: str
) -> RatingDoc:
    """`fields`: score, body, of a rating or a reply. Raises Conflict for a deleted one."""

    async def work(change: Change) -> RatingDoc:
        old = await _find(change, rating_id)
        new = cast(RatingDoc, {**old, **fields, "modified": clock.now()})
        await change.apply(Replace(COLLECTION, new))
        await _update_summary(change, "rating-edited", new, user_id, [old], [new], address)
        return new

    return await changes.run(work)


async def delete(changes: Changes, rating_id: int, user_id: int | None) -> None:
    """Hide a rating and its reply from everybody but moderators; the user's previous rating counts again.

    Raises Conflict.
    """

    async def work(change: Change) -> None:
        old = await _find(change, rating_id)
        replies = await change.find(COLLECTION, {"reply_to": rating_id, "deleted": False})
        deleted = map(_deleted, [old, *cast(list[RatingDoc], replies)])
        await change.apply(*(Replace(COLLECTION, rating) for rating in deleted))
        before, after = [old], []
        if old["reply_to"] is None:
            before = await _ratings_by(change, old["addon_id"], old["user_id"])
            after = mark_latest(before)
            await _replace_changed(change, before, after)
            before.append(old)
        await _update_summary(change, "rating-deleted", old, user_id, before, after)

    await changes.run(work)


async def delete_all(changes: Changes, user_id: int, by: int | None) -> None:
    """Delete every rating and reply of a user, those of BATCH add-ons per transaction, without waiting."""

    async def work(change: Change) -> int:
        query = {"user_id": user_id, "deleted": False}
        batch = await change.find(COLLECTION, query, limit=BATCH)
        addon_ids = {"$in": sorted({rating["addon_id"] for rating in batch})}
        ratings = cast(list[RatingDoc], await change.find(COLLECTION, {**query, "addon_id": addon_ids}))
        answered = {"reply_to": {"$in": [rating["_id"] for rating in ratings]}, "deleted": False}
        replies = cast(list[RatingDoc], await change.find(COLLECTION, answered))
        # By id, because a user's reply to their own rating is in both.
        hidden = {rating["_id"]: rating for rating in (*ratings, *replies)}
        await change.apply(*(Replace(COLLECTION, _deleted(rating)) for rating in hidden.values()))

        def edit(addon: AddonDoc) -> Edited[AddonDoc]:
            deleted = [rating for rating in ratings if rating["addon_id"] == addon["_id"]]
            records = [_record("rating-deleted", addon, rating, by, rating["address"]) for rating in deleted]
            return Edited({**addon, "ratings": recounted(addon["ratings"], deleted, [])}, records)

        await change.edit_addons({"_id": addon_ids}, edit, BATCH)
        return len(batch)

    while await changes.run(work, wait=False):
        pass


def _deleted(rating: RatingDoc) -> RatingDoc:
    deletion = {"deleted": True, "is_latest": False, "place": None, "modified": clock.now()}
    return cast(RatingDoc, {**rating, **deletion})


async def reply(
    changes: Changes,
    store: Store,
    rating: RatingDoc,
    addon: AddonDoc,
    user_id: int,
    body: str | None,
    address: str,
    *,
    mails: bool = False,
) -> tuple[RatingDoc, bool]:
    """The reply, and whether it is new: an existing one is overwritten, also a deleted one.

    `mails`: whether the rater gets mail about a new one.
    """
    fields: RatingFields = {"reply_to": rating["_id"], "body": body}
    new = _new_rating(await store.next_id("rating"), addon, user_id, address, fields)

    async def work(change: Change) -> tuple[RatingDoc, bool]:
        old = await change.find_one(COLLECTION, {"reply_to": rating["_id"]})
        stored = new
        if old is not None:
            unchanged = {key: old[key] for key in ("_id", "created", "flags")}
            stored = cast(RatingDoc, {**new, **unchanged})
        await change.apply(Insert(COLLECTION, stored) if old is None else Replace(COLLECTION, stored))
        await change.record(_record("rating-replied", addon, stored, user_id, address))
        if mails and old is None:
            await mail_rater(change, addon, rating, stored)
        return stored, old is None

    return await changes.run(work)


async def flag(changes: Changes, rating_id: int, user_id: int, reason: str, note: str | None) -> None:
    """Report a rating to the moderators; replaces the user's earlier flag. Raises Conflict."""
    new: RatingFlagDoc = {"user_id": user_id, "flag": reason, "note": note, "created": clock.now()}

    async def work(change: Change) -> None:
        rating = await _find(change, rating_id)
        earlier = [flag for flag in rating["flags"] if flag["user_id"] != user_id]
        flags = [*earlier, new][-MAX_FLAGS:]
        await change.apply(Replace(COLLECTION, {**rating, "flags": flags}))

    await changes.run(work)


async def _find(change: Change, rating_id: int) -> RatingDoc:
    rating = await change.find_one(COLLECTION, {"_id": rating_id, "deleted": False})
    if rating is None:
        raise Conflict(f"rating {rating_id} is gone")
    return cast(RatingDoc, rating)


async def _ratings_by(change: Change, addon_id: int, user_id: int) -> list[RatingDoc]:
    query = {"user_id": user_id, "addon_id": addon_id, "reply_to": None, "deleted": False}
    return cast(list[RatingDoc], await change.find(COLLECTION, query))


async def _replace_changed(change: Change, before: Sequence[RatingDoc], after: Sequence[RatingDoc]) -> None:
    old = {rating["_id"]: rating for rating in before}
    await change.apply(*(Replace(COLLECTION, rating) for rating in after if rating != old[rating["_id"]]))


async def _update_summary(
    change: Change,
    kind: str,
    rating: RatingDoc,
    user_id: int | None,
    before: Sequence[RatingDoc],
    after: Sequence[RatingDoc],
    address: str | None = None,
) -> None:
    """Update the add-on's summary, and record the change."""

    def edit(addon: AddonDoc) -> Edited[AddonDoc]:
        ratings = recounted(addon["ratings"], before, after)
        entry = _record(kind, addon, rating, user_id, address or rating["address"])
        return Edited({**addon, "ratings": ratings}, [entry])

    await change.edit_addon(rating["addon_id"], edit)


def _record(kind: str, addon: AddonDoc, rating: RatingDoc, user_id: int | None, address: str | None) -> Any:
    details = {"rating": rating["_id"], "score": rating["score"], "body": rating["body"]}
    return record(kind, addon, user_id, details=details, address=address)
