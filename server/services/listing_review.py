"""The listing content review as its authors see it (contract/activity.md 2). Pure; any thread."""

from typing import Any

from conf.model.addons import AddonDoc
from server.mail.reply_tokens import hide_addresses
from server.rules.reviews import REQUESTED
from server.rules.status import is_rejected


def review_state(addon: AddonDoc) -> dict[str, Any]:
    review = addon["content_review"]
    rejected = is_rejected(addon)
    requested = rejected and review["state"] == REQUESTED
    return {
        "is_rejected": rejected,
        "can_request_review": rejected and not requested,
        "has_requested_review": requested,
        "policies": review["policies"] if rejected else [],
        "comments": (hide_addresses(review["comments"] or "") or None) if rejected else None,
    }
