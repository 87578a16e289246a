"""Reviewers' decisions about versions and listings, and authors' requests for them.

Rules: contract/activity.md 1.7, 2.

    note = await review(posting, addon["_id"], version["id"], user, sent, attachment)
    addon = await judge_listing(posting, addon["_id"], user, sent)
    addon = await request_listing_review(posting.changes, addon["_id"], user, sent)

Each is one transaction with its note. Event loop only.
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
from server.rules.versions import version_of
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
    """Apply the decision of a body to a version. Raises Invalid, also where its state does not allow it."""
    judgement = reviews.read_judgement(sent, reviews.DECISIONS)
    if attachment is not None:
        reviews.check_attachment(len(attachment.content))
    chosen = reviews.DECISIONS[judgement.decision]
    draft = Draft(chosen.action, judgement.comments, judgement.policies, attachment)

    def edit(addon: AddonDoc) -> Edited[AddonDoc]:
        if chosen.ends:
            check_decider(user, addon)
        if not chosen.allowed(version_of(addon, version_id)):
            raise field_fault("decision", chosen.fault)
        return Edited(chosen.apply(addon, version_id, clock.now()) if chosen.apply else addon)

    async def work(change: Change) -> NoteDoc:
        addon = await change.edit_addon(addon_id, edit)
        if chosen.ends:
            await end_review(change, version_id, approved=chosen.action == "approved")
        version = version_of(addon, version_id)
        return await posting.put(change, draft, addon, version, user, with_mail=chosen.with_mail)

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
        await posting.put(change, Draft(action, comments, policies), addon, None, user)
        return addon

    return await posting.changes.run(work)


async def request_listing_review(changes: Changes, addon_id: int, user: UserDoc, sent: Sent) -> AddonDoc:
    """Ask for a new review after a rejection; repeating it changes nothing (contract/activity.md 2).

    Raises Invalid, also where the listing is not rejected.
    """
    reviews.check_request(sent)

    def edit(addon: AddonDoc) -> Edited[AddonDoc]:
        if not reviews.is_rejected(addon):
            raise field_fault("has_requested_review", "review_not_rejected")
        requested = reviews.request_listing_review(_judgeable(addon), clock.now())
        if requested["content_review"]["state"] == addon["content_review"]["state"]:
            return Edited(addon)
        # The kind is open (contract/activity.md 2). No version, because the note is about the listing.
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
