"""Operations of reviewers and scanners, and the schemas that only they use."""

from typing import Final

from conf.actions import ACTIONS
from conf.gates import enabled
from conf.model.reviewers import LABELS, SCANNERS
from conf.vocabulary import CHANNELS
from handlers.api_description.operations import Operation, Operations, Parameter
from handlers.api_description.parameters import PAGES
from handlers.api_description.schemas import (
    BOOLEAN,
    OBJECT,
    STRING,
    Schema,
    array,
    choice,
    keys,
    nullable,
    page_schema,
    record,
)
from server.rules.fields import object_schema
from server.rules.review.draft_comments import FIELDS as DRAFT_FIELDS
from server.rules.review.reviewer_flags import FLAGS, INFO_REQUEST

_ADDON: Final = "reviewers/addon/{addon}/"
_VERSIONS: Final = f"{_ADDON}versions/"
_DRAFTS: Final = f"{_VERSIONS}{{version}}/draft_comments/"
_DONE: Final = (202,)
_BROWSING: Final = (
    Parameter("file", STRING, "The file to show; without it the manifest."),
    Parameter("file_only", BOOLEAN, "Only `id` and `file`."),
)
_BROWSED: Final = "BrowsedVersion"
_DUE: Final = record("due_date: date?")
_ROW: Final = keys("id: integer, channel, version", channel=choice(CHANNELS))


def objects(version: str) -> dict[str, Schema]:
    """The schemas of answers and bodies of one API version, by name."""
    flags = {name: reader for name, reader in FLAGS.items() if name != INFO_REQUEST or enabled(version, name)}
    sent = object_schema(flags)
    return {
        "ReviewerFlags": record(sent["properties"]),
        "ReviewerFlagsChange": sent,
        "CannedResponse": record("id: integer, title, response, category"),
        "DraftComment": record(
            "id: integer, version_id: integer, user, comment, filename: string?, lineno: integer?,"
            "canned_response: CannedResponse?",
            user=record("id: integer, name, username, url"),
        ),
        "DraftCommentChange": object_schema(DRAFT_FIELDS),
        "VersionToReview": record(_ROW),
        "BrowsedVersion": _browsed(),
        "DueVersion": record("version: integer"),
        "DueDate": record("version: integer, due_date: date"),
        **_scanner_objects(),
        **_notes(version),
    }


def _notes(version: str) -> dict[str, Schema]:
    nulls = enabled(version, "note_user_nulls")
    return {
        "ReviewNote": record(
            "id: integer, action, action_label, comments: string?, user, date: date, highlight: boolean,"
            "attachment_url: string?, attachment_size: string?, policies: [string]",
            action=choice(ACTIONS),
            user=record("id: null, name, url: null, username: null" if nulls else "name"),
        ),
        "ListingContentReview": record(
            "is_rejected: boolean, can_request_review: boolean, has_requested_review: boolean,"
            "policies: [string], comments: string?"
        ),
    }


def _browsed() -> Schema:
    more = keys(
        "reviewed: date?, addon, validation_url, validation_url_json, has_been_validated: boolean, file,"
        "file_entries: object",
        addon=record("id: integer, name: Text, icon_url, slug: string?"),
        file={"type": ["object", "null"]},
    )
    return record({**_ROW, **more}, optional={*_ROW, *more} - {"id", "file"})


def _scanner_objects() -> dict[str, Schema]:
    results = array(OBJECT)
    return {
        "ScannerResult": record(
            "id: integer, scanner, label, results, created: date, model_version: string?",
            scanner=choice(SCANNERS),
            label=nullable(choice(LABELS)),
            results={},
        ),
        "NewScannerResult": record("version_id: integer, results", results=results),
        "ScannerResultChange": record("results", results=results),
    }


def _subscriptions() -> Operations:
    return {
        f"{_ADDON}{action}{channel}/": {"POST": Operation(f"{text} submissions of an add-on", statuses=_DONE)}
        for action, text in (("subscribe", "Subscribe to"), ("unsubscribe", "Unsubscribe from"))
        for channel in ("", "_listed", "_unlisted")
    }


OPERATIONS: Final[Operations] = {
    f"{_ADDON}flags/": {
        "PATCH": Operation("Change reviewer flags", "ReviewerFlags", body="ReviewerFlagsChange")
    },
    f"{_ADDON}enable/": {"POST": Operation("Enable an add-on", statuses=_DONE)},
    f"{_ADDON}disable/": {"POST": Operation("Disable an add-on", statuses=_DONE)},
    f"{_ADDON}allow_resubmission/": {
        "POST": Operation("Allow the guid of a deleted add-on to be submitted again", statuses=_DONE)
    },
    f"{_ADDON}deny_resubmission/": {"POST": Operation("Deny resubmission of the guid", statuses=_DONE)},
    f"{_ADDON}due_date/": {"POST": Operation("Set the due date of a review", body="DueDate", statuses=_DONE)},
    f"{_ADDON}set_needs_human_review/": {
        "POST": Operation("Require human review of versions", _DUE, body="DueVersion", statuses=_DONE)
    },
    f"{_ADDON}clear_pending_rejections/": {"POST": Operation("Clear pending rejections", statuses=_DONE)},
    **_subscriptions(),
    _DRAFTS: {
        "GET": Operation("The caller's draft comments", page_schema("DraftComment"), PAGES),
        "POST": Operation("Add a draft comment", "DraftComment", body="DraftCommentChange"),
    },
    f"{_DRAFTS}{{draft}}/": {
        "GET": Operation("A draft", "DraftComment"),
        "PATCH": Operation("Edit a draft", "DraftComment", body="DraftCommentChange"),
        "DELETE": Operation("Delete a draft"),
    },
    "reviewers/canned-responses/": {"GET": Operation("Canned responses", "[CannedResponse]")},
    _VERSIONS: {"GET": Operation("Versions that can be browsed", "[VersionToReview]")},
    f"{_VERSIONS}{{version}}/": {
        "GET": Operation("Browse the files of a version", _BROWSED, _BROWSING, errors=(422,))
    },
    f"{_VERSIONS}{{base}}/compare_to/{{version}}/": {
        "GET": Operation("Compare two versions", _BROWSED, _BROWSING, errors=(422,))
    },
    "reviewers/browse/{version}/": {
        "GET": Operation("Browse the files of a version", _BROWSED, _BROWSING, errors=(422,))
    },
    "reviewers/compare/{base}/{version}/": {
        "GET": Operation("Compare two versions", _BROWSED, _BROWSING, errors=(422,))
    },
    f"{_ADDON}file/{{file}}/validation/": {
        "GET": Operation("Validation results of a file", record("validation: Validation"))
    },
    "scanner/results/": {
        "GET": Operation(
            "Scanner results",
            page_schema("ScannerResult"),
            (Parameter("label", choice(LABELS)), Parameter("scanner", choice(SCANNERS)), *PAGES),
        ),
        "POST": Operation("Add scanner results", record("id: integer"), body="NewScannerResult"),
    },
    "scanner/results/{result}/": {"PATCH": Operation("Update scanner results", body="ScannerResultChange")},
}
