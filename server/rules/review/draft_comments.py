"""Bodies of draft comments (contract/reviewers.md 6). Pure; any thread. Raises Invalid."""

from collections.abc import Mapping
from typing import Any, Final

from conf.limits import MAX_FILE_NAME, MAX_NOTE
from conf.model.reviewers import DraftCommentDoc
from server.rules.faults import field_fault
from server.rules.fields import FieldReader, integer, nullable, read_fields, string

FIELDS: Final[dict[str, FieldReader]] = {
    "comment": string(MAX_NOTE, blank=True),
    "filename": nullable(string(MAX_FILE_NAME, blank=True)),
    "lineno": nullable(integer(0)),
    "canned_response": nullable(integer(1)),
}


def read_draft(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The sent values; an empty file name becomes null."""
    values = read_fields(FIELDS, sent)
    if values.get("filename") == "":
        values["filename"] = None
    return values


def check_draft(draft: DraftCommentDoc) -> None:
    """Raises Invalid for fields that do not fit together."""
    if draft["comment"] and draft["canned_response"] is not None:
        raise field_fault("comment", "draft_comment_and_canned")
    if not draft["comment"] and draft["canned_response"] is None:
        raise field_fault("comment", "draft_empty")
    if draft["lineno"] is not None and not draft["filename"]:
        raise field_fault("comment", "draft_line_without_file")
