"""Reviewers' subscriptions to new versions of an add-on, and their mail (contract/reviewers.md 5).

    await subscribe(changes, addon_id, "listed", user_id)
    await notify_subscribers(change, settings, addon, "1.2", "listed")     # in the version's transaction

Event loop only.
"""

from typing import Any, Final, cast

from conf.model.addons import AddonDoc, UserDoc
from conf.model.reviewers import SubscriptionDoc
from conf.settings.settings import Settings
from server import clock
from server.auth.access.permissions import REVIEW_UNLISTED, REVIEWERS, VIEW, VIEW_UNLISTED
from server.auth.callers import Caller
from server.changes import Change, Changes
from server.mail.announcements import submission_mails
from server.storage.operations import Delete, Replace

COLLECTION: Final = "subscriptions"
_MAX_MAILS: Final = 1000  # mails about one version
# By channel; a subscriber needs one of them.
_PERMISSIONS: Final = {
    "listed": (*(name for name in REVIEWERS if name != REVIEW_UNLISTED), VIEW),
    "unlisted": (REVIEW_UNLISTED, VIEW_UNLISTED),
}


def _key(addon_id: int, channel: str, user_id: int) -> str:
    return f"{addon_id}:{channel}:{user_id}"


async def subscribe(changes: Changes, addon_id: int, channel: str, user_id: int) -> None:
    """Repeating it changes nothing."""
    subscription = SubscriptionDoc(
        _id=_key(addon_id, channel, user_id),
        addon_id=addon_id,
        channel=channel,
        user_id=user_id,
        created=clock.now(),
    )

    async def work(change: Change) -> None:
        if await change.find_one(COLLECTION, {"_id": subscription["_id"]}) is None:
            await change.apply(Replace(COLLECTION, {**subscription}, upsert=True))

    await changes.run(work)


async def unsubscribe(changes: Changes, addon_id: int, channel: str, user_id: int) -> None:
    """Does nothing without a subscription."""

    async def work(change: Change) -> None:
        await change.apply(Delete(COLLECTION, _key(addon_id, channel, user_id)))

    await changes.run(work)


async def notify_subscribers(
    change: Change, settings: Settings, addon: AddonDoc, version: str, channel: str
) -> None:
    """Queue mail to subscribers who may still review the channel; none while `email_sending` is off."""
    if not settings.email_sending:
        return
    query: dict[str, Any] = {"addon_id": addon["_id"], "channel": channel}
    subscriptions = await change.find(COLLECTION, query, limit=_MAX_MAILS)
    ids = [subscription["user_id"] for subscription in subscriptions]
    users = cast(list[UserDoc], await change.find("users", {"_id": {"$in": ids}})) if ids else []
    subscribers = [user for user in users if Caller(user).has(*_PERMISSIONS[channel])]
    await change.record(*submission_mails(addon, version, channel, subscribers))
