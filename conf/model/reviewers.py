"""The document model of what reviewers and scanners store (contract/reviewers.md).

    {"kind": "resubmission", "_id": "tab@example.org", "denied": true, "modified": "2026-01-02T03:04:05Z"}
    {"kind": "subscription", "_id": "7:listed:3", "addon_id": 7, "channel": "listed", "user_id": 3,
     "created": "2026-01-02T03:04:05Z"}
    {"kind": "canned_response", "_id": 1, "title": "Code", "response": "It loads …", "category": "Other"}
    {"kind": "draft_comment", "_id": 1, "addon_id": 7, "version_id": 10, "user_id": 3, "comment": "Why?",
     "filename": "a.js", "lineno": 5, "canned_response": null, "created": "2026-01-02T03:04:05Z",
     "modified": "2026-01-02T03:04:05Z"}
    {"kind": "scanner_result", "_id": 1, "version_id": 10, "scanner": "customs", "user_id": 3, "label": "bad",
     "results": {"version": "1", "matchedRules": ["r"]}, "model_version": null,
     "created": "2026-01-02T03:04:05Z"}

Reviewers' flags are a part of the add-on (conf/model/addons.py).
"""

from typing import Any, Final, TypedDict

# Of scanner results; `webhook` is for accounts with none of the other names.
SCANNERS: Final = ("customs", "wat", "yara", "mad", "webhook")
GOOD: Final = "good"
BAD: Final = "bad"
LABELS: Final = (GOOD, BAD)


class ResubmissionDoc(TypedDict):
    """Collection `resubmissions`: whether the guid of a deleted add-on may be submitted again."""

    _id: str  # guid, in lower case
    denied: bool
    modified: str


class SubscriptionDoc(TypedDict):
    """Collection `subscriptions`: a reviewer who gets mail when a version of the channel is submitted."""

    _id: str  # "<add-on>:<channel>:<user>"
    addon_id: int
    channel: str
    user_id: int
    created: str


class CannedResponseDoc(TypedDict):
    """Collection `canned_responses`: a text that reviewers use often."""

    _id: int
    title: str
    response: str
    category: str


class DraftCommentDoc(TypedDict):
    """Collection `draft_comments`: a comment that a reviewer prepares; nobody else sees it."""

    _id: int
    addon_id: int
    version_id: int
    user_id: int
    comment: str  # "" if there is a canned response
    filename: str | None  # None: the whole version
    lineno: int | None  # None: the whole file
    canned_response: int | None
    created: str
    modified: str


class ScannerResultDoc(TypedDict):
    """Collection `scanner_results`: the result of a scan of a version."""

    _id: int
    version_id: int
    scanner: str  # SCANNERS
    user_id: int | None  # the service's account; no other may complete the result
    label: str | None  # LABELS; None: nobody has decided about the version
    results: dict[str, Any] | None  # None: the scan is running
    model_version: str | None
    created: str
