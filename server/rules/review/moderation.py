"""Operators' actions on an add-on, as functions of its document: statuses and promotion.

    addon = with_status(addon, "rejected", now, reason)
    addon = enabled(addon, now)
    addon = promoted(addon, {"group": "recommended", "apps": ["firefox"]})

Pure functions: they return new documents and change none; they raise AddonFault. Any thread.
"""

from collections.abc import Sequence

from conf.model.addons import AddonDoc, PromotionDoc
from index import facts
from server.errors import OperatorFault
from server.rules import listing
from server.rules.review import reviews
from server.rules.status import computed_status
from server.rules.versions import with_version


class AddonFault(OperatorFault):
    """The operator asked for something impossible; the text says why."""


def enabled(addon: AddonDoc, now: str) -> AddonDoc:
    """The add-on after a takedown has ended: its status follows from its versions, or is `rejected` again."""
    if addon["status"] != "disabled":
        return addon
    if _was_rejected(addon):
        return addon | {"status": "rejected"}
    return addon | {"status": computed_status(addon | {"status": "incomplete"})}


def _was_rejected(addon: AddonDoc) -> bool:
    """Whether its listing was rejected, which disabling hides; loaded add-ons may have only the status."""
    return reviews.is_rejected(addon) or addon["content_review"]["state"] in (reviews.FAIL, reviews.REQUESTED)


def with_status(addon: AddonDoc, status: str, now: str, reason: str = "") -> AddonDoc:
    """The add-on in that status, which may be `deleted`; the same object if it has the status already.

    Raises AddonFault for `public` without an approved listed version.
    """
    if addon["status"] == status:
        return addon
    if status == "deleted":
        return listing.deleted(addon, now)
    if status == "rejected":
        return reviews.reject_listing(addon, (), reason or None, now) | {"status": status}
    changed = addon
    if status != "disabled" and _was_rejected(addon):
        changed = reviews.approve_listing(addon, now)
    changed = changed | {"status": status}
    if status == "public" and facts.current_version(changed) is None:
        raise AddonFault(f"add-on {addon['_id']} cannot be public: no listed version of it is approved")
    return changed


def promoted(addon: AddonDoc, promotion: PromotionDoc) -> AddonDoc:
    """The promoted add-on, with its current version approved for the group."""
    changed = addon | {"promoted": _joined(addon["promoted"], promotion)}
    version = facts.current_version(addon)
    if version is None or version["approvals"] is None:
        return changed
    return with_version(changed, version | {"approvals": _joined(version["approvals"], promotion)})


def _joined(promotions: Sequence[PromotionDoc], promotion: PromotionDoc) -> list[PromotionDoc]:
    """The promotions with one added, or with its applications added to its group."""
    joined = {promotion["group"]: promotion for promotion in promotions}
    current = joined.get(promotion["group"], {"group": promotion["group"], "apps": []})
    apps = [*current["apps"], *(app for app in promotion["apps"] if app not in current["apps"])]
    return list((joined | {promotion["group"]: {"group": promotion["group"], "apps": apps}}).values())
