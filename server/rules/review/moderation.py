"""What operators do to an add-on, as functions of its document: statuses and promotion.

    addon = with_status(addon, "rejected", now, reason)
    addon = enabled(addon, now)
    addon = promoted(addon, {"group": "recommended", "apps": ["firefox"]})

Pure functions: they give new documents and change none; they raise AddonFault. Any thread.
"""

from collections.abc import Sequence

from conf.model.addons import AddonDoc, PromotionDoc
from index import facts
from server.errors import OperatorFault
from server.rules import listing
from server.rules.review import reviews
from server.rules.status import recomputed
from server.rules.versions import replaced


class AddonFault(OperatorFault):
    """What was asked for cannot be; the text says why."""


def enabled(addon: AddonDoc, now: str) -> AddonDoc:
    """The end of a takedown: the status its versions give it, or rejected where its listing was."""
    if addon["status"] != "disabled":
        return addon
    if _was_rejected(addon):
        return addon | {"status": "rejected"}
    return addon | {"status": recomputed(addon | {"status": "incomplete"})}


def _was_rejected(addon: AddonDoc) -> bool:
    """Whether its listing is; disabling hides that, and add-ons of elsewhere may have the status alone."""
    return reviews.is_rejected(addon) or addon["content_review"]["state"] in (reviews.FAIL, reviews.REQUESTED)


def with_status(addon: AddonDoc, status: str, now: str, reason: str = "") -> AddonDoc:
    """The add-on in that status, deleted included; itself where it is.

    Raises AddonFault for `public` with nothing to show.
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
    """The current version counts as approved for the group."""
    changed = addon | {"promoted": _joined(addon["promoted"], promotion)}
    version = facts.current_version(addon)
    if version is None or version["approvals"] is None:
        return changed
    return replaced(changed, version | {"approvals": _joined(version["approvals"], promotion)})


def _joined(promotions: Sequence[PromotionDoc], promotion: PromotionDoc) -> list[PromotionDoc]:
    """The promotions with one more, or with more applications of one that is there."""
    joined = {each["group"]: each for each in promotions}
    known = joined.get(promotion["group"], {"group": promotion["group"], "apps": []})
    apps = [*known["apps"], *(app for app in promotion["apps"] if app not in known["apps"])]
    return list((joined | {promotion["group"]: {"group": promotion["group"], "apps": apps}}).values())
