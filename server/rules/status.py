"""What an add-on's versions make of its status (contract/writes.md 3.3, 4.1, 5).

Pure functions; they change nothing given to them. Any thread.

Statuses that only people give are left as they are: deleted, disabled (by
Mozilla), rejected. Statuses of earlier years stay while they still hold.
"""

from typing import Final

from conf.model.addons import AddonDoc, VersionDoc
from index import facts
from index.shapes.translated_fields import has_text
from server.rules.review.reviewer_flags import is_held

_FIXED: Final = frozenset({"deleted", "disabled", "rejected"})
_APPROVED: Final = frozenset({"public", "lite", "lite-nominated"})
_AWAITING: Final = frozenset({"nominated", "unreviewed", "pending", "review-pending"})
# What a listing needs, in the order in which what is missing is told.
METADATA: Final = ("categories", "name", "summary")


def missing_metadata(addon: AddonDoc) -> list[str]:
    """What a listed add-on still needs."""
    present = {
        "categories": any(addon["categories"].values()),
        "name": has_text(addon["name"]),
        "summary": has_text(addon["summary"]),
    }
    return [field for field in METADATA if not present[field]]


def recomputed(addon: AddonDoc) -> str:
    """The status that follows from the versions."""
    status = addon["status"]
    if status in _FIXED:
        return status
    listed = [version for version in addon["versions"] if facts.is_listed(version)]
    if any(facts.is_approved(version) for version in listed):
        return status if status in _APPROVED else "public"
    if any(is_awaiting(version) for version in listed) and not missing_metadata(addon):
        return status if status in _AWAITING else "nominated"
    return "incomplete"


def raised(addon: AddonDoc) -> str:
    """As `recomputed`, where only metadata was added: nothing but an incomplete listing changes."""
    return recomputed(addon) if addon["status"] == "incomplete" else addon["status"]


def is_awaiting(version: VersionDoc) -> bool:
    """Whether it waits for its review."""
    return not version["is_disabled"] and any(file["status"] == "unreviewed" for file in version["files"])


def begins_awaiting(addon: AddonDoc, channel: str, now: str) -> bool:
    """Whether a version that is new now waits for its review: listed ones do, unlisted ones if held back."""
    return channel == "listed" or is_held(addon, channel, now)


def withdrawn(version: VersionDoc) -> VersionDoc:
    """The version as it is when its add-on is disabled: nobody reviews it then."""
    waits = facts.is_listed(version) and is_awaiting(version) and not facts.is_approved(version)
    return version | {"is_disabled": True} if waits else version


def is_rejected(addon: AddonDoc) -> bool:
    """Whether reviewers rejected what its listing says."""
    return addon["status"] == "rejected"


def has_live_listed(addon: AddonDoc) -> bool:
    """Whether it has listed versions that were not deleted: then its listing must be complete."""
    return any(facts.is_listed(version) for version in addon["versions"])
