"""Bodies about reviews (contract/activity.md 1.7, 2), and reviewers' decisions about versions and listings,
as functions of the add-on document.

    addon = approve_version(addon, version_id, now)
    addon = reject_version(addon, version_id, now)
    addon = reject_listing(addon, policies, comments, now)
    addon = approve_listing(addon, now)
    addon = request_listing_review(addon, now)

States of listing content review: contract/activity.md 2. Pure functions: they
return new documents, change none and record nothing. Any thread.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from conf.limits import MAX_NOTE, MAX_POLICIES, MAX_POLICY
from conf.model.activity import MAX_ATTACHMENT_BYTES
from conf.model.addons import AddonDoc, VersionDoc
from server.rules.faults import field_fault
from server.rules.fields import FieldReader, choice, list_of, read_fields, string, with_schema, wrong_value
from server.rules.review.reviewer_flags import (
    after_approval,
    all_flags,
    delay_flag,
    is_held,
    super_review_requested,
    with_flags,
)
from server.rules.status import computed_status, has_files_in_use, is_awaiting, is_rejected
from server.rules.versions import get_version, with_file_status, with_version

# States of listing content review; 0 is unreviewed, 1 changed since its review.
PASS: Final = 2
FAIL: Final = 3
REQUESTED: Final = 4  # rejected, and its author asks for a new review


def approve_version(addon: AddonDoc, version_id: int, now: str, *, human: bool = True) -> AddonDoc:
    """The add-on with a version's files approved; with its first approved listed version it becomes public.

    A person's approval covers the add-on's promoted groups, and its content unless
    that was rejected. Raises KeyError for an unknown version.
    """
    version = with_file_status(get_version(addon, version_id), "public", "unreviewed")
    approved = version | {"reviewed": now, "modified": now}
    if human:
        approved |= {"human_reviewed": True}
        approved |= {"approvals": addon["promoted"]} if version["approvals"] is not None else {}
    changed = with_version(addon, approved) | {"modified": now}
    if human:
        changed = after_approval(changed, version["channel"])
    if human and addon["content_review"]["state"] not in (FAIL, REQUESTED):
        changed |= {"content_review": addon["content_review"] | {"state": PASS, "reviewed": now}}
    if version["channel"] == "listed":
        changed |= {"status": computed_status(changed), "last_updated": now}
    return changed


def self_approved(addon: AddonDoc, version_id: int, now: str) -> AddonDoc:
    """The add-on with a listed version approved by the server, unless its flags demand a person."""
    return addon if is_held(addon, "listed", now) else approve_version(addon, version_id, now, human=False)


def end_delay(addon: AddonDoc, channel: str, clean: Collection[int], now: str) -> tuple[AddonDoc, list[int]]:
    """The add-on after its delay, and the ids of `clean` versions that the end of the delay approves."""
    until = all_flags(addon)[delay_flag(channel)]
    if until is None or until > now:
        return addon, []
    changed = with_flags(addon, {delay_flag(channel): None})
    if is_held(changed, channel, now):
        return changed, []
    ids = [
        version["id"]
        for version in changed["versions"]
        if version["channel"] == channel
        and not version["deleted"]
        and version["id"] in clean
        and is_awaiting(version)
    ]
    for version_id in ids:
        changed = approve_version(changed, version_id, now, human=False)
    return changed, ids


def reject_version(addon: AddonDoc, version_id: int, now: str) -> AddonDoc:
    """The add-on with a version's files disabled, approved ones too, and the status that follows."""
    version = with_file_status(get_version(addon, version_id), "disabled")
    rejected = version | {"reviewed": now, "human_reviewed": True, "modified": now}
    changed = with_version(addon, rejected) | {"modified": now}
    return changed | {"status": computed_status(changed)} if version["channel"] == "listed" else changed


def reject_listing(addon: AddonDoc, policies: Sequence[str], comments: str | None, now: str) -> AddonDoc:
    """The add-on with its listing rejected; disabled and deleted ones keep their status."""
    review = addon["content_review"] | {
        "state": FAIL,
        "policies": list(policies),
        "comments": comments,
        "reviewed": None,
    }
    status = addon["status"] if addon["status"] in ("disabled", "deleted") else "rejected"
    return addon | {"content_review": review, "status": status, "modified": now}


def approve_listing(addon: AddonDoc, now: str) -> AddonDoc:
    """The add-on with its content accepted; the status of a rejected one follows from its versions."""
    review = addon["content_review"] | {"state": PASS, "policies": [], "comments": None, "reviewed": now}
    changed = addon | {"content_review": review, "modified": now}
    if is_rejected(addon):
        changed |= {"status": "incomplete"}
        changed |= {"status": computed_status(changed)}
    return changed


def request_listing_review(addon: AddonDoc, now: str) -> AddonDoc:
    """The add-on with a review requested, once after each rejection; else the same object."""
    if not is_rejected(addon) or addon["content_review"]["state"] != FAIL:
        return addon
    return addon | {"content_review": addon["content_review"] | {"state": REQUESTED}, "modified": now}


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision about a version; `allowed` checks the version's state."""

    action: str
    allowed: Callable[[VersionDoc], bool]
    fault: str = ""  # message key if it is not allowed
    apply: Callable[[AddonDoc, int, str], AddonDoc] | None = None
    ends: bool = False  # whether the version leaves the review queue
    with_mail: bool = True  # whether the authors get mail


DECISIONS: Final[dict[str, Decision]] = {
    "approve": Decision("approved", is_awaiting, "version_not_awaiting", approve_version, ends=True),
    "reject": Decision("rejected", has_files_in_use, "version_file_disabled", reject_version, ends=True),
    "request-information": Decision("more-information-requested", lambda version: True),
    "request-super-review": Decision(
        "super-review-requested",
        lambda version: True,
        apply=lambda addon, version_id, now: super_review_requested(addon),
        with_mail=False,
    ),
}
LISTING_DECISIONS: Final = ("reject", "approve")


class Judgement(NamedTuple):
    decision: str
    comments: str
    policies: list[str]


REPLY: Final = {"comments": string(MAX_NOTE)}


def read_reply(sent: Mapping[str, Any]) -> str:
    """The comments. Raises Invalid."""
    comments: str = read_fields(REPLY, sent, required=("comments",))["comments"]
    return comments


def read_judgement(sent: Mapping[str, Any], decisions: Collection[str]) -> Judgement:
    """A reviewer's decision and its comments. Raises Invalid."""
    values = read_fields(judgement_fields(decisions), sent, required=("decision",))
    return Judgement(values["decision"], values.get("comments", ""), values.get("policies", []))


def judgement_fields(decisions: Collection[str]) -> dict[str, FieldReader]:
    return {
        "decision": choice(decisions),
        "comments": string(MAX_NOTE, blank=True),
        "policies": list_of(string(MAX_POLICY), MAX_POLICIES),
    }


def check_request(sent: Mapping[str, Any]) -> None:
    """Raises Invalid unless `has_requested_review` is JSON's `true`: contract/activity.md 2 leaves text and
    numbers open, and a browser may send them by mistake.
    """
    read_fields(REQUEST, sent, required=REQUEST)


@with_schema(type="boolean", const=True)
def _true(value: Any) -> bool:
    if value is None:
        raise wrong_value("null")
    if not isinstance(value, bool):
        raise wrong_value("not_a_boolean")
    if not value:
        raise wrong_value("not_a_choice", value="false")
    return value


REQUEST: Final[dict[str, FieldReader]] = {"has_requested_review": _true}


def check_attachment(size: int) -> None:
    """Raises Invalid for a file that is too large for a note."""
    if size > MAX_ATTACHMENT_BYTES:
        raise field_fault("attachment", "body_too_large", limit=MAX_ATTACHMENT_BYTES)
