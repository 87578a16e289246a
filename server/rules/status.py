"""The status of an add-on, as it follows from its versions (contract/writes.md 3.3, 4.1, 5).

Pure functions; they change no document. Any thread.

Statuses that only people set do not change: deleted, disabled (by Mozilla), rejected.
Old kinds of approved or waiting statuses remain while they are true.
"""

from typing import Final

from conf.model.addons import AddonDoc, VersionDoc
from index import facts
from index.shapes.translated_fields import has_text
from server.rules.review.reviewer_flags import is_held

_FIXED: Final = frozenset({"deleted", "disabled", "rejected"})
_APPROVED: Final = frozenset({"public", "lite", "lite-nominated"})
_AWAITING: Final = frozenset({"nominated", "unreviewed", "pending", "review-pending"})
# The fields that a listing needs, in the order of their faults.
METADATA: Final = ("categories", "name", "summary")


def missing_metadata(addon: AddonDoc) -> list[str]:
    """The fields that a listed add-on still lacks."""
    present = {
        "categories": any(addon["categories"].values()),
        "name": has_text(addon["name"]),
        "summary": has_text(addon["summary"]),
    }
    return [field for field in METADATA if not present[field]]


def computed_status(addon: AddonDoc) -> str:
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


def status_after_edit(addon: AddonDoc) -> str:
    """The status after a change of metadata, which affects an incomplete add-on only."""
    return computed_status(addon) if addon["status"] == "incomplete" else addon["status"]


def is_awaiting(version: VersionDoc) -> bool:
    """Whether it awaits review."""
    return not version["is_disabled"] and any(file["status"] == "unreviewed" for file in version["files"])


def has_files_in_use(version: VersionDoc) -> bool:
    """Whether at least one of its files is not disabled."""
    return any(file["status"] != "disabled" for file in version["files"])


def begins_awaiting(addon: AddonDoc, channel: str, now: str) -> bool:
    """Whether a new version awaits review: listed ones do, unlisted ones if flags hold them back."""
    return channel == "listed" or is_held(addon, channel, now)


def withdrawn(version: VersionDoc) -> VersionDoc:
    """The version after its add-on was disabled: withdrawn if it awaits review."""
    is_withdrawn = facts.is_listed(version) and is_awaiting(version) and not facts.is_approved(version)
    return version | {"is_disabled": True} if is_withdrawn else version


def is_rejected(addon: AddonDoc) -> bool:
    """Whether reviewers rejected its listing."""
    return addon["status"] == "rejected"


def has_live_listed(addon: AddonDoc) -> bool:
    """Whether it has listed versions that are not deleted, and so needs a complete listing."""
    return any(facts.is_listed(version) for version in addon["versions"])
