"""Reviewers' decisions about versions and listings, and authors' requests for them.

Rules: contract/activity.md 1.7, 2.

    note = await review(posting, addon["_id"], version["id"], user, sent, attachment)
    addon = await judge_listing(posting, addon["_id"], user, sent)
    addon = await request_listing_review(posting.changes, addon["_id"], user, sent)

Each writes its note in the same transaction. Event loop only.
"""

from collections.abc import Mapping
from typing import Any

from conf.model.activity import NoteDoc
from conf.model.addons import AddonDoc, UserDoc
from server import clock
from server.activity_log import record
from server.changes import Change, Changes, Edited
from server.mail.reply_tokens import hide_addresses
from server.rules.faults import field_fault
from server.rules.review import reviews
from server.rules.versions import get_version
from server.services.posting import Attachment, Draft, Posting
from server.services.review.review_end import end_review
from server.services.review.reviewer_flags import check_decider

Sent = Mapping[str, Any]


async def review(
    posting: Posting,
    addon_id: int,
    version_id: int,
    user: UserDoc,
    sent: Sent,
    attachment: Attachment | None = None,
) -> NoteDoc:
    """Apply the decision of a body to a version. Raises Invalid, also if its state does not allow that."""
    judgement = reviews.read_judgement(sent, reviews.DECISIONS)
    if attachment is not None:
        reviews.check_attachment(len(attachment.content))
    decision = reviews.DECISIONS[judgement.decision]
    draft = Draft(decision.action, judgement.comments, judgement.policies, attachment)

    def edit(addon: AddonDoc) -> Edited[AddonDoc]:
        if decision.ends:
            check_decider(user, addon)
        if not decision.allowed(get_version(addon, version_id)):
            raise field_fault("decision", decision.fault)
        return Edited(decision.apply(addon, version_id, clock.now()) if decision.apply else addon)

    async def work(change: Change) -> NoteDoc:
        addon = await change.edit_addon(addon_id, edit)
        if decision.ends:
            await end_review(change, version_id, approved=decision.action == "approved")
        version = get_version(addon, version_id)
        return await posting.add_note(change, draft, addon, version, user, with_mail=decision.with_mail)

    return await posting.changes.run(work)


async def judge_listing(posting: Posting, addon_id: int, user: UserDoc, sent: Sent) -> AddonDoc:
    """Reject or approve a listing, as the body says; it may be rejected again.

    Raises Invalid.
    """
    decision, comments, policies = reviews.read_judgement(sent, reviews.LISTING_DECISIONS)
    comments = hide_addresses(comments)
    action = "listing-rejected"

    def edit(addon: AddonDoc) -> Edited[AddonDoc]:
        nonlocal action
        check_decider(user, addon, content=True)
        if decision == "reject":
            return Edited(reviews.reject_listing(addon, policies, comments or None, clock.now()))
        action = "rejected-listing-approved" if reviews.is_rejected(addon) else "listing-approved"
        return Edited(reviews.approve_listing(addon, clock.now()))

    async def work(change: Change) -> AddonDoc:
        addon = await change.edit_addon(addon_id, edit)
        await posting.add_note(change, Draft(action, comments, policies), addon, None, user)
        return addon

    return await posting.changes.run(work)


async def request_listing_review(changes: Changes, addon_id: int, user: UserDoc, sent: Sent) -> AddonDoc:
    """Ask for a new review after a rejection; repeating it changes nothing (contract/activity.md 2).

    Raises Invalid, also if the listing is not rejected.
    """
    reviews.check_request(sent)

    def edit(addon: AddonDoc) -> Edited[AddonDoc]:
        if not reviews.is_rejected(addon):
            raise field_fault("has_requested_review", "review_not_rejected")
        requested = reviews.request_listing_review(_judgeable(addon), clock.now())
        if requested["content_review"]["state"] == addon["content_review"]["state"]:
            return Edited(addon)
        # contract/activity.md 2 leaves the kind open. The note is about the listing, so it has no version.
        return Edited(requested, [record("review-requested", addon, user["_id"])])

    return await changes.edit_addon(addon_id, edit)


def _judgeable(addon: AddonDoc) -> AddonDoc:
    """The add-on with the state of a rejection, which loaded add-ons may lack."""
    review: Any = addon["content_review"]
    if review["state"] in (reviews.FAIL, reviews.REQUESTED):
        return addon
    return addon | {"content_review": review | {"state": reviews.FAIL}}


def review_state(addon: AddonDoc) -> dict[str, Any]:
    """The listing content review as its authors see it."""
    review = addon["content_review"]
    rejected = reviews.is_rejected(addon)
    requested = rejected and review["state"] == reviews.REQUESTED
    return {
        "is_rejected": rejected,
        "can_request_review": rejected and not requested,
        "has_requested_review": requested,
        "policies": review["policies"] if rejected else [],
        "comments": (hide_addresses(review["comments"] or "") or None) if rejected else None,
    }
