"""What is said of reviewers' tools and of scanners, with the objects that they alone have."""

from typing import Final

from conf.actions import ACTIONS
from conf.gates import enabled
from conf.model.reviewers import LABELS, SCANNERS
from conf.vocabulary import CHANNELS
from handlers.api_description.operations import Operation, Operations, Parameter
from handlers.api_description.parameters import PAGES
from handlers.api_description.schemas import (
    BOOLEAN,
    DATE_TIME,
    INTEGER,
    STRING,
    Schema,
    array,
    choice,
    fields,
    nullable,
    page_of,
    record,
    ref,
)
from server.rules.fields import object_taken
from server.rules.review.draft_comments import FIELDS as DRAFT_FIELDS
from server.rules.review.reviewer_flags import FLAGS, INFO_REQUEST

_ADDON: Final = "reviewers/addon/{addon}/"
_VERSIONS: Final = f"{_ADDON}versions/"
_DRAFTS: Final = f"{_VERSIONS}{{version}}/draft_comments/"
_DRAFT: Final = ref("DraftComment")
_DONE: Final = (202,)
_BROWSING: Final = (
    Parameter("file", STRING, "The file to show; without it the manifest."),
    Parameter("file_only", BOOLEAN, "The file, and little beside it."),
)
_BROWSED: Final = ref("BrowsedVersion")
_DUE: Final = record({"due_date": nullable(DATE_TIME)})
_ROW: Final[dict[str, Schema]] = {"id": INTEGER, "channel": choice(CHANNELS), "version": STRING}


def objects(version: str) -> dict[str, Schema]:
    """Answers and bodies of one API version."""
    flags = {name: reader for name, reader in FLAGS.items() if name != INFO_REQUEST or enabled(version, name)}
    sent = object_taken(flags)
    canned = record({"id": INTEGER, "title": STRING, "response": STRING, "category": STRING})
    user = record({"id": INTEGER, "name": STRING, "username": STRING, "url": STRING})
    return {
        "ReviewerFlags": record(sent["properties"]),
        "ReviewerFlagsChange": sent,
        "CannedResponse": canned,
        "DraftComment": record(
            {
                "id": INTEGER,
                "version_id": INTEGER,
                "user": user,
                "comment": STRING,
                "filename": nullable(STRING),
                "lineno": nullable(INTEGER),
                "canned_response": nullable(ref("CannedResponse")),
            }
        ),
        "DraftCommentChange": object_taken(DRAFT_FIELDS),
        "VersionToReview": record(_ROW),
        "BrowsedVersion": _browsed(),
        "DueVersion": fields({"version": INTEGER}, ("version",)),
        "DueDate": fields({"version": INTEGER, "due_date": DATE_TIME}, ("version", "due_date")),
        **_scanner_objects(),
        **_notes(version),
    }


def _notes(version: str) -> dict[str, Schema]:
    user: dict[str, Schema] = {"name": STRING}
    if enabled(version, "note_user_nulls"):
        user = {"id": {"type": "null"}, "name": STRING, "url": {"type": "null"}, "username": {"type": "null"}}
    return {
        "ReviewNote": record(
            {
                "id": INTEGER,
                "action": choice(ACTIONS),
                "action_label": STRING,
                "comments": nullable(STRING),
                "user": record(user),
                "date": DATE_TIME,
                "highlight": BOOLEAN,
                "attachment_url": nullable(STRING),
                "attachment_size": nullable(STRING),
                "policies": array(STRING),
            }
        ),
        "ListingContentReview": record(
            {
                "is_rejected": BOOLEAN,
                "can_request_review": BOOLEAN,
                "has_requested_review": BOOLEAN,
                "policies": array(STRING),
                "comments": nullable(STRING),
            }
        ),
    }


def _browsed() -> Schema:
    about = record({"id": INTEGER, "name": ref("Text"), "icon_url": STRING, "slug": nullable(STRING)})
    shown = {
        **_ROW,
        "reviewed": nullable(DATE_TIME),
        "addon": about,
        "validation_url": STRING,
        "validation_url_json": STRING,
        "has_been_validated": BOOLEAN,
        "file": {"type": ["object", "null"]},
        "file_entries": {"type": "object"},
    }
    return record(shown, optional=set(shown) - {"id", "file"})


def _scanner_objects() -> dict[str, Schema]:
    results: Schema = {"type": "array", "items": {"type": "object"}}
    return {
        "ScannerResult": record(
            {
                "id": INTEGER,
                "scanner": choice(SCANNERS),
                "label": nullable(choice(LABELS)),
                "results": {},
                "created": DATE_TIME,
                "model_version": nullable(STRING),
            }
        ),
        "NewScannerResult": fields({"version_id": INTEGER, "results": results}, ("version_id", "results")),
        "ScannerResultChange": fields({"results": results}, ("results",)),
    }


def _subscriptions() -> Operations:
    return {
        f"{_ADDON}{action}{channel}/": {"POST": Operation(f"{text} of its submissions", statuses=_DONE)}
        for action, text in (("subscribe", "Get mail"), ("unsubscribe", "No more mail"))
        for channel in ("", "_listed", "_unlisted")
    }


OPERATIONS: Final[Operations] = {
    f"{_ADDON}flags/": {
        "PATCH": Operation("Change what holds it", ref("ReviewerFlags"), body=ref("ReviewerFlagsChange"))
    },
    f"{_ADDON}enable/": {"POST": Operation("Enable an add-on", statuses=_DONE)},
    f"{_ADDON}disable/": {"POST": Operation("Disable an add-on", statuses=_DONE)},
    f"{_ADDON}allow_resubmission/": {"POST": Operation("Let its guid be used again", statuses=_DONE)},
    f"{_ADDON}deny_resubmission/": {"POST": Operation("Let it be used no more", statuses=_DONE)},
    f"{_ADDON}due_date/": {
        "POST": Operation("Say when a review is due", body=ref("DueDate"), statuses=_DONE)
    },
    f"{_ADDON}set_needs_human_review/": {
        "POST": Operation("Have a person look at a version", _DUE, body=ref("DueVersion"), statuses=_DONE)
    },
    f"{_ADDON}clear_pending_rejections/": {"POST": Operation("Clear pending rejections", statuses=_DONE)},
    **_subscriptions(),
    _DRAFTS: {
        "GET": Operation("One's drafts", page_of(_DRAFT), PAGES),
        "POST": Operation("Write a draft", _DRAFT, body=ref("DraftCommentChange"), statuses=(201,)),
    },
    f"{_DRAFTS}{{draft}}/": {
        "GET": Operation("A draft", _DRAFT),
        "PATCH": Operation("Edit a draft", _DRAFT, body=ref("DraftCommentChange")),
        "DELETE": Operation("Delete a draft", statuses=(204,)),
    },
    "reviewers/canned-responses/": {
        "GET": Operation("Texts that are used often", array(ref("CannedResponse")))
    },
    _VERSIONS: {"GET": Operation("Versions to look into", array(ref("VersionToReview")))},
    f"{_VERSIONS}{{version}}/": {"GET": Operation("Look into a version", _BROWSED, _BROWSING, errors=(422,))},
    f"{_VERSIONS}{{base}}/compare_to/{{version}}/": {
        "GET": Operation("What is new in a version", _BROWSED, _BROWSING, errors=(422,))
    },
    "reviewers/browse/{version}/": {
        "GET": Operation("Look into a version", _BROWSED, _BROWSING, errors=(422,))
    },
    "reviewers/compare/{base}/{version}/": {
        "GET": Operation("What is new in a version", _BROWSED, _BROWSING, errors=(422,))
    },
    f"{_ADDON}file/{{file}}/validation/": {
        "GET": Operation("What validation said of a file", record({"validation": ref("Validation")}))
    },
    "scanner/results/": {
        "GET": Operation(
            "Scanner results",
            page_of(ref("ScannerResult")),
            (Parameter("label", choice(LABELS)), Parameter("scanner", choice(SCANNERS)), *PAGES),
        ),
        "POST": Operation(
            "Send results", record({"id": INTEGER}), body=ref("NewScannerResult"), statuses=(201,)
        ),
    },
    "scanner/results/{result}/": {
        "PATCH": Operation("Complete results", body=ref("ScannerResultChange"), statuses=(204,))
    },
}
